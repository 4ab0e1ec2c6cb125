// SPDX-License-Identifier: Apache-2.0

package jobfile_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/jobfile"
	"github.com/cupel-network/cupel/worker/manifest"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

const wasm = "\x00asm\x01\x00\x00\x00"

// jobDir is a directory with the files that the test jobs name.
func jobDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	dir = filepath.Join(dir, "job")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "input"), 0o700))
	for name, text := range map[string]string{
		"render.wasm": wasm, "text.wasm": "hello", "input/scene.json": "{}", "input/a.json": "a", "input/b.json": "b", "../secret": "s",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	require.NoError(t, os.Symlink("../secret", filepath.Join(dir, "link")))
	require.NoError(t, os.Symlink("input/a.json", filepath.Join(dir, "inner")))
	return dir
}

func build(t *testing.T, dir, text string, opts jobfile.Options) (*jobfile.Job, error) {
	t.Helper()
	f, err := jobfile.Parse([]byte(text))
	require.NoError(t, err)
	opts.Dir = dir
	return f.Build(opts)
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func TestBuild(t *testing.T) {
	dir := jobDir(t)
	job, err := build(t, dir, full, jobfile.Options{BlockTime: 500 * time.Millisecond, Requester: operator})
	require.NoError(t, err)
	m, err := manifest.Decode(job.Document)
	require.NoError(t, err)
	require.Equal(t, "file://"+dir+"/render.wasm", m.Module.URI)
	require.Equal(t, hashOf(wasm), m.Module.SHA256)
	require.Equal(t, uint64(8), m.Module.Size)

	task := m.Task(1)
	require.Equal(t, []string{"-scene", "/in/scene.json", "7"}, task.Args)
	require.Len(t, task.Inputs, 2)
	require.Equal(t, "/in/scene.json", task.Inputs[0].Mount)
	require.Equal(t, hashOf("b"), task.Inputs[1].SHA256)
	require.Equal(t, hashOf("a"), task.Stdin.SHA256)

	require.Equal(t, markettypes.MsgSubmit{
		Requester: operator, Class: "wasm/v1-amd64", Manifest: manifest.Hash(job.Document), ManifestInline: job.Document,
		Count: 2, LotSize: 2, Policy: markettypes.PolicyRedundant, Comparator: markettypes.ComparatorExact, Replicas: 3,
		Limits: job.File.Limits, Requirements: job.File.Requirements,
		Denom: "ucupel", MaxPrice: 50, Tip: 1, ValueAtStake: 7, Deadline: 1200,
	}, job.Msg)
	require.NoError(t, job.Msg.Validate(markettypes.DefaultParams()))
	require.Len(t, job.Files, 4)
	again, err := build(t, dir, full, jobfile.Options{})
	require.NoError(t, err)
	require.Equal(t, job.Document, again.Document)
}

func TestBuildOverrides(t *testing.T) {
	job, err := build(t, jobDir(t), valid+`args: [a]
env: {A: "1", B: "2"}
inputs: [{path: input/a.json, mount: /in/x}]
sweep:
  - {}
  - {args: [], env: {B: "3"}, inputs: []}
  - {inputs: [{path: input/b.json, mount: /in/x}]}
`, jobfile.Options{})
	require.NoError(t, err)
	m := job.Manifest
	require.Equal(t, []string{"a"}, m.Task(0).Args)
	require.Len(t, m.Task(0).Inputs, 1)
	require.Empty(t, m.Task(1).Args)
	require.Empty(t, m.Task(1).Inputs)
	require.Equal(t, []string{"A=1", "B=3"}, m.Task(1).Environ())
	require.Len(t, m.Task(2).Inputs, 1)
	require.Equal(t, hashOf("b"), m.Task(2).Inputs[0].SHA256)
}

func TestBuildBaseURL(t *testing.T) {
	dir := jobDir(t)
	require.NoError(t, os.Rename(filepath.Join(dir, "render.wasm"), filepath.Join(dir, "my render.wasm")))
	text := strings.ReplaceAll(valid, "render.wasm", "my render.wasm")
	job, err := build(t, dir, text, jobfile.Options{BaseURL: "https://example.com/jobs/"})
	require.NoError(t, err)
	require.Equal(t, "https://example.com/jobs/my%20render.wasm", job.Manifest.Module.URI)
	for _, base := range []string{"example.com", "ftp://a/b", "https://", "https://a/?q"} {
		_, err := build(t, dir, text, jobfile.Options{BaseURL: base})
		requireSentence(t, err, "base URL")
	}
}

func TestBuildLargeManifest(t *testing.T) {
	dir := jobDir(t)
	text := valid + "sweep: [" + strings.Repeat("{args: [some, longer, arguments]},", 500) + "]\n"
	job, err := build(t, dir, text, jobfile.Options{})
	require.NoError(t, err)
	require.Greater(t, len(job.Document), markettypes.MaxInlineManifest)
	require.Empty(t, job.Msg.ManifestInline)
	require.NoError(t, job.Msg.Validate(markettypes.DefaultParams()))
	path, err := job.WriteDocument()
	require.NoError(t, err)
	require.Equal(t, "file://"+path, job.Msg.ManifestUri)
	bz, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, job.Document, bz)
}

