// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// words are the plain jobs and those that go beyond a limit.
func words() map[string]func(args []string) error {
	return map[string]func([]string) error{
		"hello": hello, "env": env, "cat": cat, "exit": exit, "sleep": sleep, "signal": die,
		"memory": memory, "fork": fork, "spin": spin, "stubborn": stubborn, "flood": flood,
		"fill": fill, "files": manyFiles, "deep": deep, "open": open, "names": names, "odd": odd, "child": child,
		"zombies": zombies, "binary": binary, "limits": limits,
		"leader": leader, "x32": x32,
	}
}

// hello writes to both streams and a tree of files.
func hello(args []string) error {
	fmt.Printf("hello %s\n", strings.Join(args, " "))
	fmt.Fprintln(os.Stderr, "to stderr")
	if err := os.MkdirAll("/out/a/b", 0o700); err != nil {
		return err
	}
	text := fmt.Sprintf("%x\n", sha256.Sum256([]byte(strings.Join(args, "\x00"))))
	return os.WriteFile("/out/a/b/sum.txt", []byte(text), 0o600)
}

func env([]string) error {
	all := os.Environ()
	slices.Sort(all)
	fmt.Println(strings.Join(all, "\n"))
	dir, err := os.Getwd()
	fmt.Printf("user %d:%d in %s\n", os.Getuid(), os.Getgid(), dir)
	return err
}

func cat(args []string) error {
	for _, path := range args {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if _, err := os.Stdout.Write(text); err != nil {
			return err
		}
	}
	return nil
}

// binary writes n bytes that no log driver would keep: long lines, every byte.
func binary(args []string) error {
	n, err := number(args)
	for i := 0; i < n && err == nil; i += 256 {
		line := make([]byte, 256)
		for k := range line {
			line[k] = byte(k + i/70_000)
			if i < 70_000 {
				line[k] = 'x'
			}
		}
		_, err = os.Stdout.Write(line)
	}
	return err
}

func number(args []string) (int, error) {
	if len(args) != 1 {
		return 0, fmt.Errorf("one number is needed, there are %d", len(args))
	}
	return strconv.Atoi(args[0])
}

func exit(args []string) error {
	code, err := number(args)
	if err == nil {
		os.Exit(code)
	}
	return err
}

// sleep beats every 100 ms into /out/beats, so that one sees that it ran once.
func sleep(args []string) error {
	ms, err := number(args)
	if err != nil {
		return err
	}
	f, err := os.OpenFile("/out/starts", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	fmt.Fprintln(f, "started")
	time.Sleep(time.Duration(ms) * time.Millisecond)
	fmt.Println("slept", ms)
	return f.Close()
}

func die(args []string) error {
	n, err := number(args)
	if err != nil {
		return err
	}
	// The first process of a container is spared by its own signals.
	c := exec.Command(os.Args[0], "child", strconv.Itoa(n))
	fmt.Println("child:", c.Run())
	return nil
}

func child(args []string) error {
	n, err := number(args)
	if err == nil {
		err = syscall.Kill(os.Getpid(), syscall.Signal(n))
	}
	time.Sleep(time.Second)
	return err
}

// memory takes n MiB and touches them.
func memory(args []string) error {
	n, err := number(args)
	var all [][]byte
	for range n {
		b := make([]byte, 1<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		all = append(all, b)
	}
	fmt.Println("took", len(all))
	return err
}

// fork starts children that do the same, as many as it can.
func fork([]string) error {
	started := 0
	for time.Now().Before(deadline(3 * time.Second)) {
		if err := exec.Command(os.Args[0], "fork").Start(); err != nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		started++
	}
	return nil
}

var began = time.Now()

func deadline(d time.Duration) time.Time { return began.Add(d) }

// spin burns eight threads for n ms and prints the CPU time that it got.
func spin(args []string) error {
	n, err := number(args)
	if err != nil {
		return err
	}
	runtime.GOMAXPROCS(8)
	end := time.Now().Add(time.Duration(n) * time.Millisecond)
	done := make(chan bool)
	for range 8 {
		go func() {
			for time.Now().Before(end) {
			}
			done <- true
		}()
	}
	for range 8 {
		<-done
	}
	var used syscall.Rusage
	err = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	fmt.Println((time.Duration(used.Utime.Nano()) + time.Duration(used.Stime.Nano())).Milliseconds())
	return err
}

// stubborn ignores every signal that can be ignored.
func stubborn([]string) error {
	signal.Ignore()
	fmt.Println("ignoring")
	for {
		time.Sleep(time.Hour)
	}
}

func flood([]string) error {
	block := []byte(strings.Repeat("flood of text on standard output\n", 2000))
	for i := 0; i < 10<<30; i += len(block) {
		if _, err := os.Stdout.Write(block); err != nil {
			return err
		}
	}
	return nil
}

// fill writes 10 GB into files below a directory.
func fill(args []string) error {
	block := make([]byte, 1<<20)
	for i := 0; i < 10<<10; i += 256 {
		f, err := os.Create(filepath.Join(args[0], "fill"+strconv.Itoa(i)))
		if err != nil {
			return err
		}
		for range 256 {
			if _, err := f.Write(block); err != nil {
				return err
			}
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

func manyFiles(args []string) error {
	n, err := number(args)
	for i := 0; i < n && err == nil; i++ {
		err = os.WriteFile("/out/f"+strconv.Itoa(i), nil, 0o600)
	}
	return err
}

func deep(args []string) error {
	n, err := number(args)
	if err != nil {
		return err
	}
	if err := os.Chdir("/out"); err != nil {
		return err
	}
	for range n {
		if err := os.Mkdir("d", 0o700); err != nil {
			return err
		}
		if err := os.Chdir("d"); err != nil {
			return err
		}
	}
	return nil
}

// open opens files until it may not and prints how many there were.
func open([]string) error {
	n := 0
	for ; n < 100_000; n++ {
		if _, err := syscall.Open("/dev/null", syscall.O_RDONLY, 0); err != nil {
			fmt.Println(n, err)
			return nil
		}
	}
	fmt.Println(n, "no limit")
	return nil
}

// names makes one file whose name is given.
func names(args []string) error { return os.WriteFile("/out/"+args[0], []byte("x"), 0o600) }

func zombies(args []string) error {
	n, err := number(args)
	for i := 0; i < n && err == nil; i++ {
		_, err = os.StartProcess(os.Args[0], []string{"guest", "exit", "0"}, &os.ProcAttr{})
	}
	return err
}

// leader ends its first thread and goes on in another: to whoever looks at the
// process only it is dead.
func leader([]string) error {
	runtime.LockOSThread()
	go func() {
		for {
			time.Sleep(time.Hour)
		}
	}()
	time.Sleep(100 * time.Millisecond)
	_, _, errno := syscall.RawSyscall(syscall.SYS_EXIT, 0, 0, 0)
	return errno
}

// x32 calls by another table of system calls.
func x32([]string) error {
	runtime.LockOSThread()
	_, _, errno := syscall.RawSyscall(0x40000000|syscall.SYS_GETPID, 0, 0, 0)
	fmt.Println("x32:", errno)
	return nil
}

func init() { runtime.LockOSThread() } // main runs in the first thread

// limits prints what the kernel says of this process.
func limits([]string) error {
	if err := cat([]string{"/proc/self/limits", "/proc/self/status"}); err != nil {
		return err
	}
	return cat([]string{"/proc/self/mountinfo"})
}
