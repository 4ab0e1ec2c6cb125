// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Check computes the Merkle root of the job's input and compares it with the
// one in the result; the compressed copy must unpack to the input again.
func Check(job, result string) error {
	data, err := os.ReadFile(filepath.Join(job, "input", "data.bin"))
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(result, "out", "tree.json"))
	if err != nil {
		return err
	}
	var tree struct {
		ChunkBytes int `json:"chunk_bytes"`
		Root       string
	}
	if err := json.Unmarshal(text, &tree); err != nil {
		return err
	}
	if tree.ChunkBytes < 1 {
		return fmt.Errorf("it names chunks of %d bytes", tree.ChunkBytes)
	}
	if root := hex.EncodeToString(merkleRoot(data, tree.ChunkBytes)); root != tree.Root {
		return fmt.Errorf("the root is %s, the result says %s", root, tree.Root)
	}
	return checkCopy(data, filepath.Join(result, "out", "data.gz"))
}

func checkCopy(data []byte, path string) error {
	packed, err := os.Open(path)
	if err != nil {
		return err
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		return err
	}
	again, err := io.ReadAll(io.LimitReader(unpacked, int64(len(data))+1))
	if err != nil {
		return err
	}
	if !bytes.Equal(again, data) {
		return fmt.Errorf("%s does not unpack to the input", filepath.Base(path))
	}
	return nil
}

// merkleRoot hashes leaves under the prefix 0 and inner nodes under 1; an odd
// last node moves up unchanged.
func merkleRoot(data []byte, chunk int) []byte {
	var level [][]byte
	for i := 0; i < len(data); i += chunk {
		level = append(level, prefixed(0, data[i:min(i+chunk, len(data))]))
	}
	for len(level) > 1 {
		var next [][]byte
		for i := 0; i+1 < len(level); i += 2 {
			next = append(next, prefixed(1, level[i], level[i+1]))
		}
		if len(level)%2 == 1 {
			next = append(next, level[len(level)-1])
		}
		level = next
	}
	return level[0]
}

func prefixed(prefix byte, parts ...[]byte) []byte {
	sum := sha256.Sum256(append([]byte{prefix}, bytes.Join(parts, nil)...))
	return sum[:]
}
