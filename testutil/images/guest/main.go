// SPDX-License-Identifier: Apache-2.0

// The guest of container tests. `guest WORD ARG...` does one thing, good or
// bad; `guest escape NAME` tries to leave the container and prints a verdict.
package main

import (
	"fmt"
	"os"
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

// attempt prints CONTAINED or ESCAPED and why. A host reads the first word.
func attempt(name string) {
	for _, group := range []map[string]func() verdict{files(), processes(), network()} {
		try, ok := group[name]
		if !ok {
			continue
		}
		v := try()
		word := "CONTAINED"
		if v.escaped {
			word = "ESCAPED"
		}
		fmt.Printf("%s %s: %s\n", word, name, v.detail)
		return
	}
	fail("unknown attempt %q", name)
}

// first returns the first escape, or all that was met.
func first(all ...verdict) verdict {
	var sum verdict
	for _, v := range all {
		if v.escaped {
			return v
		}
		if sum.detail != "" {
			sum.detail += "; "
		}
		sum.detail += v.detail
	}
	return sum
}
