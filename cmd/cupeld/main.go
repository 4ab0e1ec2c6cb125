// SPDX-License-Identifier: Apache-2.0

// Command cupeld is the Cupel node and its command line.
package main

import (
	"os"

	"github.com/cupel-network/cupel/app"
	"github.com/cupel-network/cupel/cmd/cupeld/cmd"
)

func main() {
	app.TuneGC()
	os.Exit(cmd.Execute())
}
