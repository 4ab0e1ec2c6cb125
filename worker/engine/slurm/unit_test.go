// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/engine"
)

func TestParseQueue(t *testing.T) {
	got, err := parseQueue("7|RUNNING|cupel-x-a-1|None\n8|PENDING|theirs|Priority\n9|PENDING|cupel-x-b-2|(Reqs|Node)\n", "cupel-x-")
	require.NoError(t, err)
	require.Equal(t, []entry{
		{id: 7, name: "cupel-x-a-1", state: "RUNNING", reason: "None"},
		{id: 9, name: "cupel-x-b-2", state: "PENDING", reason: "(Reqs|Node)"},
	}, got)
	for _, text := range []string{"7|RUNNING|cupel-x-a-1\n", "7_1|RUNNING|cupel-x-a-1|None\n", "error\n"} {
		_, err := parseQueue(text, "cupel-x-")
		require.Error(t, err, text)
	}
	got, err = parseQueue("", "cupel-x-")
	require.NoError(t, err)
	require.Empty(t, got)
}

func FuzzParseQueue(f *testing.F) {
	f.Add("7|RUNNING|cupel-x-a-1|None\n")
	f.Add("7_[1-3]|PENDING|cupel-||\n|||\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := parseQueue(text, "cupel-")
		for _, e := range all {
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(e.name, "cupel-"))
		}
	})
}

// TestQuote asks a shell what it makes of a script's words.
func TestQuote(t *testing.T) {
	for _, word := range []string{"/a b/c", "it's", `$(touch x) \ "`, "-n", "", "é*?"} {
		out, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", "printf %s "+quote(word)).Output()
		require.NoError(t, err)
		require.Equal(t, word, string(out))
	}
}

func TestMinutes(t *testing.T) {
	for d, want := range map[time.Duration]int64{0: 0, time.Second: 1, time.Minute: 1, time.Minute + 1: 2, 24 * time.Hour: 1440} {
		require.Equal(t, want, minutes(d), d)
	}
}

func TestGranted(t *testing.T) {
	for names, want := range map[string][]string{
		"": nil, "0": {"0"}, "2, 5": {"2", "5"}, "GPU-a,MIG-b": {"GPU-a", "MIG-b"}, "NoDevFiles": nil,
	} {
		t.Setenv("CUDA_VISIBLE_DEVICES", names)
		t.Setenv("SLURM_JOB_GPUS", "")
		g := granted()
		require.Len(t, g, len(want), names)
		for i, l := range g {
			require.Equal(t, want[i], l.UUID)
		}
		_, err := g.Lend(t.Context(), "job", engine.GPUNeed{Count: len(want) + 1})
		require.ErrorContains(t, err, "gres.conf")
		require.NoError(t, g.Return("job"))
	}
	t.Setenv("CUDA_VISIBLE_DEVICES", "")
	t.Setenv("SLURM_JOB_GPUS", "3")
	require.Len(t, granted(), 1)
}

func TestOptionsThatCannotWork(t *testing.T) {
	good := Options{Class: "wasm/v1", Dir: filepath.Join(t.TempDir(), "d"), Program: "/bin/true"}
	require.NoError(t, good.check())
	for name, edit := range map[string]func(*Options){
		"class":     func(o *Options) { o.Class = "" },
		"relative":  func(o *Options) { o.Dir = "d" },
		"pattern":   func(o *Options) { o.Dir = "/tmp/%j" },
		"program":   func(o *Options) { o.Program = "cupel-worker" },
		"partition": func(o *Options) { o.Partition = "a b" },
		"option":    func(o *Options) { o.GPUType = "a100:1 --x" },
	} {
		o := good
		edit(&o)
		require.Error(t, o.check(), name)
	}
}

// TestEnvironmentOfJobs: sbatch hands its environment to the job, so it has
// nothing of the worker's in it, and nothing that steers sbatch.
func TestEnvironmentOfJobs(t *testing.T) {
	t.Setenv("SBATCH_PARTITION", "other")
	t.Setenv("SLURM_JOB_ID", "1")
	t.Setenv("CUPEL_KEYRING_PASSPHRASE", "secret")
	t.Setenv("SLURM_CONF", "/etc/slurm.conf")
	env := strings.Join(commandEnv([]string{"A=b"}), "\n") + "\n"
	for _, no := range []string{"SBATCH_", "SLURM_JOB_ID", "CUPEL_"} {
		require.NotContains(t, env, no)
	}
	require.Contains(t, env, "SLURM_CONF=/etc/slurm.conf\n")
	require.Contains(t, env, "A=b\n")
}

func TestDamagedTag(t *testing.T) {
	dir := t.TempDir()
	tag, err := loadTag(dir)
	require.NoError(t, err)
	again, err := loadTag(dir)
	require.NoError(t, err)
	require.Equal(t, tag, again)
	require.NoError(t, os.WriteFile(filepath.Join(dir, tagFile), []byte("../x\n"), 0o600))
	_, err = loadTag(dir)
	require.ErrorContains(t, err, tagFile)
}
