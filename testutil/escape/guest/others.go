// SPDX-License-Identifier: Apache-2.0

//go:build wasip1

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// others are attempts by way of processes, the network and the environment.
func others() map[string]func() verdict {
	return map[string]func() verdict{
		"exec": execute, "kill-host": killHost, "proc-raise": raise, "see-host": seeHost, "env-leak": envLeak, "gpu-devices": gpuDevices,
		"metadata": func() verdict { return dial("tcp", "169.254.169.254:80") }, "localhost": func() verdict { return dial("tcp", "127.0.0.1:"+os.Getenv("CANARY_PORT")) },
		"host-address": func() verdict { return dial("tcp", net.JoinHostPort(os.Getenv("CANARY_IP"), os.Getenv("CANARY_PORT"))) },
		"internet":     func() verdict { return dial("tcp", "1.1.1.1:443") }, "dns": dns, "abstract-socket": func() verdict { return dial("unix", "@"+os.Getenv("CANARY_SOCKET")) },
		"unix-socket": func() verdict { return dial("unix", "/var/run/docker.sock") }, "interfaces": interfaces, "sockets": sockets, "bind-all": bindAll,
	}
}

func execute() verdict {
	_, err := os.StartProcess("/bin/sh", []string{"sh"}, &os.ProcAttr{})
	return first(refused("exec", exec.Command("/bin/true").Run()), refused("exec self", exec.Command("/proc/self/exe").Run()), refused("start", err))
}

func killHost() verdict {
	pid, err := strconv.Atoi(os.Getenv("CANARY_PID"))
	if err != nil {
		return contained("no pid: %v", err)
	}
	var all []verdict
	for _, target := range []int{pid, 1, os.Getppid()} {
		p, err := os.FindProcess(target)
		if err == nil {
			err = p.Kill()
		}
		all = append(all, refused(fmt.Sprint("kill ", target), err), refused(fmt.Sprint("signal ", target), syscall.Kill(target, syscall.SIGKILL)))
	}
	return first(all...)
}

func raise() verdict {
	var all []verdict
	for signal := range uint32(64) {
		all = append(all, no(fmt.Sprint("raise ", signal), procRaise(signal)))
	}
	return first(all...)
}

// seeHost asks the library for the machine's names and numbers.
func seeHost() verdict {
	name, err := os.Hostname()
	if err == nil && name != "" && name == os.Getenv("CANARY_HOST") {
		return escaped("the host's name is %s", name)
	}
	if u, err := user.Current(); err == nil && u.HomeDir != "" && u.HomeDir != "/" {
		return escaped("the user's home is %s", u.HomeDir)
	}
	if runtime.NumCPU() != 1 {
		return escaped("there are %d processors", runtime.NumCPU())
	}
	return contained("name %q (%v), 1 processor, pid %d", name, err, os.Getpid())
}

// envLeak counts the variables: all that the job has begin with CANARY_.
func envLeak() verdict {
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "CANARY_") {
			return escaped("the host's variable %.30s", kv)
		}
	}
	return first(contained("%d variables, all the job's", len(os.Environ())), no("variables outside", environGet(1<<31, 1<<31)), no("arguments outside", argsGet(1<<31, 1<<31)))
}

func gpuDevices() verdict {
	return reads("/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/dri/card0", "/proc/driver/nvidia/version", "/usr/lib/x86_64-linux-gnu/libcuda.so.1")
}

// dial tries to connect. The library answers some itself: whether anything
// arrived is for the canary to say.
func dial(network, address string) verdict {
	conn, err := net.DialTimeout(network, address, time.Second)
	if err == nil {
		_, err = conn.Write([]byte("GET / HTTP/1.0\r\n\r\n"))
	}
	return refused("dial "+address, err)
}

func dns() verdict {
	_, err := net.LookupHost("example.com")
	_, txt := net.LookupTXT("example.com")
	return first(refused("look up", err), refused("look up text", txt))
}

func interfaces() verdict {
	list, err := net.Interfaces()
	if len(list) > 0 {
		return escaped("%v", list)
	}
	return contained("none: %v", err)
}

// sockets makes every call for sockets on everything that could be one.
func sockets() verdict {
	var all []verdict
	for _, fd := range slices.Concat(numbers(0, 300), []uint32{1<<31 - 1, 1<<32 - 1}) {
		v := first(no("accept", sockAccept(fd, 0, out())), no("recv", sockRecv(fd, iov(100), 1, 0, out(), out())),
			no("send", sockSend(fd, iov(100), 1, 0, out())), no("shutdown", sockShutdown(fd, 3)))
		if v.escaped {
			return escaped("descriptor %d: %s", fd, v.detail)
		}
		all = append(all, v)
	}
	return first(all...)
}

// bindAll listens: whoever connects from outside would be let in.
func bindAll() verdict {
	l, err := net.Listen("tcp", "0.0.0.0:"+os.Getenv("CANARY_PORT"))
	if err != nil {
		return contained("listen: %v", err)
	}
	return contained("the library listens inside the program, at %s; no call reaches the host: %s", l.Addr(), sockets().detail)
}

// limits are attempts to take more than was given, or to bend time.
func limits() map[string]func() verdict {
	return map[string]func() verdict{
		"descriptors": descriptors, "buffers": buffers, "pointers": pointers, "random-giant": randomGiant, "sleep": sleep, "poll": poll,
		"clock": clock, "random": random, "order": order, "standard-streams": standardStreams, "left-memory": leftMemory,
	}
}

func descriptors() verdict {
	for n := range 100_000 {
		if _, errno := open(root, "in/data", 0, readRight); errno != 0 {
			return contained("after %d: error %d", n, errno)
		}
	}
	return escaped("no limit")
}

