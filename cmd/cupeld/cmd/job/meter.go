// SPDX-License-Identifier: Apache-2.0

package job

import "strings"

// meter is how the work of a class is named to people.
type meter struct {
	// units are what is counted, per is what a price is for, scale follows a
	// number of units in a formula, whole says that all units are paid.
	units, per, scale, whole string
}

// meterOf returns the meter of a class by its name.
func meterOf(class string) meter {
	processor := "CPU"
	if strings.HasSuffix(class, "-cuda") {
		processor = "GPU"
	}
	if strings.HasPrefix(class, "container/") {
		return meter{processor + "-seconds", processor + "-second", "", "all its time is paid"}
	}
	return meter{"fuel", "10^9 fuel", " / 10^9", "all fuel is used"}
}
