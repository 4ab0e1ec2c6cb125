// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// files are attempts by way of the file system.
func files() map[string]func() verdict {
	return map[string]func() verdict{
		"host-path": hostPath, "write-root": writeRoot, "remount-root": remountRoot, "bind-mask": bindMask,
		"device-node": deviceNode, "host-devices": hostDevices, "proc-sys": procSys, "kernel-memory": kernelMemory,
		"self-exe": selfExe, "leaked-fd": leakedFD, "cwd-climb": cwdClimb, "link-input": linkInput,
		"write-input": writeInput, "write-init": writeInit, "replace-mount": replaceMount, "handle": handle,
		"release-agent": releaseAgent, "xattr": xattr, "setuid-binary": setuidBinary, "capability-binary": capabilityBinary,
		"docker-socket": dockerSocket, "healthcheck": healthcheck, "host-names": hostNames,
	}
}

// readCanary fails unless what is at path is the host's secret.
func readCanary(path string) verdict {
	text, err := os.ReadFile(path)
	if err == nil && strings.Contains(string(text), "canary-secret") {
		return escaped("%s is the host's", path)
	}
	return contained("%s: %v", path, err)
}

func write(path string) verdict { return writeText(path, "1") }

func writeText(path, text string) verdict {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(text)
		err = errorsOr(err, f.Close())
	}
	return refused("write "+path, err)
}

func errorsOr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func hostPath() verdict {
	path := os.Getenv("CANARY_FILE")
	return first(readCanary(path), readCanary("/proc/1/root"+path), readCanary("/proc/self/root/../../.."+path), readCanary("/out/../../../.."+path))
}

func writeRoot() verdict {
	_, err := os.Create("/created")
	return first(write("/etc/passwd"), write("/guest"), refused("create /created", err), refused("chmod", os.Chmod("/etc/passwd", 0o777)))
}

func remountRoot() verdict {
	return first(
		refused("remount /", unix.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_BIND, "")),
		refused("mount tmpfs", unix.Mount("t", "/out", "tmpfs", 0, "")),
		refused("mount proc", unix.Mount("p", "/tmp", "proc", 0, "")),
		refused("unmount /proc", unix.Unmount("/proc", unix.MNT_DETACH)),
		refused("pivot_root", unix.PivotRoot("/tmp", "/tmp")),
		refused("chroot", unix.Chroot("/tmp")),
	)
}

func bindMask() verdict {
	fd, err := unix.OpenTree(unix.AT_FDCWD, "/", unix.OPEN_TREE_CLONE)
	_ = fd
	return first(
		refused("bind over a masked path", unix.Mount("/tmp", "/proc/kcore", "", unix.MS_BIND, "")),
		refused("bind /proc", unix.Mount("/proc", "/tmp", "", unix.MS_BIND|unix.MS_REC, "")),
		refused("open_tree", err), refused("fsopen", fsopen()))
}

func fsopen() error {
	_, err := unix.Fsopen("tmpfs", 0)
	return err
}

func deviceNode() verdict {
	var all []verdict
	for _, path := range []string{"/out/disk", "/tmp/disk", "/dev/shm/disk"} {
		all = append(all, refused("mknod "+path, unix.Mknod(path, unix.S_IFBLK|0o666, int(unix.Mkdev(8, 0)))))
		all = append(all, refused("mknod "+path, unix.Mknod(path, unix.S_IFCHR|0o666, int(unix.Mkdev(1, 1)))))
	}
	return first(all...)
}

func hostDevices() verdict {
	var all []verdict
	for _, name := range []string{
		"mem", "kmem", "port", "kmsg", "kvm", "fuse", "vda", "sda", "nvme0n1", "loop-control", "loop0", "net/tun", "vhost-net",
		"vsock", "nvidia0", "nvidiactl", "uinput", "rtc0", "tty0", "console", "mapper/control",
	} {
		fd, err := unix.Open("/dev/"+name, unix.O_RDWR|unix.O_NONBLOCK, 0)
		_ = fd
		all = append(all, refused("open /dev/"+name, err))
	}
	return first(all...)
}

func procSys() verdict {
	return first(write("/proc/sys/kernel/core_pattern"), write("/proc/sysrq-trigger"), write("/proc/sys/vm/drop_caches"),
		write("/proc/sys/kernel/modprobe"), write("/proc/irq/default_smp_affinity"), writeText("/proc/self/oom_score_adj", "-1000"),
		write("/sys/kernel/uevent_helper"), write("/proc/sys/net/ipv4/ip_forward"), write("/proc/self/uid_map"))
}

// kernelMemory counts what is readable: a masked file is empty.
func kernelMemory() verdict {
	var all []verdict
	for _, path := range []string{"/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/scsi/scsi", "/sys/firmware/acpi/tables/DSDT", "/proc/1/mem", "/proc/kmsg"} {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK, 0)
		n := 0
		if err == nil {
			n, err = unix.Read(fd, make([]byte, 16))
		}
		if err == nil && n > 0 {
			return escaped("%s is readable", path)
		}
		all = append(all, contained("%s: %d bytes, %v", path, n, err))
	}
	return first(all...)
}

