// SPDX-License-Identifier: Apache-2.0

package jobs_test

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/cupel-network/cupel/testutil/guests"
	"github.com/cupel-network/cupel/testutil/jobs/inputs"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/wasm"
)

func TestMain(m *testing.M) {
	wasm.ChildMain()
	os.Exit(m.Run())
}

type input struct{ Path, Mount string }

type jobFile struct {
	Engine string
	Module struct{ Path string }
	Args   []string
	Stdin  struct{ Path string }
	Inputs []input
	Sweep  []struct{ Inputs []input }
	Limits struct {
		Fuel                 uint64
		Memory, Wall, Output string
	}
}

// tasks reads a job file and returns one job per task.
func tasks(t *testing.T, name string) []engine.Job {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(name, "job.yaml"))
	require.NoError(t, err)
	var f jobFile
	require.NoError(t, yaml.Unmarshal(b, &f))
	module := guests.BuildJob(t, strings.TrimSuffix(f.Module.Path, ".wasm"))
	code, err := os.ReadFile(module)
	require.NoError(t, err)
	wall, err := time.ParseDuration(f.Limits.Wall)
	require.NoError(t, err)
	base := engine.Job{
		Class: f.Engine, Module: module, ModuleSHA256: sha256.Sum256(code), Args: f.Args,
		Fuel: f.Limits.Fuel, MemoryBytes: size(t, f.Limits.Memory), OutputBytes: size(t, f.Limits.Output), Wall: wall,
		Seed: sha256.Sum256([]byte(name)),
	}
	if f.Stdin.Path != "" {
		base.Stdin = filepath.Join(name, f.Stdin.Path)
	}
	mount := func(list []input) engine.Job {
		job := base
		for _, in := range list {
			job.Files = append(job.Files, engine.File{GuestPath: in.Mount, HostPath: filepath.Join(name, in.Path)})
		}
		return job
	}
	if len(f.Sweep) == 0 {
		return []engine.Job{mount(f.Inputs)}
	}
	var jobs []engine.Job
	for _, s := range f.Sweep {
		jobs = append(jobs, mount(s.Inputs))
	}
	return jobs
}

func size(t *testing.T, s string) uint64 {
	t.Helper()
	shift := 10
	number, ok := strings.CutSuffix(s, "KiB")
	if !ok {
		number, ok = strings.CutSuffix(s, "MiB")
		shift = 20
	}
	require.True(t, ok, s)
	n, err := strconv.ParseUint(number, 10, 32)
	require.NoError(t, err)
	return n << shift
}

// run executes the tasks of a job twice and returns where the outputs of each
// were extracted to.
func run(t *testing.T, name string) []string {
	t.Helper()
	e, err := wasm.New(t.Context(), wasm.Options{CacheDir: filepath.Join(t.TempDir(), "modules")})
	require.NoError(t, err)
	var dirs []string
	for i, job := range tasks(t, name) {
		first, err := e.Run(t.Context(), job, t.TempDir())
		require.NoError(t, err)
		require.Equal(t, engine.OutcomeOK, first.Outcome, first.Detail)
		second, err := e.Run(t.Context(), job, t.TempDir())
		require.NoError(t, err)
		require.Equal(t, first.ArtifactSHA256, second.ArtifactSHA256)
		require.Equal(t, first.Fuel, second.Fuel)
		require.Equal(t, first.MemoryHash, second.MemoryHash)
		require.Less(t, first.Wall, 10*time.Second)
		require.Greater(t, first.Fuel, job.Fuel/2, "the fuel limit is far above the need")
		dir := t.TempDir()
		_, err = engine.ExtractArtifact(first.Artifact, dir, engine.ArtifactLimits{})
		require.NoError(t, err)
		text, err := os.ReadFile(filepath.Join(dir, "stdout"))
		require.NoError(t, err)
		t.Logf("task %d: %d fuel of %d, %s; %s", i, first.Fuel, job.Fuel, first.Wall.Round(time.Millisecond), strings.TrimSpace(string(text)))
		dirs = append(dirs, dir)
	}
	return dirs
}

func TestInputsAreTheGeneratedOnes(t *testing.T) {
	for name, want := range inputs.Files() {
		got, err := os.ReadFile(filepath.FromSlash(name))
		require.NoError(t, err)
		require.Equal(t, want, got, "%s differs: go run ./testutil/jobs/gen", name)
	}
}

func TestRender(t *testing.T) {
	f, err := os.Open(filepath.Join(run(t, "render")[0], "out", "image.png"))
	require.NoError(t, err)
	defer f.Close()
	img, err := png.Decode(f)
	require.NoError(t, err)
	require.Equal(t, 240, img.Bounds().Dx())
	colors := map[any]bool{}
	for y := range 180 {
		for x := range 240 {
			colors[img.At(x, y)] = true
		}
	}
	require.Greater(t, len(colors), 1000)
}

func TestRegression(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(run(t, "regression")[0], "out", "model.json"))
	require.NoError(t, err)
	var m struct {
		Coefficients []float64
		Accuracy     float64
		TestAccuracy float64 `json:"test_accuracy"`
	}
	require.NoError(t, json.Unmarshal(b, &m))
	require.Greater(t, m.TestAccuracy, 0.7)
	require.InDelta(t, 1/2500.0, m.Coefficients[0], 0.0001, "the law behind the data")
	require.InDelta(t, 2.1, m.Coefficients[1], 0.5, "the law behind the data")
}

func checkPrices(t *testing.T, dir string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "out", "prices.csv"))
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 5)
	for _, row := range rows[1:3] {
		price, _ := strconv.ParseFloat(row[2], 64)
		stderr, _ := strconv.ParseFloat(row[3], 64)
		closed, _ := strconv.ParseFloat(row[4], 64)
		require.Less(t, math.Abs(price-closed), 5*stderr, row)
	}
}

func TestOptions(t *testing.T) { checkPrices(t, run(t, "options")[0]) }

func TestSweep(t *testing.T) {
	dirs := run(t, "sweep")
	require.Len(t, dirs, 8)
	for _, dir := range dirs {
		checkPrices(t, dir)
	}
}

func TestMerkle(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(run(t, "merkle")[0], "out", "tree.json"))
	require.NoError(t, err)
	var s struct {
		Leaves     int
		Root       string
		Proof      []string
		Compressed int `json:"compressed_bytes"`
		Bytes      int
	}
	require.NoError(t, json.Unmarshal(b, &s))
	require.Equal(t, 1024, s.Leaves)
	require.Len(t, s.Proof, 10)
	require.Less(t, s.Compressed, s.Bytes*3/4)
}
