// SPDX-License-Identifier: Apache-2.0

//go:build wasip1

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
	"unsafe"
)

// files are attempts by way of the file system.
func files() map[string]func() verdict {
	return map[string]func() verdict{
		"host-path": hostPath, "path-climb": pathClimb, "path-zero-byte": pathZeroByte, "path-encoding": pathEncoding, "path-giant": pathGiant,
		"symlink": symlink, "symlink-swap": symlinkSwap, "hard-link": hardLink, "device-nodes": deviceNodes, "self-exe": selfExe,
		"proc-sys": procSys, "leaked-fd": leakedFD, "forged-preopen": forgedPreopen, "file-as-directory": fileAsDirectory,
		"cwd-climb": cwdClimb, "write-input": writeInput, "forged-rights": forgedRights, "write-root": writeRoot, "replace-out": replaceOut,
		"set-times": setTimes, "metadata-leak": metadataLeak, "docker-socket": dockerSocket, "left-files": leftFiles,
	}
}

const secret = "canary-secret"

// reads is an escape if a path can be opened at all: none of them is the job's.
func reads(paths ...string) verdict {
	var all []verdict
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), secret) {
			return escaped("%s is the host's", path)
		}
		all = append(all, refused(fmt.Sprintf("read %q", path), err))
	}
	return first(all...)
}

// opens is reads for paths as the host sees them.
func opens(paths ...string) verdict {
	var all []verdict
	for _, path := range paths {
		for _, flags := range []uint32{0, create, directory, truncate, create | exclusive, create | truncate} {
			for _, rights := range []uint64{readRight, readRight | writeRight} {
				_, errno := open(root, path, flags, rights)
				all = append(all, no(fmt.Sprintf("open %q with flags %d", path, flags), errno))
			}
		}
	}
	return first(all...)
}

func hostPath() verdict {
	file := os.Getenv("CANARY_FILE")
	return reads(file, "/proc/self/root"+file, "/proc/1/root"+file, "/out/../../../.."+file, "/in/../.."+file, "/etc/passwd", "/etc/hostname")
}

func pathClimb() verdict {
	file := os.Getenv("CANARY_FILE")
	up := strings.Repeat("../", 20)
	return opens("..", "../", "../..", "./..", up+file[1:], "out/../"+up+file[1:], "out/../../x", "in/data/../../../x", "out//..//..//x", file,
		"/", "//", "/out/x", "/..", "out/./../../x", strings.Repeat("out/../", 100)+"../x")
}

// pathZeroByte hides where a path leads behind a zero byte.
func pathZeroByte() verdict {
	file := os.Getenv("CANARY_FILE")
	return opens("in/data\x00/../../"+file, "\x00"+file, "out/x\x00", "out/x\x00/../../../x", "out/\x00")
}

func pathEncoding() verdict {
	return opens(`..\..\x`, `out\..\..\x`, `out/..\..\x`, "\xc0\xae\xc0\xae/x", "out/\xc0\xae\xc0\xae/x", "out/\xff\xfe", "%2e%2e/x", "．．/x", "out/\u2025/x", "C:/x", `\\?\C:\x`)
}

// pathGiant names paths whose length or place is no path's.
func pathGiant() verdict {
	ptr, _ := put(&pathA, "out/x")
	var all []verdict
	for _, size := range []uint32{4097, 1 << 20, 1<<31 - 1, 1<<32 - 1} {
		all = append(all, no(fmt.Sprint("a path of ", size), pathOpen(root, 1, ptr, size, create, allRights, allRights, 0, out())))
		all = append(all, no(fmt.Sprint("a path at ", -int64(size)), pathOpen(root, 1, -size, 100, create, allRights, allRights, 0, out())))
		all = append(all, no("an answer outside", pathOpen(root, 1, ptr, 5, create, allRights, allRights, 0, -size%(1<<31)|1<<31)))
	}
	return first(append(all, opens(strings.Repeat("a/", 2000)+"x", strings.Repeat("n", 4096), "out/"+strings.Repeat("n", 101)))...)
}

