// SPDX-License-Identifier: Apache-2.0

package escape

import (
	"archive/tar"
	"strings"
	"time"

	"github.com/cupel-network/cupel/testutil/images"
	"github.com/cupel-network/cupel/worker/engine"
)

// Case is one attempt.
type Case struct {
	// Name is unique; Group says by which way it goes.
	Name, Group string
	// Args are the words of the guest; none means the attempt of that name,
	// which prints a verdict of its own.
	Args []string
	// Want is how the job must end; none means OK.
	Want engine.Outcome
	// Env is added to the job's environment.
	Env map[string]string
	// Changes and Files make an image of the case's own.
	Changes []string
	Files   []images.File
	// Image replaces the image by one that cannot be named.
	Image string
	// Wall, Memory and Output replace the limits of the job.
	Wall           time.Duration
	Memory, Output uint64
	// Stdout must be a part of the standard output, Not must not be.
	Stdout, Not string
	// MayFail accepts a failure of the host, too: the image is no image.
	MayFail bool
	// Text is a module of the case's own as text, Module as bytes.
	Text   string
	Module []byte
	// Fuel replaces the fuel of a module.
	Fuel uint64
	// Twice wants a second run to be the same to the byte, Refused a module
	// that is not run at all.
	Twice, Refused bool
}

// selfJudged reports whether the guest prints the verdict.
func (c Case) selfJudged() bool { return c.Args == nil && c.Text == "" && c.Module == nil }

const trap = engine.OutcomeTrap

// Containers are all attempts that run as containers.
func Containers() []Case {
	var all []Case
	for group, names := range map[string][]string{
		"files": {
			"host-path", "write-root", "remount-root", "bind-mask", "device-node", "host-devices", "proc-sys", "kernel-memory", "self-exe",
			"leaked-fd", "cwd-climb", "link-input", "write-input", "write-init", "replace-mount", "handle", "release-agent", "xattr",
			"docker-socket", "host-names",
		},
		"processes": {
			"kill-host", "see-host", "ptrace", "user-namespace", "namespaces", "setns", "keyctl", "io-uring", "bpf", "perf", "modules", "reboot",
			"clock", "hostname", "raw-io", "set-root", "capabilities", "raise-limits", "userfaultfd", "syslog", "personality",
			"core-dump", "priority",
		},
		"network": {
			"metadata", "localhost", "host-address", "internet", "dns", "raw-socket", "abstract-socket", "vsock", "netlink", "interfaces",
			"odd-sockets", "bind-all",
		},
	} {
		for _, name := range names {
			all = append(all, Case{Name: name, Group: group})
		}
	}
	all = append(all, output()...)
	all = append(all, environment()...)
	all = append(all, imageCases()...)
	return append(all, resources()...)
}

// output are attempts to make the worker follow, open or fill something when
// it packs /out.
func output() []Case {
	odd := func(name, kind string) Case {
		return Case{Name: name, Group: "output", Args: []string{"odd", kind}, Want: trap, Not: Secret}
	}
	named := func(name, file string) Case {
		return Case{Name: name, Group: "output", Args: []string{"names", file}, Want: trap}
	}
	return []Case{
		odd("link-out", "link"), odd("directory-link-out", "dirlink"), odd("fifo-out", "fifo"), odd("socket-out", "socket"), odd("link-swap", "swap"),
		{Name: "sparse-file", Group: "output", Args: []string{"odd", "sparse"}, Want: engine.OutcomeExit},
		{Name: "hard-link", Group: "output", Args: []string{"odd", "twice"}},
		{Name: "closed-directory", Group: "output", Args: []string{"odd", "closed"}},
		odd("name-not-text", "bytes"), named("name-backslash", `..\..\x`), named("name-too-long", strings.Repeat("n", 200)),
		{Name: "deep-tree", Group: "output", Args: []string{"deep", "3000"}, Want: trap},
	}
}

// environment are attempts by way of variables that the linker or a hook reads.
func environment() []Case {
	refused := func(name, key, value string) Case {
		return Case{Name: name, Group: "environment", Args: []string{"env"}, Env: map[string]string{key: value}, Want: trap}
	}
	stripped := func(name, change, not string) Case {
		return Case{Name: name, Group: "environment", Args: []string{"env"}, Changes: []string{change}, Not: not}
	}
	return []Case{
		refused("preload", "LD_PRELOAD", "/evil.so"), refused("library-path", "LD_LIBRARY_PATH", "/evil"), refused("tunables", "GLIBC_TUNABLES", "glibc.malloc=1"),
		refused("all-gpus", "NVIDIA_VISIBLE_DEVICES", "all"), refused("driver-capabilities", "NVIDIA_DRIVER_CAPABILITIES", "all"), refused("nvidia-mount", "NVIDIA_MOFED", "enabled"),
		refused("small-letters", "ld_preload", "/evil.so"),
		stripped("image-preload", "ENV LD_PRELOAD=/proc/self/cwd/evil.so", "LD_PRELOAD"), stripped("image-gpus", "ENV NVIDIA_VISIBLE_DEVICES=all", "=all"),
		stripped("image-audit", "ENV LD_AUDIT=/evil.so", "LD_AUDIT"),
	}
}

