// SPDX-License-Identifier: Apache-2.0

// Command cupel-relayer mirrors the sealed headers of a Cupel chain to other
// chains.
package main

import (
	"os"

	"github.com/cupel-network/cupel/cmd/cupel-relayer/cmd"
)

func main() { os.Exit(cmd.Execute()) }