// vectors describes n buffers of a size each.
func vectors(n int, size uint32) uint32 {
	for i := range n {
		vector[2*i], vector[2*i+1] = at(unsafe.Pointer(&buffer)), size
	}
	return at(unsafe.Pointer(&vector))
}

// buffers writes from and reads into what is not there.
func buffers() verdict {
	var all []verdict
	for _, size := range []uint32{1<<32 - 1, 1 << 31, 1 << 30} {
		all = append(all, no("write", fdWrite(1, vectors(1024, size), 1024, out())), no("read", fdRead(0, vectors(1024, size), 1024, out())),
			no("read at", fdPread(0, vectors(1024, size), 1024, 1<<63, out())))
	}
	for _, n := range []uint32{1025, 1 << 16, 1<<32 - 1} {
		all = append(all, no("many buffers", fdWrite(1, vectors(1, 1), n, out())), no("list", fdReaddir(root, out(), n|1<<31, 1<<63, out())))
	}
	return first(all...)
}

// pointers gives every kind of call a place outside the memory.
func pointers() verdict {
	var all []verdict
	for _, p := range []uint32{1<<32 - 1, 1<<32 - 4, 1<<32 - 8, 1 << 31, 3 << 30} {
		all = append(all, no("clock", clockTimeGet(0, 0, p)), no("random", randomGet(p, 100)), no("args", argsGet(p, p)), no("stat", fdFdstatGet(1, p)),
			no("write", fdWrite(1, p, 1, out())), no("poll", pollOneoff(p, p, 1, p)), no("list", fdReaddir(root, p, 100, 0, p)),
			no("path", pathFilestatGet(root, 0, p, 5, p)), no("rename", pathRename(root, p, 5, root, p, 5)), no("symlink", pathSymlink(p, 5, root, p, 5)))
	}
	return first(all...)
}

func randomGiant() verdict {
	return first(no("4 GiB", randomGet(0, 1<<32-1)), no("2 GiB", randomGet(at(unsafe.Pointer(&buffer)), 1<<31)))
}

// sleep sleeps for a hundred years: the time that passes is the guest's own.
func sleep() verdict {
	before := time.Now()
	time.Sleep(100 * 365 * 24 * time.Hour)
	return contained("%s went by", time.Since(before))
}

// poll waits for things that never happen.
func poll() verdict {
	var all []verdict
	for _, n := range []uint32{0, 1025, 1 << 20, 1<<32 - 1} {
		all = append(all, no(fmt.Sprint("wait for ", n), pollOneoff(at(unsafe.Pointer(&buffer)), at(unsafe.Pointer(&buffer)), n, out())))
	}
	for i := range buffer {
		buffer[i] = byte(i * 7)
	}
	errno := pollOneoff(at(unsafe.Pointer(&buffer)), at(unsafe.Pointer(&buffer)), 1000, out())
	return first(append(all, contained("a thousand of anything: error %d", errno))...)
}

// clock looks for the real time.
func clock() verdict {
	now := time.Now()
	if now.Year() != 2025 || now.YearDay() != 1 {
		return escaped("the time is %s", now)
	}
	for id := range uint32(8) {
		_ = clockTimeGet(id, 0, out())
		fmt.Fprintln(os.Stderr, id, *(*uint64)(unsafe.Pointer(&answer)))
	}
	start := time.Now()
	for n := range 3_000_000 {
		buffer[n%len(buffer)]++
	}
	fmt.Fprintln(os.Stderr, time.Since(start))
	return contained("it is %s in both runs", now.UTC())
}

// random prints random bytes: both runs must print the same.
func random() verdict {
	_ = randomGet(at(unsafe.Pointer(&buffer)), 64)
	return contained("%x in both runs", buffer[:16])
}

// order prints what could depend on the machine.
func order() verdict {
	for i := range 100 {
		if err := os.WriteFile(fmt.Sprint("/tmp/", i*7919%100), nil, 0o644); err != nil {
			return contained("write: %v", err)
		}
	}
	entries, err := os.ReadDir("/tmp")
	if err != nil {
		return contained("list: %v", err)
	}
	text := ""
	for i := range map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true, 6: true, 7: true, 8: true, 9: true} {
		text += fmt.Sprint(i)
	}
	for _, e := range entries {
		p, n := put(&pathA, "tmp/"+e.Name())
		_ = pathFilestatGet(root, 0, p, n, out())
		fmt.Fprintln(os.Stderr, e.Name(), *(*[4]uint64)(unsafe.Pointer(&answer)))
	}
	return contained("map order %s, %d inodes, in both runs", text, len(entries))
}

// standardStreams closes and replaces what the worker reads the result from.
func standardStreams() verdict {
	// 1 becomes a copy of nothing, 2 becomes /in/data.
	in, errno := open(root, "in/data", 0, readRight)
	if errno != 0 {
		return contained("open the input: error %d", errno)
	}
	fmt.Println("CONTAINED both streams end with the job's own text")
	all := []verdict{no("write to a closed stream", func() uint32 { _ = fdClose(2); return fdWrite(2, iov(5), 1, out()) }())}
	_ = fdRenumber(in, 2)
	all = append(all, no("write to the input as stderr", fdWrite(2, iov(5), 1, out())))
	if v := first(all...); v.escaped {
		return v
	}
	_ = fdClose(1)
	return contained("")
}

// leftMemory looks for what an earlier job has left in memory, and leaves some.
func leftMemory() verdict {
	block := make([]uint64, 12<<20)
	for i, v := range block {
		if v != 0 {
			return escaped("word %d is %x", i, v)
		}
	}
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&block[0])), 64), strings.Repeat(secret, 4))
	for i := range block {
		block[i] = 0x5ec7e75ec7e75ec7
	}
	return contained("%d MiB of memory are zero", len(block)>>17)
}
