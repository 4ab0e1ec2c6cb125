// SPDX-License-Identifier: Apache-2.0

//go:build wasip1

// Command hello greets its arguments.
package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	fmt.Println("hello", strings.Join(os.Args[1:], " "))
}
