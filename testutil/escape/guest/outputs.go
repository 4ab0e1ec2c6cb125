// SPDX-License-Identifier: Apache-2.0

//go:build wasip1

package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// outputs are attempts by way of what the worker packs.
func outputs() map[string]func() verdict {
	return map[string]func() verdict{
		"odd-names": oddNames, "deep-tree": deepTree, "sparse-tmp": sparseTmp, "fill-tmp": fillTmp, "many-files": manyFiles,
		"unlinked-file": unlinkedFile, "long-rename": longRename,
	}
}

// oddNames makes names that would lead an unpacker elsewhere.
func oddNames() verdict {
	var all []verdict
	for _, name := range []string{"..", ".", "../x", "a/../../x", `..\..\x`, "a\x00b", "\xff", strings.Repeat("n", 101), "/etc/x", "a//../../x", ""} {
		_, errno := open(root, "out/"+name, create|exclusive, allRights)
		all = append(all, no(fmt.Sprintf("create %.20q", name), errno))
		p, n := put(&pathA, "out/"+name)
		all = append(all, no(fmt.Sprintf("mkdir %.20q", name), pathCreateDirectory(root, p, n)))
	}
	return first(all...)
}

// deepTree nests directories until it may not.
func deepTree() verdict {
	dir, errno := open(root, "out", directory, allRights)
	for depth := 0; errno == 0 && depth < 100_000; depth++ {
		p, n := put(&pathA, "d")
		if errno = pathCreateDirectory(dir, p, n); errno != 0 {
			return contained("after %d levels: error %d", depth, errno)
		}
		next, e := open(dir, "d", directory, allRights)
		_ = fdClose(dir)
		dir, errno = next, e
	}
	return escaped("no level is too deep, error %d", errno)
}

// sparseTmp makes a file in /tmp that is larger than all disks.
func sparseTmp() verdict {
	f, err := os.Create("/tmp/sparse")
	if err != nil {
		return contained("create: %v", err)
	}
	all := []verdict{refused("truncate", f.Truncate(1<<50))}
	if _, err := f.Seek(1<<60, 0); err == nil {
		_, err = f.Write([]byte("x"))
		all = append(all, refused("write far out", err))
	}
	return first(all...)
}

func fillTmp() verdict {
	f, err := os.Create("/tmp/fill")
	if err != nil {
		return contained("create: %v", err)
	}
	for n := range 1 << 10 {
		if _, err := f.Write(make([]byte, 1<<20)); err != nil {
			return contained("after %d MiB: %v", n, err)
		}
	}
	return escaped("a GiB fits")
}

// manyFiles uses up the names there are.
func manyFiles() verdict {
	for n := range 1_000_000 {
		f, err := os.Create("/tmp/" + strconv.Itoa(n))
		if err != nil {
			return contained("after %d files: %v", n, err)
		}
		if err := f.Close(); err != nil {
			return contained("close: %v", err)
		}
	}
	return escaped("a million files")
}

// unlinkedFile hides bytes from the quota in files without a name.
func unlinkedFile() verdict {
	for n := range 1000 {
		path := "/tmp/hidden" + strconv.Itoa(n)
		f, err := os.Create(path)
		if err == nil {
			_, err = f.Write(make([]byte, 1<<20))
		}
		if err != nil {
			return contained("after %d MiB without a name: %v", n, err)
		}
		if err := os.Remove(path); err != nil {
			return contained("remove: %v", err)
		}
	}
	return escaped("a GB without a name")
}

// longRename moves a directory so that what is below it has no valid name.
func longRename() verdict {
	long := strings.Repeat("n", 90)
	if err := errors.Join(os.MkdirAll("/out/d/"+long, 0o755), os.Mkdir("/out/"+long, 0o755), os.WriteFile("/out/d/"+long+"/"+long, nil, 0o644)); err != nil {
		return contained("prepare: %v", err)
	}
	return refused("rename", os.Rename("/out/d", "/out/"+long+"/d"))
}

// words go beyond a limit, or do what the worker must bear.
func words() map[string]func([]string) error {
	return map[string]func([]string) error{
		"hello": hello, "env": env, "loop": loop, "recurse": func([]string) error { fmt.Println(recurse(1)); return nil },
		"memory": memory, "flood": flood, "fill": fill, "files": files10k, "sparse": sparse, "exit": exit, "calls": calls, "names": names,
	}
}

func hello(args []string) error {
	fmt.Println("hello", strings.Join(args, " "))
	return nil
}

func env([]string) error {
	fmt.Println(strings.Join(os.Environ(), "\n"))
	return nil
}

func loop([]string) error {
	for i := 0; ; i++ {
		if i == -1 {
			return nil
		}
	}
}

func recurse(n int) int {
	if n == 0 {
		return 0
	}
	return recurse(n+1) + 1
}

func memory([]string) error {
	var all [][]byte
	for {
		all = append(all, make([]byte, 1<<20))
	}
}

// flood writes 10 GB to a stream.
func flood(args []string) error {
	to := os.Stdout
	if args[0] == "stderr" {
		to = os.Stderr
	}
	block := []byte(strings.Repeat("flood of text\n", 5000))
	for i := 0; i < 10<<30; i += len(block) {
		if _, err := to.Write(block); err != nil {
			return err
		}
	}
	return nil
}

func fill([]string) error {
	f, err := os.Create("/out/fill")
	for err == nil {
		_, err = f.Write(make([]byte, 1<<20))
	}
	return err
}

// files10k leaves ten thousand files to pack.
func files10k([]string) error {
	for n := range 10_000 {
		if err := os.WriteFile("/out/"+strconv.Itoa(n), nil, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// sparse makes an output that is far larger than what was written.
func sparse(args []string) error {
	f, err := os.Create("/out/sparse")
	if err != nil {
		return err
	}
	switch args[0] {
	case "seek":
		if _, err = f.Seek(1<<60, 0); err == nil {
			_, err = f.Write([]byte("x"))
		}
	case "truncate":
		err = f.Truncate(1 << 50)
	default:
		if fd, errno := open(root, "out/sparse", 0, allRights); errno != 0 || fdAllocate(fd, 0, 1<<40) != 0 {
			err = syscall.ENOSPC
		}
	}
	return err
}

func exit(args []string) error {
	code, err := strconv.ParseInt(args[0], 10, 64)
	if err == nil {
		os.Exit(int(code))
	}
	return err
}

// calls makes the dearest host calls over and over.
func calls(args []string) error {
	list := map[string]func(){
		"open":   func() { _, _ = open(root, strings.Repeat("out/../", 580)+"in/data", 0, readRight) },
		"list":   func() { _ = fdReaddir(root, out(), 4096, 0, out()) },
		"random": func() { _ = randomGet(iov(0), uint32(len(buffer))) },
		"write":  func() { _ = fdWrite(1, vectors(1024, 0), 1024, out()) },
		"poll":   func() { _ = pollOneoff(iov(0), iov(0), 1000, out()) },
		"stat":   func() { p, n := put(&pathA, "in/data"); _ = pathFilestatGet(root, 0, p, n, out()) },
	}
	for {
		list[args[0]]()
	}
}

// names renames among thousands of others, for ever.
func names([]string) error {
	for n := range 10_000 {
		f, err := os.Create("/tmp/" + strconv.Itoa(n))
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	for {
		if err := errors.Join(os.Rename("/tmp/5000", "/tmp/x"), os.Rename("/tmp/x", "/tmp/5000")); err != nil {
			return err
		}
		if _, err := os.ReadDir("/tmp"); err != nil {
			return err
		}
	}
}
