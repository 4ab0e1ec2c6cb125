// SPDX-License-Identifier: Apache-2.0

// Command cupel-worker is the daemon of a Cupel provider.
package main

import (
	"os"

	"github.com/cupel-network/cupel/cmd/cupel-worker/cmd"
	"github.com/cupel-network/cupel/worker/engine/groth16"
	"github.com/cupel-network/cupel/worker/engine/wasm"
)

func main() {
	// In a child of an engine these do the work and exit.
	wasm.ChildMain()
	groth16.ChildMain()
	os.Exit(cmd.Execute())
}
