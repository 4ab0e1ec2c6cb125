// SPDX-License-Identifier: Apache-2.0

// Package escape holds attempts to leave the sandbox of a job, each a job of
// its own with a verdict, and the canaries by which the host notices.
package escape

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
)

// Secret is in every file that a job must not see.
const Secret = "canary-secret"

// Canary is what a host keeps an eye on: files, a process, ports, and parts of
// the kernel.
type Canary struct {
	// Dir holds the files; File is one of them.
	Dir, File string

	process   *exec.Cmd
	listeners []net.Listener
	port      int
	address   string
	socket    string
	knocks    atomic.Int64
	before    map[string]string
}

// NewCanary puts the canaries out, the files into dir.
func NewCanary(ctx context.Context, dir string) (*Canary, error) {
	c := &Canary{Dir: dir, File: filepath.Join(dir, "canary"), socket: "cupel-canary-" + rand.Text()}
	for _, path := range []string{c.File, filepath.Join(dir, "run", "cupel"), filepath.Join(dir, "etc")} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, []byte(Secret+" "+rand.Text()), 0o666); err != nil {
			return nil, err
		}
	}
	if err := c.listen(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	c.process = exec.CommandContext(context.WithoutCancel(ctx), "sleep", "100000")
	if err := c.process.Start(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	c.before = c.look()
	return c, nil
}

func (c *Canary) listen(ctx context.Context) error {
	var config net.ListenConfig
	tcp, err := config.Listen(ctx, "tcp", "0.0.0.0:0")
	if err != nil {
		return err
	}
	c.listeners = append(c.listeners, tcp)
	_, port, err := net.SplitHostPort(tcp.Addr().String())
	if err != nil {
		return err
	}
	if c.port, err = strconv.Atoi(port); err != nil {
		return err
	}
	unix, err := config.Listen(ctx, "unix", "@"+c.socket)
	if err != nil {
		return err
	}
	c.listeners = append(c.listeners, unix)
	for _, l := range c.listeners {
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				c.knocks.Add(1)
				_ = conn.Close()
			}
		}()
	}
	c.address = "127.0.0.1"
	addresses, err := net.InterfaceAddrs()
	for _, a := range addresses {
		if ip, ok := a.(*net.IPNet); ok && ip.IP.To4() != nil && !ip.IP.IsLoopback() {
			c.address = ip.IP.String()
		}
	}
	return err
}

// env tells a job where the canaries are.
func (c *Canary) env(docker string) map[string]string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return map[string]string{
		"CANARY_FILE": c.File, "CANARY_DIR": c.Dir, "CANARY_PID": strconv.Itoa(c.process.Process.Pid), "CANARY_PORT": strconv.Itoa(c.port),
		"CANARY_IP": c.address, "CANARY_SOCKET": c.socket, "CANARY_HOST": host, "CANARY_DOCKER": strings.TrimPrefix(docker, "unix://"),
	}
}

// look takes down the state of everything that no job may change.
func (c *Canary) look() map[string]string {
	seen := map[string]string{}
	note := func(path string) {
		info, err := os.Lstat(path)
		if err != nil {
			seen[path] = err.Error()
			return
		}
		seen[path] = fmt.Sprintf("%s %d", info.Mode(), info.ModTime().UnixNano())
		if text, err := os.ReadFile(path); err == nil {
			seen[path] += fmt.Sprintf(" %x", sha256.Sum256(text))
		}
	}
	_ = filepath.WalkDir(c.Dir, func(path string, d fs.DirEntry, err error) error {
		note(path)
		return err
	})
	for _, path := range []string{"/etc/passwd", "/etc/shadow", "/etc/hosts", "/etc/hostname", "/etc/ld.so.preload", "/etc/crontab"} {
		note(path)
	}
	for _, path := range []string{"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname", "/proc/sys/net/ipv4/ip_forward", "/proc/swaps", "/proc/net/route"} {
		if text, err := os.ReadFile(path); err == nil {
			seen[path] = string(text)
		}
	}
	if modules, err := os.ReadFile("/proc/modules"); err == nil {
		seen["modules"] = strconv.Itoa(strings.Count(string(modules), "\n"))
	}
	return seen
}

// Check returns what changed since the canaries were put out, or nil.
func (c *Canary) Check() error {
	var all []error
	now := c.look()
	for path, was := range c.before {
		if now[path] != was {
			all = append(all, fmt.Errorf("%s was %q and is %q", path, was, now[path]))
		}
	}
	for path := range now {
		if _, ok := c.before[path]; !ok {
			all = append(all, fmt.Errorf("%s is new", path))
		}
	}
	if n := c.knocks.Load(); n > 0 {
		all = append(all, fmt.Errorf("%d connections reached the host", n))
	}
	state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.process.Process.Pid))
	if err != nil || strings.Contains(string(state), ") Z") {
		all = append(all, fmt.Errorf("process %d is gone: %w", c.process.Process.Pid, err))
	}
	return errors.Join(all...)
}

// Close takes the canaries in. The files stay.
func (c *Canary) Close() error {
	var all []error
	for _, l := range c.listeners {
		all = append(all, l.Close())
	}
	if c.process != nil {
		all = append(all, c.process.Process.Kill())
		_ = c.process.Wait() // it was killed
	}
	return errors.Join(all...)
}
