// SPDX-License-Identifier: Apache-2.0

//go:build wasip1

// Command network tries to reach the network and to start a program. (The Go
// library answers datagrams inside the program on this platform, so only
// connections are tried.)
package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
)

func main() {
	failed := 0
	for _, target := range []struct{ network, address string }{
		{"tcp", "169.254.169.254:80"}, {"tcp", "127.0.0.1:26657"}, {"unix", "/var/run/docker.sock"},
	} {
		_, err := net.Dial(target.network, target.address)
		fmt.Println("dial", target.address, err)
		if err != nil {
			failed++
		}
	}
	_, err := net.LookupHost("localhost")
	fmt.Println("lookup", err)
	fmt.Println("exec", exec.Command("/bin/true").Run())
	if failed > 0 {
		fmt.Fprintln(os.Stderr, "no network")
		os.Exit(3)
	}
}