func TestBuildRemote(t *testing.T) {
	dir := jobDir(t)
	hash := hashOf(wasm)
	job, err := build(t, dir, edit("module", "module: {uri: 'https://a/m.wasm', sha256: "+hash+", size: 8}"), jobfile.Options{})
	require.NoError(t, err)
	require.Equal(t, manifest.Ref{URI: "https://a/m.wasm", SHA256: hash, Size: 8}, job.Manifest.Module)
	job, err = build(t, dir, edit("module", "module: {uri: 'file://"+dir+"/render.wasm', sha256: "+hash+"}"), jobfile.Options{})
	require.NoError(t, err)
	require.Equal(t, uint64(8), job.Manifest.Module.Size)
}

func TestBuildAllowOutside(t *testing.T) {
	dir := jobDir(t)
	for _, path := range []string{"../secret", "link", filepath.Join(filepath.Dir(dir), "secret")} {
		text := valid + "inputs: [{path: '" + path + "', mount: /in/a}]\n"
		_, err := build(t, dir, text, jobfile.Options{})
		requireSentence(t, err, "directory of the job file")
		job, err := build(t, dir, text, jobfile.Options{AllowOutside: true})
		require.NoError(t, err)
		require.Equal(t, hashOf("s"), job.Manifest.Template.Inputs[0].SHA256)
		_, err = build(t, dir, text, jobfile.Options{AllowOutside: true, BaseURL: "https://a"})
		requireSentence(t, err, "outside the directory that --base-url stands for")
	}
	_, err := build(t, dir, valid+"inputs: [{path: inner, mount: /in/a}]\n", jobfile.Options{})
	require.NoError(t, err)
}

func TestBuildRefuses(t *testing.T) {
	dir := jobDir(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "large.wasm"), append([]byte(wasm), make([]byte, jobfile.MaxModuleBytes)...), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "component.wasm"), []byte("\x00asm\x0d\x00\x01\x00"), 0o600))
	other := hashOf("other")
	tests := map[string]struct{ text, says string }{
		"missing module":    {edit("module", "module: {path: none.wasm}"), "no such file"},
		"module is a dir":   {edit("module", "module: {path: input}"), "is a directory"},
		"module is no wasm": {edit("module", "module: {path: text.wasm}"), "text.wasm is not a WebAssembly module"},
		"module is empty":   {edit("module", "module: {path: input/a.json}"), "is not a WebAssembly module"},
		"component":         {edit("module", "module: {path: component.wasm}"), "is not a WebAssembly module"},
		"module too large":  {edit("module", "module: {path: large.wasm}"), "at most 8388608 are allowed"},
		"hash mismatch":     {edit("module", "module: {path: render.wasm, sha256: "+other+"}"), "the job file says " + other},
		"size mismatch":     {edit("module", "module: {path: render.wasm, size: 9}"), "has 8 bytes, the job file says 9"},
		"remote no size":    {edit("module", "module: {uri: 'https://a/b', sha256: "+other+"}"), "without size"},
		"remote too large":  {edit("module", "module: {uri: 'https://a/b', sha256: "+other+", size: 9000000}"), "at most 8388608"},
		"file uri mismatch": {edit("module", "module: {uri: 'file://"+dir+"/render.wasm', sha256: "+other+"}"), "the job file says"},
		"file uri missing":  {edit("module", "module: {uri: 'file:///none/such', sha256: "+other+"}"), "no such file"},
		"missing input":     {valid + "inputs: [{path: none, mount: /in/a}]\n", "no such file"},
		"missing stdin":     {valid + "stdin: {path: none}\n", "no such file"},
		"input hash":        {valid + "inputs: [{path: input/a.json, mount: /in/a, sha256: " + other + "}]\n", "the job file says"},
		"traversal":         {valid + "inputs: [{path: ../secret, mount: /in/a}]\n", "leaves the directory"},
		"deep traversal":    {valid + "inputs: [{path: input/../../secret, mount: /in/a}]\n", "leaves the directory"},
		"absolute path":     {valid + "inputs: [{path: /etc/passwd, mount: /in/a}]\n", "leaves the directory"},
		"link outside":      {valid + "inputs: [{path: link, mount: /in/a}]\n", "is a link out of"},
		"mounted twice":     {valid + "inputs: [{path: inner, mount: /in/a}, {path: inner, mount: /in/a}]\n", "collides"},
		"mount in a file":   {valid + "inputs: [{path: inner, mount: /in/a}, {path: inner, mount: /in/a/b}]\n", "collides"},
		"sweep collides":    {valid + "sweep: [{}, {inputs: [{path: inner, mount: /in/a}, {path: inner, mount: /in/a/b}]}]\n", "task 1 of the sweep"},
		"zero byte":         {valid + "args: [\"a\\0b\"]\n", "zero byte"},
		"long arguments":    {valid + "args: [" + strings.Repeat("a", 70_000) + "]\n", "at most 65536 are allowed"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := build(t, dir, tc.text, jobfile.Options{})
			requireSentence(t, err, tc.says)
		})
	}
}
