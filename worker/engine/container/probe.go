// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/moby/moby/client"
)

// Facts are what a daemon says of itself, as far as it matters here.
type Facts struct {
	// Version and API are the daemon's; Containerd and Runc what it runs on.
	Version, API, Containerd, Runc string
	OS, Architecture               string
	CgroupVersion, CgroupDriver    string
	// Security lists the daemon's security options, such as "name=userns".
	Security []string
	Runtimes []string
	// CDI is whether devices can be requested by CDI name.
	CDI                                         bool
	CPUs, MemoryBytes                           int64
	MemoryLimit, SwapLimit, PidsLimit, CPUQuota bool
}

// Probe asks a daemon.
func Probe(ctx context.Context, docker *client.Client) (Facts, error) {
	ping, err := docker.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true})
	if err != nil {
		return Facts{}, fmt.Errorf("docker at %s does not answer: %w (start it, or set engines.container.host; the worker's user needs access to the socket)", docker.DaemonHost(), err)
	}
	res, err := docker.Info(ctx, client.InfoOptions{})
	if err != nil {
		return Facts{}, fmt.Errorf("ask docker at %s: %w", docker.DaemonHost(), err)
	}
	i := res.Info
	f := Facts{
		Version: i.ServerVersion, API: ping.APIVersion, Containerd: i.ContainerdCommit.ID, Runc: i.RuncCommit.ID,
		OS: i.OSType, Architecture: i.Architecture, CgroupVersion: i.CgroupVersion, CgroupDriver: i.CgroupDriver,
		Security: i.SecurityOptions, CDI: len(i.CDISpecDirs) > 0, CPUs: int64(i.NCPU), MemoryBytes: i.MemTotal,
		MemoryLimit: i.MemoryLimit, SwapLimit: i.SwapLimit, PidsLimit: i.PidsLimit, CPUQuota: i.CPUCfsQuota,
	}
	for name := range i.Runtimes {
		f.Runtimes = append(f.Runtimes, name)
	}
	slices.Sort(f.Runtimes)
	return f, nil
}

// security returns the value of a key of the security option of that name.
func (f Facts) security(name, key string) (value string, ok bool) {
	for _, option := range f.Security {
		fields := strings.Split(option, ",")
		if fields[0] != "name="+name {
			continue
		}
		for _, field := range fields[1:] {
			if v, found := strings.CutPrefix(field, key+"="); found {
				value = v
			}
		}
		return value, true
	}
	return "", false
}

// Seccomp returns the name of the daemon's default profile; ok is false if it
// applies none.
func (f Facts) Seccomp() (profile string, ok bool) {
	profile, ok = f.security("seccomp", "profile")
	return profile, ok && profile != "unconfined"
}

// UserNamespaces reports whether root in a container is nobody outside.
func (f Facts) UserNamespaces() bool {
	_, remapped := f.security("userns", "")
	_, rootless := f.security("rootless", "")
	return remapped || rootless
}

// Refuse says why no stranger's container may run on the daemon, or nil.
func (f Facts) Refuse(runtime string) error {
	lacks := func(what string) error {
		return fmt.Errorf("docker %s cannot limit %s: enable the cgroup controller, see docker info", f.Version, what)
	}
	_, confined := f.Seccomp()
	switch {
	case f.OS != "linux" || f.Architecture != "x86_64":
		return fmt.Errorf("docker runs containers of %s/%s, the class is for linux/x86_64", f.OS, f.Architecture)
	case !confined:
		return fmt.Errorf("docker %s applies no seccomp profile: remove seccomp-profile unconfined from the daemon's configuration", f.Version)
	case !f.MemoryLimit:
		return lacks("memory")
	case !f.PidsLimit:
		return lacks("processes")
	case !f.CPUQuota:
		return lacks("CPU time")
	case runtime != RuntimeAuto && !slices.Contains(f.Runtimes, runtime):
		return fmt.Errorf("docker has no runtime %q, it has %s: install it, or set engines.container.runtime to auto", runtime, strings.Join(f.Runtimes, ", "))
	}
	return nil
}

// runtime is the one that containers run with.
func (f Facts) runtime(want string) string {
	switch {
	case want != RuntimeAuto:
		return want
	case slices.Contains(f.Runtimes, RuntimeRunsc):
		return RuntimeRunsc
	}
	return RuntimeRunc
}

// Missing lists what the daemon does not isolate.
func (f Facts) Missing(runtime string) []string {
	var missing []string
	if f.runtime(runtime) != RuntimeRunsc {
		missing = append(missing, "containers share the kernel of this machine: runsc is not used")
		if !f.UserNamespaces() {
			missing = append(missing, "root in a container would be root of this machine: userns-remap is off (containers run as another user)")
		}
	}
	if !f.SwapLimit {
		missing = append(missing, "swap is not limited: the kernel does not account for it")
	}
	return missing
}