// selfExe tries to write to the program that runs, by all its names.
func selfExe() verdict {
	return first(write("/proc/self/exe"), write("/proc/1/exe"), write("/proc/self/map_files"), write("/run/cupel/init"))
}

// leakedFD climbs from every directory that was left open.
func leakedFD() verdict {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return contained("list descriptors: %v", err)
	}
	for _, e := range entries {
		var fd int
		if _, err := fmt.Sscan(e.Name(), &fd); err != nil || fd < 3 {
			continue
		}
		path := "../../../../../../.." + os.Getenv("CANARY_FILE")
		if got, err := unix.Openat(fd, path, unix.O_RDONLY, 0); err == nil {
			return escaped("descriptor %d leads out to %d", fd, got)
		}
	}
	return contained("none of %d descriptors is a directory of the host", len(entries))
}

func cwdClimb() verdict {
	dir, err := os.Getwd()
	if err != nil {
		return contained("getcwd: %v", err)
	}
	var all []verdict
	for _, from := range []string{"/proc/self/cwd", "/proc/1/cwd", dir, "/proc/self/fd/7", "/proc/self/fd/8", "/proc/self/fd/9"} {
		all = append(all, readCanary(filepath.Join(from)+strings.Repeat("/..", 8)+os.Getenv("CANARY_FILE")))
	}
	return first(all...)
}

func linkInput() verdict {
	return first(refused("link the input", os.Link("/in/data", "/out/data")), refused("link init", os.Link("/run/cupel/init", "/out/init")),
		refused("rename the input", os.Rename("/in/data", "/out/data")))
}

func writeInput() verdict {
	return first(write("/in/data"), refused("chmod the input", os.Chmod("/in/data", 0o777)), refused("remove the input", os.Remove("/in/data")),
		refused("truncate the input", os.Truncate("/in/data", 0)))
}

func writeInit() verdict {
	return first(write("/run/cupel/init"), refused("remove init", os.Remove("/run/cupel/init")), refused("chmod init", os.Chmod("/run/cupel/init", 0o777)))
}

func replaceMount() verdict {
	return first(refused("remove /out", os.Remove("/out")), refused("rename /out", os.Rename("/out", "/tmp/out")),
		refused("remove stdout", os.Remove("/run/cupel/stdout")), refused("link for stdout", os.Symlink("/etc", "/run/cupel/x")))
}

// handle opens a file by its inode number, as the container escape of 2014 did.
func handle() verdict {
	fd, err := unix.Open("/etc", unix.O_RDONLY, 0)
	if err != nil {
		return contained("open /etc: %v", err)
	}
	h := unix.NewFileHandle(1, []byte{2, 0, 0, 0, 0, 0, 0, 0})
	_, err = unix.OpenByHandleAt(fd, h, unix.O_RDONLY)
	return refused("open_by_handle_at", err)
}

func releaseAgent() verdict {
	var all []verdict
	found, err := filepath.Glob("/sys/fs/cgroup/*/release_agent")
	if err != nil {
		return contained("glob: %v", err)
	}
	more, err := filepath.Glob("/sys/fs/cgroup/*/memory.limit_in_bytes")
	if err != nil {
		return contained("glob: %v", err)
	}
	for _, path := range append(append(found, more...), "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/cgroup.procs") {
		all = append(all, write(path))
	}
	return first(append(all, refused("mount a cgroup", unix.Mount("c", "/tmp", "cgroup", 0, "memory")))...)
}

func xattr() verdict {
	if err := os.WriteFile("/out/x", nil, 0o755); err != nil {
		return contained("create: %v", err)
	}
	return first(
		refused("security.capability", unix.Setxattr("/out/x", "security.capability", []byte{1, 0, 0, 2, 255, 255, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0}, 0)),
		refused("trusted.overlay", unix.Setxattr("/out/x", "trusted.overlay.opaque", []byte("y"), 0)))
}

// setuidBinary runs a copy of this program that is root's and setuid.
func setuidBinary() verdict { return runsAs("/suid") }

// capabilityBinary runs a copy of this program that has file capabilities.
func capabilityBinary() verdict { return runsAs("/capable") }

func dockerSocket() verdict {
	var all []verdict
	for _, path := range []string{"/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock", "/run/crio/crio.sock", os.Getenv("CANARY_DOCKER")} {
		_, err := os.Stat(path)
		all = append(all, refused("see "+path, err))
	}
	return first(all...)
}

// healthcheck looks for what the image's health check would write.
func healthcheck() verdict {
	sleepMS(1500)
	_, err := os.Stat("/tmp/health")
	return refused("the image's health check", err)
}

// hostNames looks for the host's name and paths in what a container sees.
func hostNames() verdict {
	name, err := os.Hostname()
	if err == nil && name == os.Getenv("CANARY_HOST") {
		return escaped("the host's name is %s", name)
	}
	text, err := os.ReadFile("/proc/self/cgroup")
	if err == nil && strings.Contains(string(text), "docker/") {
		return escaped("the cgroup tells the container's id")
	}
	return contained("name %s, %v", name, err)
}
