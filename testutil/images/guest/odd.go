// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// odd leaves things in /out that are not plain files.
func odd(args []string) error {
	switch args[0] {
	case "link":
		return os.Symlink(os.Getenv("CANARY_FILE"), "/out/link")
	case "dirlink":
		return os.Symlink("/", "/out/dir")
	case "fifo":
		return unix.Mkfifo("/out/fifo", 0o666)
	case "socket":
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		if err != nil {
			return err
		}
		return unix.Bind(fd, &unix.SockaddrUnix{Name: "/out/socket"})
	case "sparse":
		f, err := os.Create("/out/sparse")
		if err != nil {
			return err
		}
		return f.Truncate(10 << 30)
	case "twice":
		if err := os.WriteFile("/out/one", []byte("content"), 0o000); err != nil {
			return err
		}
		return os.Link("/out/one", "/out/two")
	case "closed":
		if err := os.MkdirAll("/out/closed/inner", 0o700); err != nil {
			return err
		}
		if err := os.WriteFile("/out/closed/inner/file", []byte("content"), 0o000); err != nil {
			return err
		}
		if err := os.Chmod("/out/closed/inner", 0); err != nil {
			return err
		}
		return os.Chmod("/out/closed", 0)
	case "bytes":
		return os.WriteFile("/out/\xff\xfe", []byte("x"), 0o600)
	case "swap":
		return swap()
	}
	return fmt.Errorf("unknown kind %q", args[0])
}

// swap exchanges a directory and a link out of /out, again and again, and ends
// while it does: whoever walks the tree by name follows the link now and then.
func swap() error {
	if err := os.Mkdir("/out/a", 0o755); err != nil {
		return err
	}
	if err := os.WriteFile("/out/a/canary", []byte("mine"), 0o644); err != nil {
		return err
	}
	if err := os.Symlink(os.Getenv("CANARY_DIR"), "/out/b"); err != nil {
		return err
	}
	for range 100_001 {
		if err := unix.Renameat2(unix.AT_FDCWD, "/out/a", unix.AT_FDCWD, "/out/b", unix.RENAME_EXCHANGE); err != nil {
			return err
		}
	}
	return nil
}
