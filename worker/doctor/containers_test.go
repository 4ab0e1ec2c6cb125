// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/engine/container"
)

// recorded is what docker.io 20.10.24+dfsg1 of Debian 12 says of itself.
func recorded() container.Facts {
	return container.Facts{
		Version: "20.10.24+dfsg1", API: "1.41", Containerd: "1.6.20~ds1-1+deb12u3", Runc: "1.1.5+ds1-1+deb12u1",
		OS: "linux", Architecture: "x86_64", CgroupVersion: "1", CgroupDriver: "cgroupfs", Security: []string{"name=seccomp,profile=default"},
		Runtimes: []string{"io.containerd.runc.v2", "io.containerd.runtime.v1.linux", "runc"}, CPUs: 2, MemoryBytes: 24 << 30,
		MemoryLimit: true, SwapLimit: true, PidsLimit: true, CPUQuota: true,
	}
}

func TestJudgeContainers(t *testing.T) {
	tests := map[string]struct {
		edit    func(*container.Facts)
		runtime string
		worst   Level
		says    string
	}{
		"Debian 12":        {worst: Warn, says: "runsc is not used"},
		"no remapping":     {worst: Warn, says: "userns-remap is off"},
		"old cgroups":      {worst: Warn, says: "cgroup version 1"},
		"all is well":      {edit: func(f *container.Facts) { f.Runtimes = append(f.Runtimes, "runsc"); f.CgroupVersion = "2" }, worst: OK, says: "a kernel of their own"},
		"remapped":         {edit: func(f *container.Facts) { f.Security = append(f.Security, "name=userns") }, worst: Warn, says: "share the kernel"},
		"unconfined":       {edit: func(f *container.Facts) { f.Security = []string{"name=seccomp,profile=unconfined"} }, worst: Fail, says: "no seccomp profile"},
		"no seccomp":       {edit: func(f *container.Facts) { f.Security = nil }, worst: Fail, says: "no seccomp profile"},
		"no memory limit":  {edit: func(f *container.Facts) { f.MemoryLimit = false }, worst: Fail, says: "cannot limit memory"},
		"no process limit": {edit: func(f *container.Facts) { f.PidsLimit = false }, worst: Fail, says: "cannot limit processes"},
		"no quota":         {edit: func(f *container.Facts) { f.CPUQuota = false }, worst: Fail, says: "cannot limit CPU time"},
		"no swap limit":    {edit: func(f *container.Facts) { f.SwapLimit = false }, worst: Warn, says: "swap of containers is not limited"},
		"other processor":  {edit: func(f *container.Facts) { f.Architecture = "aarch64" }, worst: Fail, says: "linux/aarch64"},
		"old docker":       {edit: func(f *container.Facts) { f.API = "1.40" }, worst: Fail, says: "1.41 is needed"},
		"no API":           {edit: func(f *container.Facts) { f.API = "" }, worst: Fail, says: "API unknown"},
		"runsc is wanted":  {runtime: "runsc", worst: Fail, says: "docker has no runtime \"runsc\""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := recorded()
			if tc.edit != nil {
				tc.edit(&f)
			}
			if tc.runtime == "" {
				tc.runtime = container.RuntimeAuto
			}
			worst, text := OK, ""
			for _, finding := range JudgeContainers(f, tc.runtime) {
				worst = max(worst, finding.Level)
				text += finding.Text + "\n"
				require.Equal(t, finding.Level == OK, finding.Fix == "", finding.Text)
			}
			require.Equal(t, tc.worst, worst, text)
			require.Contains(t, text, tc.says)
		})
	}
}

func TestContainersWithoutDocker(t *testing.T) {
	c := Containers(container.RuntimeAuto, func(context.Context) (container.Facts, error) { return container.Facts{}, errors.New("no socket") })
	all := c.Run(t.Context())
	require.Len(t, all, 1)
	require.Equal(t, Fail, all[0].Level)
}
