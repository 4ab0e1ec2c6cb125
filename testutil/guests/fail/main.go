// SPDX-License-Identifier: Apache-2.0

//go:build wasip1

// Command fail misbehaves in the way its argument names.
package main

import (
	"fmt"
	"os"
)

var sink [][]byte

func main() {
	os.WriteFile("/out/before", []byte("written before the end"), 0o644)
	fmt.Println("doing", os.Args[1])
	switch os.Args[1] {
	case "loop":
		for i := 0; ; i++ {
			if i == -1 {
				fmt.Println(i)
			}
		}
	case "memory":
		for {
			sink = append(sink, make([]byte, 1<<20))
		}
	case "panic":
		panic("on purpose")
	case "exit":
		os.Exit(42)
	case "recurse":
		fmt.Println(recurse(1))
	case "stdout":
		line := make([]byte, 1<<16)
		for {
			if _, err := os.Stdout.Write(line); err != nil {
				os.Exit(1)
			}
		}
	case "files":
		for i := range 1_000_000 {
			if err := os.WriteFile(fmt.Sprintf("/tmp/%d", i), nil, 0o644); err != nil {
				fmt.Println("after", i, err)
				os.Exit(1)
			}
		}
	case "escape":
		escape()
	}
}

func recurse(n int) int {
	if n == 0 {
		return 0
	}
	return recurse(n+1) + 1
}

// escape prints what each attempt to leave the tree gives.
func escape() {
	for _, path := range []string{
		"/etc/passwd", "../etc/passwd", "/out/../../etc/passwd", "/proc/self/exe", "/dev/null", "/../../../../etc/passwd",
		"/in/../etc/passwd", "//etc//passwd", "/out/./../../../etc/passwd",
	} {
		_, err := os.ReadFile(path)
		fmt.Println("read", path, err)
	}
	fmt.Println("symlink", os.Symlink("/etc/passwd", "/out/link"))
	fmt.Println("link", os.Link("/in/text.txt", "/out/link"))
	fmt.Println("write input", os.WriteFile("/in/text.txt", nil, 0o644))
	fmt.Println("new input", os.WriteFile("/in/new", nil, 0o644))
	fmt.Println("remove input", os.Remove("/in/text.txt"))
	fmt.Println("remove out", os.RemoveAll("/out"))
	fmt.Println("chdir", os.Chdir("/.."))
	fmt.Println("root", os.WriteFile("/file", nil, 0o644))
	fmt.Println("name", os.WriteFile("/out/a\\..\\b", nil, 0o644))
	fmt.Println("rename", os.Rename("/out/before", "/in/x"))
}
