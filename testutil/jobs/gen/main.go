// SPDX-License-Identifier: Apache-2.0

// Command gen writes the inputs of the example jobs. They are committed; a test
// checks that this program still makes the same bytes.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/cupel-network/cupel/testutil/jobs/inputs"
)

func main() {
	dir := flag.String("dir", "testutil/jobs", "directory of the example jobs")
	flag.Parse()
	if err := inputs.Write(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}
