// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// TestVersionVerdicts judges version strings as real machines print them.
func TestVersionVerdicts(t *testing.T) {
	all := func(f floor) string {
		text := ""
		for _, id := range f.fixes {
			text += "  * " + id + "\n"
		}
		return text
	}
	runc, containerd, toolkit := floors[0], floors[1], floors[2]
	debian := "runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+deb12u1\nspec: 1.0.2-dev\ngo: go1.19.8\nlibseccomp: 2.5.4\n"
	for name, tc := range map[string]struct {
		floor floor
		in    installed
		want  Level
	}{
		"runc at the floor":         {runc, installed{output: "runc version 1.3.6\ncommit: v1.3.6-0-gabc\n"}, OK},
		"runc one below":            {runc, installed{output: "runc version 1.3.5\n"}, Fail},
		"runc of the next line":     {runc, installed{output: "runc version 1.4.3\n"}, OK},
		"runc below on that line":   {runc, installed{output: "runc version 1.4.2\n"}, Fail},
		"runc of a later line":      {runc, installed{output: "runc version 1.5.0\n"}, OK},
		"runc 2":                    {runc, installed{output: "runc version 2.0.0\n"}, OK},
		"runc of Debian 12":         {runc, installed{output: debian, pkg: "runc", revision: "1.1.5+ds1-1+deb12u1", changelog: "* CVE-2024-21626\n", vendor: true}, Warn},
		"runc of Debian, all fixed": {runc, installed{output: debian, pkg: "runc", revision: "1.1.5+ds1-1+deb12u9", changelog: all(runc), vendor: true}, OK},
		"runc of Debian, no log":    {runc, installed{output: debian, pkg: "runc", revision: "1.1.5+ds1-1+deb12u1", vendor: true}, Warn},
		"the same, by hand":         {runc, installed{output: debian}, Fail},
		"runc of Docker's package":  {runc, installed{output: "runc version 1.2.5\n", pkg: "containerd.io", revision: "1.7.27-1", changelog: all(runc)}, Fail},
		"containerd of Debian 12":   {containerd, installed{output: "containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3\n", pkg: "containerd", revision: "1.6.20~ds1-1+deb12u3", changelog: "CVE-2025-64329", vendor: true}, Warn},
		"containerd 2.2.5":          {containerd, installed{output: "containerd github.com/containerd/containerd/v2 v2.2.5 fd3f4d5\n"}, OK},
		"containerd 2.2.4":          {containerd, installed{output: "containerd github.com/containerd/containerd/v2 v2.2.4 fd3f4d5\n"}, Fail},
		"containerd 2.3.1":          {containerd, installed{output: "containerd containerd.io v2.3.1 fd3f4d5\n"}, Fail},
		"containerd 1.7.27":         {containerd, installed{output: "containerd containerd.io 1.7.27 05044ec0a9a75232cad458027ca83437aae3f4da\n"}, Fail},
		"toolkit 1.17.8":            {toolkit, installed{output: "NVIDIA Container Toolkit CLI version 1.17.8\ncommit: f202b80a9b9d0db00d9b1d73c0128c8962c55f4d\n"}, OK},
		"toolkit 1.17.7":            {toolkit, installed{output: "NVIDIA Container Toolkit CLI version 1.17.7\n"}, Fail},
		"toolkit 1.9.0":             {toolkit, installed{output: "NVIDIA Container Toolkit CLI version 1.9.0\n"}, Fail},
		"nothing":                   {runc, installed{output: "exit status 127"}, Warn},
	} {
		t.Run(name, func(t *testing.T) {
			got := tc.floor.judge(tc.in)
			require.Equal(t, tc.want, got.Level, got.Text)
			require.Equal(t, tc.want != OK, got.Fix != "", "what is not ok comes with its fix")
		})
	}
	require.Equal(t, "CVE-2025-31133", runc.fixes[1])
	require.Contains(t, runc.judge(installed{output: debian, pkg: "runc", changelog: "CVE-2024-21626", vendor: true}).Text, "CVE-2025-31133")
	require.NotContains(t, runc.judge(installed{output: debian, pkg: "runc", changelog: "CVE-2024-21626", vendor: true}).Text, "CVE-2024-21626")
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	_, err := zw.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, zw.Close())
	return b.Bytes()
}

