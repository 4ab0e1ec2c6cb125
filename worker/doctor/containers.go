// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"context"
	"strconv"
	"strings"

	"github.com/cupel-network/cupel/worker/engine/container"
)

// leastAPI is the oldest API that the engine speaks: Docker 20.10.
const leastAPI = 41

// Containers checks the daemon that runs strangers' containers. Open may be
// slow: it is called when the check runs.
func Containers(runtime string, open func(ctx context.Context) (container.Facts, error)) Check {
	return Check{"docker", func(ctx context.Context) []Finding {
		f, err := open(ctx)
		if err != nil {
			return []Finding{fail("start docker, let the worker's user use its socket, or turn engines.container off", "%v", err)}
		}
		return JudgeContainers(f, runtime)
	}}
}

// JudgeContainers says what is good and bad about a daemon.
func JudgeContainers(f container.Facts, runtime string) []Finding {
	all := []Finding{judgeAPI(f)}
	if err := f.Refuse(runtime); err != nil {
		return append(all, fail("mend it, or turn engines.container off: nothing runs on such a daemon", "%v", err))
	}
	profile, _ := f.Seccomp()
	all = append(all, okay("docker %s limits memory, processes and CPU; seccomp is on (its own profile: %s)", f.Version, orUnknown(profile)))
	all = append(all, judgeBoundary(f, runtime)...)
	if f.CgroupVersion != "2" {
		all = append(all, warn("boot with systemd.unified_cgroup_hierarchy=1 when you can", "cgroup version %s: version 2 counts all memory of a container", orUnknown(f.CgroupVersion)))
	}
	if !f.SwapLimit {
		all = append(all, warn("boot with swapaccount=1, or turn swap off", "swap of containers is not limited"))
	}
	return all
}

func judgeAPI(f container.Facts) Finding {
	major, minor, _ := strings.Cut(f.API, ".")
	n, err := strconv.Atoi(minor)
	if major != "1" || err != nil || n < leastAPI {
		return fail("install Docker 20.10 or newer", "docker %s speaks API %s, 1.%d is needed", f.Version, orUnknown(f.API), leastAPI)
	}
	return okay("docker %s speaks API %s", f.Version, f.API)
}

// judgeBoundary looks at what is between a container and the machine.
func judgeBoundary(f container.Facts, runtime string) []Finding {
	var all []Finding
	for _, missing := range f.Missing(runtime) {
		switch {
		case strings.Contains(missing, "kernel of this machine"):
			all = append(all, warn("install gVisor, add runsc to the daemon's runtimes: engines.container.runtime auto takes it", "%s", missing))
		case strings.Contains(missing, "userns-remap"):
			all = append(all, warn(`set "userns-remap": "default" in /etc/docker/daemon.json, or run docker rootless`, "%s", missing))
		}
	}
	if len(all) == 0 {
		all = append(all, okay("containers have a kernel of their own (runsc)"))
	}
	return all
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}
