// SPDX-License-Identifier: Apache-2.0

//go:build wasip1

// The guest of the attempts to leave a WebAssembly sandbox. `guest escape NAME`
// makes one and prints a verdict, `guest WORD ARG...` goes beyond a limit.
package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	if len(os.Args) < 2 {
		fail("no word was given")
	}
	word, args := os.Args[1], os.Args[2:]
	if word == "escape" && len(args) == 1 {
		attempt(args[0])
		return
	}
	do, ok := words()[word]
	if !ok {
		fail("unknown word %q", word)
	}
	if err := do(args); err != nil {
		fail("%s: %v", word, err)
	}
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "guest: "+format+"\n", args...)
	os.Exit(64)
}

// attempt prints CONTAINED or ESCAPED, and what was met.
func attempt(name string) {
	for _, all := range []map[string]func() verdict{files(), outputs(), others(), limits()} {
		if try, ok := all[name]; ok {
			v := try()
			word := "CONTAINED"
			if v.escaped {
				word = "ESCAPED"
			}
			fmt.Println(word, strings.ReplaceAll(v.detail, "\n", " "))
			return
		}
	}
	fail("unknown attempt %q", name)
}

// verdict is what an attempt to escape came to.
type verdict struct {
	escaped bool
	detail  string
}

func contained(format string, args ...any) verdict {
	return verdict{detail: fmt.Sprintf(format, args...)}
}

func escaped(format string, args ...any) verdict {
	return verdict{escaped: true, detail: fmt.Sprintf(format, args...)}
}

// refused is contained if there is an error, which is what the attempt met.
func refused(what string, err error) verdict {
	if err == nil {
		return escaped("%s worked", what)
	}
	return contained("%s: %v", what, err)
}

// no is refused for a host call.
func no(what string, errno uint32) verdict {
	if errno == 0 {
		return escaped("%s worked", what)
	}
	return contained("%s: error %d", what, errno)
}

// first is the first verdict that is an escape, or all of them together.
func first(all ...verdict) verdict {
	var details []string
	for _, v := range all {
		if v.escaped {
			return v
		}
		details = append(details, v.detail)
	}
	text := strings.Join(details, "; ")
	return contained("%.300s", text)
}
