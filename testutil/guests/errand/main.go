// SPDX-License-Identifier: Apache-2.0

//go:build wasip1

// Command errand does one honest thing: `errand hash FILE...` prints the sha256
// of files, `errand write KIB` fills /out/big with bytes that are random, but
// the same for the same task.
package main

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"strconv"
)

func main() {
	if err := errand(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func errand(word string, args []string) error {
	if word == "hash" {
		return hash(args)
	}
	kib, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return err
	}
	out, err := os.Create("/out/big")
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(out, 64<<10)
	if _, err := io.CopyN(w, rand.Reader, kib<<10); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return out.Close()
}

func hash(paths []string) error {
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fmt.Printf("%x\n", sha256.Sum256(text))
	}
	return nil
}
