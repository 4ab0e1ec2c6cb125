// SPDX-License-Identifier: Apache-2.0

//go:build wasip1

// Command network tries to reach the network and to start a program.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
)

func main() {
	_, err := net.Dial("tcp", "169.254.169.254:80")
	fmt.Println("dial:", err)
	_, err = net.Listen("tcp", "127.0.0.1:0")
	fmt.Println("listen:", err)
	_, err = net.LookupHost("localhost")
	fmt.Println("lookup:", err)
	_, err = http.Get("http://example.org/")
	fmt.Println("get:", err)
	fmt.Println("exec:", exec.Command("/bin/true").Run())
	if err != nil {
		fmt.Fprintln(os.Stderr, "no network:", err)
		os.Exit(3)
	}
}
