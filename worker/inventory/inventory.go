// SPDX-License-Identifier: Apache-2.0

// Package inventory finds out what a machine has: processors, memory, disk
// and, where there is a driver, NVIDIA GPUs. A machine without one is normal.
package inventory

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// Inventory is what was found.
type Inventory struct {
	CPU    CPU    `json:"cpu"`
	Memory Memory `json:"memory"`
	Disk   Disk   `json:"disk"`
	GPUs   []GPU  `json:"gpus"`
	// Driver is the version of the NVIDIA driver, empty if there is none.
	Driver string `json:"driver,omitempty"`
	// GPUNote says why no GPU was looked for, for people.
	GPUNote string `json:"gpu_note,omitempty"`
}

// CPU are the processors.
type CPU struct {
	Model string `json:"model"`
	// Threads is the number that this process may use.
	Threads int    `json:"threads"`
	Arch    string `json:"arch"`
}

// Memory is in bytes.
type Memory struct {
	Total     uint64 `json:"total"`
	Available uint64 `json:"available"`
}

// Disk is the file system of the worker's home, in bytes.
type Disk struct {
	Path  string `json:"path"`
	Total uint64 `json:"total"`
	Free  uint64 `json:"free"`
}

// Read takes the inventory. Proc is the proc file system, home the worker's
// home, gpus what lists the GPUs.
func Read(proc fs.FS, home string, gpus func() ([]GPU, string, error)) (Inventory, error) {
	inv := Inventory{CPU: CPU{Threads: runtime.NumCPU(), Arch: runtime.GOARCH}, GPUs: []GPU{}}
	var all []error
	var err error
	if inv.CPU.Model, err = cpuModel(proc); err != nil {
		all = append(all, err)
	}
	if inv.Memory, err = memory(proc); err != nil {
		all = append(all, err)
	}
	if inv.Disk, err = disk(home); err != nil {
		all = append(all, err)
	}
	found, driver, err := gpus()
	switch {
	case errors.Is(err, ErrNoDriver):
		inv.GPUNote = err.Error()
	case err != nil:
		all = append(all, err)
	}
	inv.Driver = driver
	inv.GPUs = append(inv.GPUs, found...)
	return inv, errors.Join(all...)
}

func cpuModel(proc fs.FS) (string, error) {
	raw, err := fs.ReadFile(proc, "cpuinfo")
	if err != nil {
		return "", fmt.Errorf("read the processor's model: %w", err)
	}
	s := bufio.NewScanner(bytes.NewReader(raw))
	for s.Scan() {
		key, value, ok := strings.Cut(s.Text(), ":")
		if ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value), nil
		}
	}
	return "unknown", s.Err()
}

func memory(proc fs.FS) (Memory, error) {
	f, err := proc.Open("meminfo")
	if err != nil {
		return Memory{}, fmt.Errorf("read the memory's size: %w", err)
	}
	defer f.Close()
	return parseMeminfo(f)
}

func parseMeminfo(r io.Reader) (Memory, error) {
	var m Memory
	s := bufio.NewScanner(r)
	for s.Scan() {
		fields := strings.Fields(s.Text())
		if len(fields) < 2 {
			continue
		}
		var to *uint64
		switch fields[0] {
		case "MemTotal:":
			to = &m.Total
		case "MemAvailable:":
			to = &m.Available
		default:
			continue
		}
		kib, err := strconv.ParseUint(fields[1], 10, 54)
		if err != nil {
			return m, fmt.Errorf("read the memory's size: %w", err)
		}
		*to = kib << 10
	}
	if m.Total == 0 {
		return m, errors.Join(errors.New("read the memory's size: no MemTotal"), s.Err())
	}
	return m, s.Err()
}

func disk(path string) (Disk, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err != nil {
		return Disk{Path: path}, fmt.Errorf("read the size of the disk at %s: %w", path, err)
	}
	return Disk{Path: path, Total: st.Blocks * uint64(st.Bsize), Free: st.Bavail * uint64(st.Bsize)}, nil
}