func symlink() verdict {
	var all []verdict
	for _, target := range []string{os.Getenv("CANARY_DIR"), "../../..", "/etc", "data"} {
		for _, name := range []string{"out/link", "tmp/link", "in/link", "link"} {
			t, n := put(&pathB, target)
			p, size := put(&pathA, name)
			all = append(all, no("link "+name+" to "+target, pathSymlink(t, n, root, p, size)))
			_, errno := open(root, name+"/canary", 0, readRight)
			all = append(all, no("open through "+name, errno))
			p, size = put(&pathA, name)
			all = append(all, no("readlink "+name, pathReadlink(root, p, size, out(), 100, out())))
		}
	}
	return first(append(all, refused("os.Symlink", os.Symlink("/etc/passwd", "/out/l")))...)
}

// symlinkSwap exchanges what a path names between two looks at it.
func symlinkSwap() verdict {
	if err := errors.Join(os.Mkdir("/tmp/a", 0o755), os.Mkdir("/tmp/b", 0o755), os.WriteFile("/tmp/a/f", []byte("a"), 0o644)); err != nil {
		return contained("prepare: %v", err)
	}
	dir, errno := open(root, "tmp/a", directory, readRight)
	if errno != 0 {
		return contained("open tmp/a: error %d", errno)
	}
	for range 1000 {
		_ = os.Rename("/tmp/a", "/tmp/b/a")
		if _, errno := open(dir, "../../../../etc/passwd", 0, readRight); errno == 0 {
			return escaped("a directory that moved leads out")
		}
		if _, errno := open(dir, "..", directory, readRight); errno == 0 {
			return escaped("a directory leads to its parent")
		}
		_ = os.Rename("/tmp/b/a", "/tmp/a")
	}
	_ = os.RemoveAll("/tmp/a")
	_, errno = open(dir, "f", create, allRights)
	return no("create in a directory that is gone", errno)
}

func hardLink() verdict {
	var all []verdict
	for _, from := range []string{"in/data", "..", "../../etc/passwd", os.Getenv("CANARY_FILE"), "tmp"} {
		a, n := put(&pathA, from)
		b, m := put(&pathB, "out/hard")
		all = append(all, no("link "+from, pathLink(root, 1, a, n, root, b, m)))
	}
	return first(append(all, refused("os.Link", os.Link("/in/data", "/out/l")))...)
}

func deviceNodes() verdict {
	var paths []string
	for _, name := range []string{"null", "zero", "mem", "kmsg", "sda", "vda", "tty", "kvm", "fuse", "net/tun", "nvidia0", "nvidiactl", "shm/x", "stdin", "fd/0", "fd/1"} {
		paths = append(paths, "/dev/"+name)
	}
	return reads(paths...)
}

func selfExe() verdict {
	all := []verdict{reads("/proc/self/exe", "/proc/self/mem", "/proc/self/maps", "/proc/self/environ", "/proc/self/cmdline", "/proc/self/fd/0", "/proc/1/environ", "/proc/thread-self/root/etc/passwd")}
	for _, path := range []string{"/proc/self/exe", "/proc/self/mem", "/proc/self/oom_score_adj"} {
		all = append(all, refused("write "+path, os.WriteFile(path, []byte("1"), 0o644)))
	}
	return first(all...)
}

func procSys() verdict {
	var all []verdict
	for _, path := range []string{"/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/kernel/uevent_helper", "/sys/fs/cgroup/cgroup.procs", "/etc/ld.so.preload", "/etc/crontab"} {
		all = append(all, refused("write "+path, os.WriteFile(path, []byte("x"), 0o644)), refused("create below "+path, os.MkdirAll(path+"/x", 0o755)))
	}
	return first(all...)
}