// debian12 is a machine with Debian's runc and containerd and a toolkit that
// was installed by hand.
func debian12(t *testing.T) Machine {
	t.Helper()
	outputs := map[string]string{
		"/usr/sbin/runc --version":               "runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+deb12u1\n",
		"/usr/bin/containerd --version":          "containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3\n",
		"/opt/bin/nvidia-ctk --version":          "NVIDIA Container Toolkit CLI version 1.16.1\n",
		"dpkg-query -S /usr/sbin/runc":           "runc: /usr/sbin/runc\n",
		"dpkg-query -S /bin/containerd":          "containerd: /bin/containerd\n",
		"dpkg-query -W -f ${Version} runc":       "1.1.5+ds1-1+deb12u1",
		"dpkg-query -W -f ${Version} containerd": "1.6.20~ds1-1+deb12u3",
	}
	paths := map[string]string{"runc": "/usr/sbin/runc", "containerd": "/usr/bin/containerd", "nvidia-ctk": "/opt/bin/nvidia-ctk"}
	return Machine{
		Root: fstest.MapFS{
			"usr/share/doc/runc/changelog.Debian.gz":       {Data: zipped(t, "runc (1.1.5+ds1-1+deb12u1) bookworm-security; urgency=high\n\n  * CVE-2024-21626: several container breakouts\n")},
			"usr/share/doc/containerd/changelog.Debian.gz": {Data: []byte("not gzip")},
			"proc/swaps":                        {Data: []byte("Filename\tType\tSize\tUsed\tPriority\n/dev/sda2 partition 8388604 0 -2\n")},
			"sys/fs/cgroup/cgroup.controllers":  {Data: []byte("cpuset cpu io memory pids\n")},
			"sys/fs/cgroup/memory/memory.limit": {Data: nil},
		},
		Output: func(_ context.Context, name string, args ...string) (string, error) {
			key := name
			for _, a := range args {
				key += " " + a
			}
			out, ok := outputs[key]
			if !ok {
				return "no path found matching pattern", errors.New("exit status 1")
			}
			return out, nil
		},
		Find: func(name string) (string, error) {
			if p := paths[name]; p != "" {
				return p, nil
			}
			return "", errors.New("not found")
		},
	}
}

func TestDoctorOutput(t *testing.T) {
	m := debian12(t)
	provider := &registrytypes.QueryProviderResponse{
		Provider: registrytypes.Provider{Operator: "op", Worker: "hot", Payout: "cold", Bond: 1_000_000_000},
		Tier:     "standard", Slots: 3,
	}
	tiers := []registrytypes.Tier{{Name: "starter", Bond: 100, Slots: 1}, {Name: "standard", Bond: 1000, Slots: 3}, {Name: "professional", Bond: 10_000, Slots: 10}}
	say := func(name string, all ...Finding) Check {
		return Check{name, func(context.Context) []Finding { return all }}
	}
	checks := []Check{
		Cgroups(m), Swap(m), Runtimes(m, true), Runtimes(m, false),
		say("driver", judgeDriver("", 0), judgeDriver("470.199.02", 1), judgeDriver("550.90.07", 2), judgeDriver("580.65.06", 8), judgeDriver("580.65.06", 0)),
		say("limits", judgeFiles(1024, 1_048_576), judgeFiles(1024, 4096)),
		say("inodes", judgeInodes(0, 0), judgeInodes(1_000_000, 9_999), judgeInodes(1_000_000, 40_000), judgeInodes(1_000_000, 500_000)),
		say("time", judgeClock(0, 0, 3*time.Millisecond), judgeClock(unix.TIME_ERROR, 0, 0), judgeClock(0, unix.STA_UNSYNC, 0), judgeClock(0, 0, 2*time.Second)),
		say("bond", judgeBond(provider, tiers, 3)...),
		say("bond", judgeBond(provider, tiers, 4)...),
		say("payout", judgePayout(provider.Provider), judgePayout(registrytypes.Provider{Payout: "hot", Worker: "hot"}), judgePayout(registrytypes.Provider{Payout: "op", Operator: "op"})),
		Outside("https://worker.example.com", "0.0.0.0:8080", fixed("203.0.113.7")),
		Outside("http://worker.example.com", "127.0.0.1:8080", fixed("203.0.113.7")),
		Outside("http://10.0.0.7:8080", "0.0.0.0:8080", nil),
		Outside("http://[::ffff:127.0.0.1]:8080", "0.0.0.0:8080", nil),
		Outside("http://nowhere.example.com", "0.0.0.0:8080", fixed()),
	}
	var out bytes.Buffer
	level, err := Run(t.Context(), checks, Print(&out))
	require.NoError(t, err)
	require.Equal(t, Fail, level)
	golden(t, "doctor.golden", out.String())
}

