// SPDX-License-Identifier: Apache-2.0

//go:build wasip1

// Command merkle builds a Merkle tree over the chunks of a file, proves one
// chunk, checks the proof and compresses the file.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
)

type hash = [32]byte

type summary struct {
	Bytes      int      `json:"bytes"`
	ChunkBytes int      `json:"chunk_bytes"`
	Leaves     int      `json:"leaves"`
	Root       string   `json:"root"`
	Index      int      `json:"index"`
	Proof      []string `json:"proof"`
	Compressed int      `json:"compressed_bytes"`
}

func main() {
	in := flag.String("file", "/in/data.bin", "file to read; - is standard input")
	chunk := flag.Int("chunk", 256, "bytes per leaf")
	index := flag.Int("prove", 0, "leaf to prove")
	flag.Parse()
	if err := run(*in, *chunk, *index); err != nil {
		fmt.Fprintln(os.Stderr, "merkle:", err)
		os.Exit(1)
	}
}

func run(in string, chunk, index int) error {
	data, err := read(in)
	if err != nil {
		return err
	}
	if chunk < 1 || len(data) == 0 {
		return fmt.Errorf("%d bytes in chunks of %d: give a file and a positive size", len(data), chunk)
	}
	levels := build(data, chunk)
	if index < 0 || index >= len(levels[0]) {
		return fmt.Errorf("leaf %d does not exist: the file has %d", index, len(levels[0]))
	}
	proof := prove(levels, index)
	root := levels[len(levels)-1][0]
	end := min((index+1)*chunk, len(data))
	if climb(leaf(data[index*chunk:end]), index, len(levels[0]), proof) != root {
		return fmt.Errorf("the proof of leaf %d does not lead to the root", index)
	}
	packed, err := compress(data)
	if err != nil {
		return err
	}
	s := summary{Bytes: len(data), ChunkBytes: chunk, Leaves: len(levels[0]), Root: hex.EncodeToString(root[:]), Index: index, Compressed: len(packed)}
	for _, h := range proof {
		s.Proof = append(s.Proof, hex.EncodeToString(h[:]))
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile("/out/data.gz", packed, 0o644); err != nil {
		return err
	}
	fmt.Printf("%d leaves, root %s, %d bytes to %d\n", s.Leaves, s.Root, s.Bytes, s.Compressed)
	return os.WriteFile("/out/tree.json", append(text, '\n'), 0o644)
}

func read(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(path)
}

// Leaves and inner nodes hash under different prefixes, so that neither can
// stand for the other.
func leaf(b []byte) hash { return sha256.Sum256(append([]byte{0}, b...)) }

func inner(a, b hash) hash {
	return sha256.Sum256(append(append([]byte{1}, a[:]...), b[:]...))
}

// build returns the levels from the leaves to the root. An odd last node moves
// up unchanged.
func build(data []byte, chunk int) [][]hash {
	var level []hash
	for i := 0; i < len(data); i += chunk {
		level = append(level, leaf(data[i:min(i+chunk, len(data))]))
	}
	levels := [][]hash{level}
	for len(level) > 1 {
		var next []hash
		for i := 0; i < len(level); i += 2 {
			if i+1 == len(level) {
				next = append(next, level[i])
			} else {
				next = append(next, inner(level[i], level[i+1]))
			}
		}
		levels = append(levels, next)
		level = next
	}
	return levels
}

func prove(levels [][]hash, index int) []hash {
	var proof []hash
	for _, level := range levels[:len(levels)-1] {
		if sibling := index ^ 1; sibling < len(level) {
			proof = append(proof, level[sibling])
		}
		index /= 2
	}
	return proof
}

func climb(h hash, index, width int, proof []hash) hash {
	for width > 1 {
		if index^1 < width {
			if index%2 == 0 {
				h = inner(h, proof[0])
			} else {
				h = inner(proof[0], h)
			}
			proof = proof[1:]
		}
		index, width = index/2, (width+1)/2
	}
	return h
}

func compress(data []byte) ([]byte, error) {
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
