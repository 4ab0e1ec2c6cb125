// SPDX-License-Identifier: Apache-2.0

package sandbox

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// emptyRoot is mounted over in the child's own mount namespace. Any directory
// that exists everywhere serves.
const emptyRoot = "/proc"

// Enter shuts the calling child off from the machine before it touches anything
// of the job, and returns what it could not do. Isolated says that the child was
// started in namespaces of its own. Every input and output must be an open
// descriptor already.
func Enter(isolated bool, l Limits) []string {
	var missing []string
	try := func(what string, err error) {
		if err != nil {
			missing = append(missing, fmt.Sprintf("%s: %v", what, err))
		}
	}
	if isolated {
		try("empty file system", enterEmptyRoot())
	}
	try("resource limits", limitResources(l))
	try("no new privileges", unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
	try("system call filter", filterSyscalls())
	return missing
}

// enterEmptyRoot makes an empty read-only file system the root directory.
func enterEmptyRoot() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	const flags = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_RDONLY
	if err := unix.Mount("tmpfs", emptyRoot, "tmpfs", flags, "size=4k,nr_inodes=4"); err != nil {
		return fmt.Errorf("mount an empty file system: %w", err)
	}
	if err := unix.Chdir(emptyRoot); err != nil {
		return fmt.Errorf("enter the empty file system: %w", err)
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("change the root: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("drop the old root: %w", err)
	}
	return unix.Chdir("/")
}

// limitResources sets what the kernel enforces on its own. The address space has
// no limit, because engines reserve more than they use.
func limitResources(l Limits) error {
	data := uint64(unix.RLIM_INFINITY)
	if l.Data > 0 {
		data = l.Data
	}
	limits := []struct {
		resource int
		max      uint64
	}{
		{unix.RLIMIT_CORE, 0},
		{unix.RLIMIT_NOFILE, l.Descriptors},
		{unix.RLIMIT_FSIZE, l.File},
		{unix.RLIMIT_CPU, l.CPU},
		{unix.RLIMIT_DATA, data},
		{unix.RLIMIT_MEMLOCK, 0},
	}
	for _, l := range limits {
		var have unix.Rlimit
		if err := unix.Getrlimit(l.resource, &have); err != nil {
			return os.NewSyscallError("getrlimit", err)
		}
		want := min(l.max, have.Max)
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: want, Max: want}); err != nil {
			return os.NewSyscallError("setrlimit", err)
		}
	}
	return nil
}
