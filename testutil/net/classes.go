// SPDX-License-Identifier: Apache-2.0

package net

// ContainerClass is the class of containers that are paid by the CPU-second.
const ContainerClass = "container/v1-amd64"

// ContainerClasses is the edit that makes a chain know ContainerClass, as
// governance does on a chain that runs.
func ContainerClasses() Edit {
	return Edit{"app_state.registry.classes", []any{
		map[string]any{"id": 1, "name": Class, "unit": "UNIT_FUEL", "sound": true},
		map[string]any{"id": 2, "name": ContainerClass, "unit": "UNIT_SECOND", "sound": false},
	}}
}