// imageCases are attempts of whoever built the image.
func imageCases() []Case {
	link := func(name, from, to string) Case {
		return Case{
			Name: name, Group: "image", Args: []string{"hello"}, MayFail: true,
			Files: []images.File{{Header: tar.Header{Name: from, Linkname: to, Typeflag: tar.TypeSymlink, Mode: 0o777}}},
		}
	}
	program := func(name string, mode int64, xattr map[string]string) images.File {
		return images.File{Header: tar.Header{Name: name, Linkname: images.GuestPath[1:], Mode: mode, PAXRecords: xattr}}
	}
	return []Case{
		{Name: "workdir-descriptor", Group: "image", Args: []string{"hello"}, Changes: []string{"WORKDIR /proc/self/fd/7"}, Want: trap},
		{Name: "workdir-sys", Group: "image", Args: []string{"hello"}, Changes: []string{"WORKDIR /sys/fs/cgroup"}, Want: trap},
		{Name: "volume", Group: "image", Args: []string{"hello"}, Changes: []string{"VOLUME /data"}, Want: trap},
		{Name: "user-root", Group: "image", Args: []string{"env"}, Changes: []string{"USER root"}, Stdout: "user 65534:65534"},
		{Name: "healthcheck", Group: "image", Changes: []string{`HEALTHCHECK --interval=1s CMD ["/guest", "names", "../tmp/health"]`}},
		{Name: "entry-point", Group: "image", Args: []string{"hello"}, Changes: []string{`ENTRYPOINT ["/evil"]`}},
		{Name: "label", Group: "image", Args: []string{"hello"}, Changes: []string{`LABEL network.cupel.owner=evil com.docker.hook=/evil`}},
		{Name: "setuid-binary", Group: "image", Files: []images.File{program("suid", 0o6755, nil)}},
		{Name: "capability-binary", Group: "image", Files: []images.File{program("capable", 0o755, map[string]string{
			"SCHILY.xattr.security.capability": "\x01\x00\x00\x02\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\x00\x00\x00\x00",
		})}},
		link("dev-link", "dev", "/etc"), link("proc-link", "proc", "/etc"), link("run-link", "run", "CANARY_DIR"), link("out-link", "out", "CANARY_DIR"),
		link("etc-link", "run", "../../../../../../../CANARY_DIR"),
		{Name: "tag", Group: "image", Args: []string{"hello"}, Image: "busybox:latest", Want: trap},
		{Name: "no-digest", Group: "image", Args: []string{"hello"}, Image: "busybox", Want: trap},
		{Name: "registry-inside", Group: "image", Args: []string{"hello"}, Image: "127.0.0.1:5000/x@sha256:" + strings.Repeat("0", 64), Want: engine.OutcomeInputUnavailable},
		{Name: "argument-injection", Group: "image", Args: []string{"hello", "--privileged", "; id", "$(id)"}, Stdout: "hello --privileged ; id $(id)"},
	}
}

// resources are attempts to take more than was given.
func resources() []Case {
	const exit = engine.OutcomeExit
	return []Case{
		{Name: "memory", Group: "resources", Args: []string{"memory", "1000"}, Want: engine.OutcomeMemoryLimit},
		{Name: "fork-bomb", Group: "resources", Args: []string{"fork"}, Wall: 5 * time.Second, MayFail: true, Want: engine.OutcomeOK},
		{Name: "zombies", Group: "resources", Args: []string{"zombies", "200"}},
		{Name: "cpu", Group: "resources", Args: []string{"spin", "1500"}},
		{Name: "descriptors", Group: "resources", Args: []string{"open"}, Not: "no limit"},
		{Name: "fill-out", Group: "resources", Args: []string{"fill", "/out"}, Want: trap},
		{Name: "fill-tmp", Group: "resources", Args: []string{"fill", "/tmp"}, Want: exit},
		{Name: "fill-shm", Group: "resources", Args: []string{"fill", "/dev/shm"}, Want: exit},
		{Name: "fill-root", Group: "resources", Args: []string{"fill", "/"}, Want: exit},
		{Name: "many-files", Group: "resources", Args: []string{"files", "300000"}, Want: trap},
		{Name: "flood", Group: "resources", Args: []string{"flood"}, Want: trap},
		{Name: "dead-leader", Group: "resources", Args: []string{"leader"}, Wall: 2 * time.Second, Want: engine.OutcomeWall},
		{Name: "ignores-signals", Group: "resources", Args: []string{"stubborn"}, Wall: 2 * time.Second, Want: engine.OutcomeWall},
		// Another table of system calls ends the thread that reaches for it.
		{Name: "x32", Group: "resources", Args: []string{"x32"}, Wall: 2 * time.Second, Want: engine.OutcomeWall},
		{Name: "segmentation-fault", Group: "resources", Args: []string{"signal", "11"}},
	}
}
