// SPDX-License-Identifier: Apache-2.0

package e2eworker

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/cupel-network/cupel/testutil/images"
	"github.com/cupel-network/cupel/testutil/net"
)

// inputBytes is the size of the input of each job, which no other job has.
const inputBytes = 64 << 10

// passes is how often the WebAssembly guest hashes its input: it works for some
// tenths of a second.
const passes = 2_000

// guestText, with passes filled in, writes the FNV-1a hash of its input, read so
// often, to stdout. It is small: each of the victims compiles it.
const guestText = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 8)
  (func (export "_start") (local $len i32) (local $at i32) (local $left i32) (local $hash i64)
    (block $end (loop $more
      (i32.store (i32.const 0) (i32.add (i32.const 1024) (local.get $len)))
      (i32.store (i32.const 4) (i32.const 65536))
      (br_if $end (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (br_if $end (i32.eqz (i32.load (i32.const 8))))
      (local.set $len (i32.add (local.get $len) (i32.load (i32.const 8))))
      (br $more)))
    (local.set $hash (i64.const 0xcbf29ce484222325))
    (local.set $left (i32.const %d))
    (loop $pass
      (local.set $at (i32.const 0))
      (loop $byte
        (local.set $hash (i64.mul (i64.const 0x100000001b3)
          (i64.xor (local.get $hash) (i64.load8_u (i32.add (i32.const 1024) (local.get $at))))))
        (br_if $byte (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (local.get $len))))
      (br_if $pass (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (i64.store (i32.const 16) (local.get $hash))
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 8))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`

// submit writes the job of a round and submits it.
func (k *kills) submit(ctx context.Context, n int) (uint64, error) {
	dir := filepath.Join(k.Dir, "jobs", fmt.Sprint(n))
	text := fmt.Sprintf("apiVersion: cupel/v1\nreplicas: %d\n", victims)
	if k.rounds[n].engine == engineContainer {
		text += fmt.Sprintf(`engine: %s
image: %s
command: [%s]
args: [sleep, '700']
inputs: [{path: data, mount: /in/data}]
resources: {cpus: 1, memory: 128MiB, scratch: 16MiB}
limits: {wall: 30s, output: 1MiB}
price: {max: 2000ucupel}
`, net.ContainerClass, k.image, images.GuestPath)
	} else {
		text += fmt.Sprintf(`engine: %s
module: {path: guest.wasm}
stdin: {path: data}
limits: {fuel: 3000000000, memory: 16MiB, wall: 60s, output: 1MiB}
price: {max: 20000ucupel}
`, net.Class)
	}
	file := filepath.Join(dir, "job.yaml")
	err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, "guest.wasm"), k.module, 0o644),
		os.WriteFile(filepath.Join(dir, "data"), input(n), 0o644), os.WriteFile(file, []byte(text), 0o644))
	if err != nil {
		return 0, err
	}
	batch, err := k.Submit(ctx, file)
	k.figures.Jobs++
	return batch, err
}

// check looks at the result of a round's job.
func (k *kills) check(n int, results string) error {
	files := map[string]string{"stdout": "slept 700\n", "out/starts": "started\n"}
	if k.rounds[n].engine == engineWASM {
		hash := fnv.New64a()
		for range passes {
			_, _ = hash.Write(input(n)) // documented never to fail
		}
		files = map[string]string{"stdout": string(binary.LittleEndian.AppendUint64(nil, hash.Sum64()))}
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(results, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		if string(got) != want {
			return fmt.Errorf("%s is %q instead of %q", name, got, want)
		}
	}
	return nil
}

// input is what the job of a round reads.
func input(n int) []byte {
	data := make([]byte, inputBytes)
	_, _ = rand.NewChaCha8([32]byte{byte(n), byte(n >> 8)}).Read(data) // documented never to fail
	return data
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