func fixed(texts ...string) func(context.Context, string) ([]netip.Addr, error) {
	return func(context.Context, string) ([]netip.Addr, error) {
		if len(texts) == 0 {
			return nil, errors.New("no such host")
		}
		var all []netip.Addr
		for _, text := range texts {
			all = append(all, netip.MustParseAddr(text))
		}
		return all, nil
	}
}

func TestCgroupsAndSwap(t *testing.T) {
	with := func(files fstest.MapFS) Machine { return Machine{Root: files} }
	require.Equal(t, OK, worst(t, Cgroups(debian12(t))))
	require.Equal(t, Warn, worst(t, Cgroups(with(fstest.MapFS{"sys/fs/cgroup/cgroup.controllers": {Data: []byte("cpu io\n")}}))))
	require.Equal(t, Warn, worst(t, Cgroups(with(fstest.MapFS{"sys/fs/cgroup/memory/tasks": {}}))))
	require.Equal(t, Warn, worst(t, Cgroups(with(fstest.MapFS{}))))

	const head = "Filename\tType\tSize\tUsed\tPriority\n"
	require.Equal(t, OK, worst(t, Swap(with(fstest.MapFS{"proc/swaps": {Data: []byte(head)}}))))
	require.Equal(t, OK, worst(t, Swap(with(fstest.MapFS{"proc/swaps": {Data: []byte(head + "/dev/zram0 partition 1 0 5\n")}}))))
	require.Equal(t, Warn, worst(t, Swap(with(fstest.MapFS{"proc/swaps": {Data: []byte(head + "/swapfile file 1 0 -2\n")}}))))
	require.Equal(t, Warn, worst(t, Swap(with(fstest.MapFS{}))))
}

func TestBondBelowTheLeastTier(t *testing.T) {
	tiers := []registrytypes.Tier{{Name: "starter", Bond: 100, Slots: 1}}
	res := &registrytypes.QueryProviderResponse{Provider: registrytypes.Provider{Bond: 150, Unbonding: 51}, Slots: 1}
	require.Equal(t, Fail, judgeBond(res, tiers, 1)[0].Level)
	res.Provider.Unbonding = 50
	require.Equal(t, OK, judgeBond(res, tiers, 1)[0].Level)
	res.Load.PendingSlash = 1
	require.Equal(t, Warn, judgeBond(res, tiers, 1)[0].Level)
	res.Provider.Unbonding = 1 << 60
	require.Equal(t, Fail, judgeBond(res, tiers, 1)[1].Level, "more unbonding than bond does not wrap around")
}

// TestThisMachine only asks that the real files can be read: what they say
// differs between machines.
func TestThisMachine(t *testing.T) {
	host := Host(os.DirFS("/"))
	for _, c := range []Check{Limits(), Swap(host), TimeSync(), Cgroups(host), Runtimes(host, false), Inodes(t.TempDir())} {
		findings := c.Run(t.Context())
		require.NotEmpty(t, findings, c.Name)
		for _, f := range findings {
			require.NotEmpty(t, f.Text)
			require.Equal(t, f.Level != OK, f.Fix != "", "%s: %s", c.Name, f.Text)
			t.Log(c.Name, f.Level, f.Text)
		}
	}
	require.Equal(t, Fail, worst(t, Inodes("/does/not/exist")))
}