// leakedFD tries every number that could be a descriptor of the host: the
// module, the report and the result are open in the process around the guest.
func leakedFD() verdict {
	up := strings.Repeat("../", 20) + os.Getenv("CANARY_FILE")[1:]
	for _, fd := range append(numbers(4, 2000), 1<<16, 1<<31-1, 1<<31, 1<<32-1) {
		if errno := fdFdstatGet(fd, out()); errno == 0 {
			return escaped("descriptor %d is open", fd)
		}
		if _, errno := open(fd, up, 0, readRight); errno == 0 {
			return escaped("descriptor %d leads out", fd)
		}
		if _, errno := readFD(fd); errno == 0 {
			return escaped("descriptor %d can be read", fd)
		}
		if errno := fdPwrite(fd, iov(1), 1, 0, out()); errno == 0 {
			return escaped("descriptor %d can be written", fd)
		}
		if errno := fdPrestatGet(fd, out()); errno == 0 {
			return escaped("descriptor %d is a directory given at the start", fd)
		}
	}
	return contained("only 0 to 3 are open")
}

func numbers(from, to uint32) (all []uint32) {
	for n := from; n < to; n++ {
		all = append(all, n)
	}
	return all
}

// forgedPreopen makes other descriptors take the place of the root.
func forgedPreopen() verdict {
	dir, errno := open(root, "out", directory, readRight)
	if errno != 0 {
		return contained("open out: error %d", errno)
	}
	all := []verdict{no("number 3 over an absent one", fdRenumber(root, 1<<20)), no("an absent one over 3", fdRenumber(1<<20, root))}
	if errno := fdRenumber(dir, root); errno != 0 {
		return first(append(all, contained("/out over the root: error %d", errno))...)
	}
	// The root is /out now: what is above it must not come back.
	for _, path := range []string{"..", "../in/data", "../../etc/passwd", "/in/data"} {
		_, errno := open(root, path, 0, readRight)
		all = append(all, no("open "+path+" below /out", errno))
	}
	all = append(all, no("its name has other bytes", fdPrestatDirName(root, out(), 1<<31)))
	return first(all...)
}

func fileAsDirectory() verdict {
	file, errno := open(root, "in/data", 0, readRight)
	if errno != 0 {
		return contained("open the input: error %d", errno)
	}
	var all []verdict
	for _, fd := range []uint32{0, 1, 2, file} {
		for _, path := range []string{"x", "..", "../data", ".", ""} {
			_, errno := open(fd, path, create, allRights)
			all = append(all, no(fmt.Sprintf("open %q below %d", path, fd), errno))
		}
		all = append(all, no("list a file", fdReaddir(fd, out(), 100, 0, out())))
	}
	return first(all...)
}

func cwdClimb() verdict {
	for range 20 {
		_ = os.Chdir("..")
	}
	_ = os.Chdir("/../../..")
	return reads("etc/passwd", "../etc/passwd", "./../.."+os.Getenv("CANARY_FILE"))
}

func writeInput() verdict {
	all := []verdict{
		refused("write", os.WriteFile("/in/data", []byte("x"), 0o644)), refused("truncate", os.Truncate("/in/data", 0)),
		refused("remove", os.Remove("/in/data")), refused("rename", os.Rename("/in/data", "/out/data")),
		refused("replace", os.Rename("/out", "/in/data")), refused("create", os.WriteFile("/in/new", nil, 0o644)),
		refused("mkdir", os.Mkdir("/in/dir", 0o755)), refused("remove all", os.RemoveAll("/in")),
	}
	text, err := os.ReadFile("/in/data")
	if err != nil || string(text) != "input\n" {
		return escaped("the input is %q, %v", text, err)
	}
	return first(all...)
}

