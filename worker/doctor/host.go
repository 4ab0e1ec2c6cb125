// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Cgroups checks that limits on memory, processes and CPU can be enforced.
func Cgroups(m Machine) Check {
	const fix = "boot with systemd.unified_cgroup_hierarchy=1; without limits one job can take the machine"
	return Check{"cgroups", func(context.Context) []Finding {
		raw, err := fs.ReadFile(m.Root, "sys/fs/cgroup/cgroup.controllers")
		if err == nil {
			var missing []string
			for _, want := range []string{"cpu", "memory", "pids"} {
				if !containsWord(string(raw), want) {
					missing = append(missing, want)
				}
			}
			if len(missing) > 0 {
				return []Finding{warn("delegate them to this unit (systemd: Delegate=yes)", "cgroup v2 has no controller %s here", strings.Join(missing, ", "))}
			}
			return []Finding{okay("cgroup v2 with cpu, memory and pids")}
		}
		if _, err := fs.Stat(m.Root, "sys/fs/cgroup/memory"); err == nil {
			return []Finding{warn(fix, "cgroup v1: a container can be limited, but not delegated safely")}
		}
		return []Finding{warn(fix, "no cgroups are mounted: only the engine's own limits hold")}
	}}
}

func containsWord(text, word string) bool {
	for _, w := range strings.Fields(text) {
		if w == word {
			return true
		}
	}
	return false
}

// Swap warns where guests' memory, and the worker's keys, may reach a disk.
func Swap(m Machine) Check {
	return Check{"swap", func(context.Context) []Finding {
		raw, err := fs.ReadFile(m.Root, "proc/swaps")
		if err != nil {
			return []Finding{warn("check that /proc is mounted", "%v", err)}
		}
		lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
		if len(lines) < 2 {
			return []Finding{okay("no swap is in use")}
		}
		for _, line := range lines[1:] {
			name, _, _ := strings.Cut(line, " ")
			if !strings.HasPrefix(name, "/dev/zram") && !strings.HasPrefix(name, "/dev/dm-") {
				return []Finding{warn("run swapoff -a, or encrypt it: the memory of jobs and the secret can be written to it",
					"%s swaps to a disk that is not known to be encrypted", name)}
			}
		}
		return []Finding{okay("swap is in memory or on a mapped device")}
	}}
}

// minFiles is the number of open files that 1,024 jobs and their sockets take.
const minFiles = 16_384

// Limits checks what the process may open, by its own limits.
func Limits() Check {
	return Check{"limits", func(context.Context) []Finding {
		var files unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
			return []Finding{warn("check ulimit -n", "%v", err)}
		}
		return []Finding{judgeFiles(files.Cur, files.Max)}
	}}
}

func judgeFiles(soft, hard uint64) Finding {
	// The Go runtime raises the soft limit to the hard one.
	if most := max(soft, hard); most < minFiles {
		return warn(fmt.Sprintf("set LimitNOFILE=%d in the unit, or ulimit -n", minFiles), "at most %d files can be open", most)
	}
	return okay("%d files can be open", max(soft, hard))
}

// Inodes checks that small files can still be made where the home is.
func Inodes(home string) Check {
	return Check{"inodes", func(context.Context) []Finding {
		var st unix.Statfs_t
		if err := unix.Statfs(home, &st); err != nil {
			return []Finding{fail("check the disk", "%v", err)}
		}
		return []Finding{judgeInodes(st.Files, st.Ffree)}
	}}
}

func judgeInodes(total, free uint64) Finding {
	switch {
	case total == 0:
		return okay("the file system has no fixed number of inodes")
	case free < 10_000:
		return fail("remove small files, or move the home", "%d inodes are free: jobs cannot write files", free)
	case free < total/20:
		return warn("remove small files, or move the home", "%d of %d inodes are free", free, total)
	}
	return okay("%d inodes are free", free)
}

// TimeSync checks that something keeps the clock right, by asking the kernel.
func TimeSync() Check {
	return Check{"time", func(context.Context) []Finding {
		var tx unix.Timex
		state, err := unix.Adjtimex(&tx)
		if err != nil {
			return []Finding{warn("check that chrony or systemd-timesyncd runs", "the kernel does not say whether the clock is synchronized: %v", err)}
		}
		return []Finding{judgeClock(state, tx.Status, time.Duration(tx.Maxerror)*time.Microsecond)}
	}}
}

func judgeClock(state int, status int32, maxError time.Duration) Finding {
	const fix = "start chrony or systemd-timesyncd (timedatectl set-ntp true)"
	if state == unix.TIME_ERROR || status&unix.STA_UNSYNC != 0 {
		return warn(fix, "the kernel says that the clock is not synchronized")
	}
	if maxError > time.Second {
		return warn(fix, "the clock may be %s off", maxError.Round(time.Millisecond))
	}
	return okay("the clock is synchronized to within %s", maxError.Round(time.Millisecond))
}

// The branches of the NVIDIA driver: below the first nothing gets security
// fixes, below the second only some do.
const (
	driverFloor   = 535
	driverCurrent = 580
)

// Driver checks the NVIDIA driver. GPUs is the number that NVML found; version
// is empty where there is no driver.
func Driver(version string, gpus int) Check {
	return Check{"driver", func(context.Context) []Finding { return []Finding{judgeDriver(version, gpus)} }}
}

func judgeDriver(version string, gpus int) Finding {
	if version == "" {
		return okay("no NVIDIA driver: GPU classes cannot be offered")
	}
	v, ok := parseRelease(version)
	switch {
	case !ok:
		return warn("see nvidia-smi", "the driver's version is not known: %q", version)
	case gpus == 0:
		return warn("see nvidia-smi and dmesg", "driver %s finds no GPU", version)
	case v[0] < driverFloor:
		return fail(fmt.Sprintf("install branch %d of the driver", driverCurrent), "driver %s gets no security fixes any more", version)
	case v[0] < driverCurrent:
		return warn(fmt.Sprintf("plan to install branch %d of the driver", driverCurrent), "driver %s is not of a branch with long-term fixes", version)
	}
	return okay("driver %s, %d GPUs", version, gpus)
}
