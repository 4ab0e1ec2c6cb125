// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// processes are attempts by way of other processes and of the kernel.
func processes() map[string]func() verdict {
	return map[string]func() verdict{
		"kill-host": killHost, "see-host": seeHost, "ptrace": ptrace, "user-namespace": userNamespace, "namespaces": namespaces,
		"setns": setns, "keyctl": keyctl, "io-uring": ioUring, "bpf": bpf, "perf": perf, "modules": modules, "reboot": reboot,
		"clock": clock, "hostname": hostname, "raw-io": rawIO, "set-root": setRoot, "capabilities": capabilities,
		"raise-limits": raiseLimits, "userfaultfd": userfaultfd, "syslog": syslog, "who": who, "personality": personality,
		"core-dump": coreDump, "priority": priority,
	}
}

func call(what string, trap uintptr, args ...uintptr) verdict {
	var a [6]uintptr
	copy(a[:], args)
	_, _, errno := unix.Syscall6(trap, a[0], a[1], a[2], a[3], a[4], a[5])
	if errno == 0 {
		return escaped("%s worked", what)
	}
	// A call that the kernel took up may fail for its arguments: that is no
	// proof that it is closed.
	if errno == unix.EFAULT || errno == unix.EINVAL || errno == unix.EBADF {
		return escaped("%s reached the kernel: %v", what, errno)
	}
	return contained("%s: %v", what, errno)
}

func sleepMS(n int) { time.Sleep(time.Duration(n) * time.Millisecond) }

func killHost() verdict {
	pid, err := strconv.Atoi(os.Getenv("CANARY_PID"))
	if err != nil {
		return contained("no pid: %v", err)
	}
	if err := unix.Kill(pid, unix.SIGKILL); err == nil {
		return contained("process %d is one of the container's own; the host looks at its own", pid)
	}
	_ = unix.Kill(-1, unix.SIGCONT)
	return contained("process %d is not there", pid)
}

// seeHost looks for processes that are not this container's.
func seeHost() verdict {
	found, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return contained("glob: %v", err)
	}
	for _, path := range found {
		text, err := os.ReadFile(path)
		if err == nil && len(text) > 0 && !strings.HasPrefix(string(text), "/guest") && !strings.HasPrefix(string(text), "guest") {
			return escaped("%s is %q", path, text)
		}
	}
	return contained("%d processes, all ours", len(found))
}

func ptrace() verdict {
	return first(call("ptrace", unix.SYS_PTRACE, unix.PTRACE_ATTACH, 1), call("process_vm_readv", unix.SYS_PROCESS_VM_READV, 1),
		call("kcmp", unix.SYS_KCMP, 1, 1), call("pidfd_getfd", unix.SYS_PIDFD_GETFD, 0, 0, 0))
}

func userNamespace() verdict {
	return first(refused("unshare", unix.Unshare(unix.CLONE_NEWUSER)), call("clone", unix.SYS_CLONE, unix.CLONE_NEWUSER|uintptr(unix.SIGCHLD)),
		call("clone3", unix.SYS_CLONE3, 0, 0))
}

func namespaces() verdict {
	var all []verdict
	for name, flag := range map[string]int{"mount": unix.CLONE_NEWNS, "pid": unix.CLONE_NEWPID, "net": unix.CLONE_NEWNET, "ipc": unix.CLONE_NEWIPC, "uts": unix.CLONE_NEWUTS, "cgroup": unix.CLONE_NEWCGROUP} {
		all = append(all, refused("unshare "+name, unix.Unshare(flag)))
	}
	return first(all...)
}

func setns() verdict {
	fd, err := unix.Open("/proc/1/ns/mnt", unix.O_RDONLY, 0)
	if err != nil {
		return contained("open the namespace: %v", err)
	}
	return refused("setns", unix.Setns(fd, unix.CLONE_NEWNS))
}

func keyctl() verdict {
	return first(call("keyctl", unix.SYS_KEYCTL, unix.KEYCTL_GET_KEYRING_ID, ^uintptr(3)), call("add_key", unix.SYS_ADD_KEY), call("request_key", unix.SYS_REQUEST_KEY))
}

func ioUring() verdict {
	var params [120]byte
	return call("io_uring_setup", unix.SYS_IO_URING_SETUP, 4, uintptr(unsafe.Pointer(&params)))
}

func bpf() verdict { return call("bpf", unix.SYS_BPF, 5) }

func perf() verdict {
	_, err := unix.PerfEventOpen(&unix.PerfEventAttr{Type: unix.PERF_TYPE_SOFTWARE, Size: uint32(unsafe.Sizeof(unix.PerfEventAttr{}))}, 0, -1, -1, 0)
	return refused("perf_event_open", err)
}