// forgedRights asks for more rights than a descriptor was opened with.
func forgedRights() verdict {
	fd, errno := open(root, "in/data", 0, readRight)
	if errno != 0 {
		return contained("open the input: error %d", errno)
	}
	_ = fdFdstatSetRights(fd, 1<<64-1, 1<<64-1)
	all := []verdict{
		no("write", fdWrite(fd, iov(5), 1, out())), no("write at", fdPwrite(fd, iov(5), 1, 0, out())),
		no("set size", fdFilestatSetSize(fd, 0)), no("allocate", fdAllocate(fd, 0, 1<<20)),
	}
	for _, flags := range []uint32{truncate, create | truncate} {
		for _, rights := range []uint64{0, writeRight, 1<<64 - 1} {
			_, errno := open(root, "in/data", flags, rights)
			all = append(all, no("open to truncate", errno))
		}
	}
	_ = fdFdstatSetRights(0, 1<<64-1, 1<<64-1)
	all = append(all, no("write to stdin", fdWrite(0, iov(5), 1, out())), no("read stdout", fdRead(1, iov(5), 1, out())), no("seek stdout", fdSeek(1, 0, 0, out())))
	return first(all...)
}

func writeRoot() verdict {
	return first(refused("create", os.WriteFile("/file", nil, 0o644)), refused("mkdir", os.Mkdir("/dir", 0o755)), refused("mkdir etc", os.MkdirAll("/etc/x", 0o755)),
		refused("rename tmp", os.Rename("/tmp", "/etc")), refused("chmod", os.WriteFile("/etc/passwd", []byte("x"), 0o644)))
}

func replaceOut() verdict {
	var all []verdict
	for _, name := range []string{"out", "tmp", "in", ".", "", "..", "out/.", "out/.."} {
		p, n := put(&pathA, name)
		all = append(all, no("unlink "+name, pathUnlinkFile(root, p, n)), no("rmdir "+name, pathRemoveDirectory(root, p, n)))
		q, m := put(&pathB, "tmp/x")
		all = append(all, no("rename "+name, pathRename(root, p, n, root, q, m)))
	}
	return first(append(all, refused("out to in", os.Rename("/out", "/in/out")), refused("into itself", os.Rename("/out", "/out/out")))...)
}

func setTimes() verdict {
	p, n := put(&pathA, "in/data")
	return first(no("set times", pathFilestatSetTimes(root, 0, p, n, 0, 0, 5)), refused("os.Chtimes", os.Chtimes("/in/data", time.Time{}, time.Unix(1, 0))))
}

// metadataLeak looks for the host in what files say of themselves.
func metadataLeak() verdict {
	var sizes []int64
	err := fs.WalkDir(os.DirFS("/"), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.ModTime().Unix() != 1735689600 {
			err = fmt.Errorf("%s is of %s", path, info.ModTime())
		}
		if err == nil && path != "." && path != "in" && path != "out" && path != "tmp" && path != "in/data" {
			err = fmt.Errorf("%s is there", path)
		}
		sizes = append(sizes, info.Size())
		return err
	})
	p, n := put(&pathA, "in/data")
	errno := pathFilestatGet(root, 0, p, n, out())
	device := *(*uint64)(unsafe.Pointer(&answer))
	if err != nil || errno != 0 || device != 1 {
		return escaped("the tree tells of the host: %v, error %d, device %d", err, errno, device)
	}
	return contained("%d names, one time, device 1", len(sizes))
}

func dockerSocket() verdict {
	return reads("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock", "/run/cupel/init")
}

// leftFiles looks for what an earlier job has written.
func leftFiles() verdict {
	for _, dir := range []string{"/tmp", "/out"} {
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) > 0 {
			return escaped("%s holds %v, %v", dir, entries, err)
		}
		if err := os.WriteFile(dir+"/left", []byte(secret), 0o644); err != nil {
			return contained("write: %v", err)
		}
		if err := os.Remove(dir + "/left"); err != nil {
			return contained("remove: %v", err)
		}
	}
	return contained("both are empty at the start")
}
