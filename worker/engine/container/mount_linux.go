// SPDX-License-Identifier: Apache-2.0

package container

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// canMount tries to. A worker that is not root may not; its kernel then does
// not enforce the size of /out.
func canMount(dir string) (bool, error) {
	at, err := os.MkdirTemp(dir, "mount-*")
	if err != nil {
		return false, fmt.Errorf("make a directory to try a mount: %w", err)
	}
	err = mountTmpfs(at, blockSize, 1)
	if err == nil {
		err = unmount(at)
	}
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		return false, os.Remove(at)
	}
	return err == nil, errors.Join(err, os.Remove(at))
}

func mountTmpfs(dir string, size int64, inodes int) error {
	options := fmt.Sprintf("mode=0700,size=%d,nr_inodes=%d", size, inodes)
	return unix.Mount("cupel", dir, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, options)
}

// unmount is a no-op where nothing is mounted.
func unmount(dir string) error {
	for {
		err := unix.Unmount(dir, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
		if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EPERM) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// mounted reports whether dir is a file system of its own.
func mounted(dir string) bool {
	var here, above unix.Stat_t
	return unix.Lstat(dir, &here) == nil && unix.Lstat(filepath.Dir(dir), &above) == nil && here.Dev != above.Dev
}

// full reports whether a file system has neither a block nor an inode left.
func full(dir string) bool {
	var st unix.Statfs_t
	return unix.Statfs(dir, &st) == nil && (st.Bavail == 0 || st.Ffree == 0)
}

// killProcess kills the first process of a container, and with it all others.
// A number that names another process by now is left alone.
func killProcess(pid int, container string) error {
	if pid <= 1 {
		return fmt.Errorf("the daemon tells no process of container %s", container)
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open process %d: %w", pid, err)
	}
	defer unix.Close(fd)
	threads, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*", "cgroup"))
	if err != nil {
		return err
	}
	for _, path := range threads {
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text), container) {
			return unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0)
		}
	}
	return nil
}