func modules() verdict {
	return first(call("init_module", unix.SYS_INIT_MODULE), call("finit_module", unix.SYS_FINIT_MODULE, ^uintptr(0)), call("delete_module", unix.SYS_DELETE_MODULE),
		call("kexec_load", unix.SYS_KEXEC_LOAD), call("kexec_file_load", unix.SYS_KEXEC_FILE_LOAD))
}

func reboot() verdict {
	return first(call("reboot", unix.SYS_REBOOT, 0xfee1dead, 672274793, 0), call("swapon", unix.SYS_SWAPON), call("swapoff", unix.SYS_SWAPOFF), call("acct", unix.SYS_ACCT), call("quotactl", unix.SYS_QUOTACTL))
}

func clock() verdict {
	now := unix.NsecToTimeval(time.Now().UnixNano())
	var spec unix.Timespec
	return first(refused("settimeofday", unix.Settimeofday(&now)), call("clock_settime", unix.SYS_CLOCK_SETTIME, 0, uintptr(unsafe.Pointer(&spec))),
		call("adjtimex", unix.SYS_ADJTIMEX, uintptr(unsafe.Pointer(&unix.Timex{Modes: unix.ADJ_FREQUENCY}))))
}

func hostname() verdict {
	return first(refused("sethostname", unix.Sethostname([]byte("owned"))), refused("setdomainname", unix.Setdomainname([]byte("owned"))))
}

func rawIO() verdict {
	return first(call("iopl", unix.SYS_IOPL, 3), call("ioperm", unix.SYS_IOPERM, 0, 1, 1))
}

func setRoot() verdict {
	return first(refused("setuid", unix.Setuid(0)), refused("setgid", unix.Setgid(0)), refused("setgroups", unix.Setgroups([]int{0})), refused("setresuid", unix.Setresuid(0, 0, 0)))
}

// capabilities reads what the kernel says of this process.
func capabilities() verdict {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return contained("status: %v", err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch {
		case strings.HasPrefix(key, "Cap") && strings.Trim(value, "0") != "":
			return escaped("%s is %s", key, value)
		case key == "NoNewPrivs" && value != "1", key == "Seccomp" && value != "2":
			return escaped("%s is %s", key, value)
		}
	}
	return contained("no capability, no new privileges, seccomp filter")
}

func raiseLimits() verdict {
	var all []verdict
	for name, resource := range map[string]int{"nofile": unix.RLIMIT_NOFILE, "memlock": unix.RLIMIT_MEMLOCK, "fsize": unix.RLIMIT_FSIZE, "core": unix.RLIMIT_CORE, "cpu": unix.RLIMIT_CPU} {
		var now unix.Rlimit
		if err := unix.Getrlimit(resource, &now); err != nil {
			return contained("getrlimit: %v", err)
		}
		up := unix.Rlimit{Cur: now.Max + 1, Max: now.Max + 1}
		all = append(all, refused("raise "+name, unix.Setrlimit(resource, &up)))
	}
	return first(all...)
}

func userfaultfd() verdict { return call("userfaultfd", unix.SYS_USERFAULTFD, 0) }

func syslog() verdict { return call("syslog", unix.SYS_SYSLOG, 10) }

// personality tries to switch off the randomization of addresses.
func personality() verdict {
	return call("personality", unix.SYS_PERSONALITY, 0x0040000)
}

// who prints the ids of the process: `guest escape who` is what setuidBinary
// and capabilityBinary run.
func who() verdict {
	if os.Geteuid() == 0 || os.Getegid() == 0 {
		return escaped("effective ids %d:%d", os.Geteuid(), os.Getegid())
	}
	return capabilities()
}

func runsAs(program string) verdict {
	out, err := exec.Command(program, "escape", "who").CombinedOutput()
	if strings.HasPrefix(string(out), "ESCAPED") {
		return escaped("%s: %s", program, out)
	}
	return contained("%s: %s %v", program, strings.TrimSpace(string(out)), err)
}

// coreDump makes a child that would start the host's crash handler.
func coreDump() verdict {
	out, err := exec.Command(os.Args[0], "child", strconv.Itoa(int(unix.SIGSEGV))).CombinedOutput()
	if err != nil && strings.Contains(err.Error(), "core dumped") {
		return escaped("the kernel dumped: %v", err)
	}
	return contained("%v %s", err, out)
}

func priority() verdict {
	return first(refused("nice", unix.Setpriority(unix.PRIO_PROCESS, 0, -10)), call("sched_setscheduler", unix.SYS_SCHED_SETSCHEDULER, 0, 1, uintptr(unsafe.Pointer(&[]int32{50}[0]))),
		call("mbind", unix.SYS_MBIND), call("move_pages", unix.SYS_MOVE_PAGES, 1))
}
