// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/engine"
)

var ended = time.UnixMilli(1_700_000_100_000)

func result() engine.Result {
	return engine.Result{Outcome: engine.OutcomeOK, Fuel: 8, Wall: 3500 * time.Millisecond}
}

func facts() Facts {
	return Facts{
		Job:     Job{ChainID: "cupel-1", Task: 4096, Attempt: 1, Manifest: "ab", Class: "container/v1-amd64", Program: "sha256:cd"},
		Node:    Node{Operator: "cupel1o", Worker: "cupel1w"},
		Outcome: engine.OutcomeOK, Units: 8, WallSeconds: 10, Processors: 2, Assigned: 1_700_000_090, Elapsed: 20,
	}
}

func write(t testing.TB, meta engine.Meta, files map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "artifact")
	var entries []engine.Entry
	for name, content := range files {
		entries = append(entries, engine.BytesEntry(name, []byte(content)))
	}
	var out bytes.Buffer
	require.NoError(t, engine.WriteArtifact(&out, meta, entries))
	require.NoError(t, os.WriteFile(path, out.Bytes(), 0o600))
	return path
}

func seal(t testing.TB, path string, e Evidence) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "sealed")
	digest, err := Seal(path, to, e)
	require.NoError(t, err)
	a, err := engine.OpenArtifact(to, engine.ArtifactLimits{})
	require.NoError(t, err)
	require.Equal(t, a.SHA256, digest)
	require.NoError(t, a.Close())
	return to
}

func evidence() Evidence {
	e := Evidence{Job: facts().Job, Node: facts().Node}
	e.Ran(result(), ended)
	return e
}

// TestScore changes one thing at a time, in what the chain says or in what the
// provider does; only the bit of that part falls.
func TestScore(t *testing.T) {
	files := map[string]string{"stdout": "epoch 1\n", "out/model": "weights"}
	tests := map[string]struct {
		facts    func(*Facts)
		evidence func(*Evidence)
		meta     engine.Meta
		files    map[string]string
		lost     byte
	}{
		"all holds":                 {},
		"another chain":             {facts: func(f *Facts) { f.Job.ChainID = "cupel-2" }, lost: JobExists},
		"another task":              {facts: func(f *Facts) { f.Job.Task++ }, lost: JobExists},
		"another attempt":           {facts: func(f *Facts) { f.Job.Attempt++ }, lost: JobExists},
		"another manifest":          {facts: func(f *Facts) { f.Job.Manifest = "ac" }, lost: JobExists},
		"another program":           {facts: func(f *Facts) { f.Job.Program = "sha256:ce" }, lost: JobExists},
		"another operator":          {facts: func(f *Facts) { f.Node.Operator = "cupel1p" }, lost: NodeMatches},
		"another worker":            {facts: func(f *Facts) { f.Node.Worker = "cupel1x" }, lost: NodeMatches},
		"no word was said":          {files: map[string]string{"out/model": "weights"}, lost: LogsExist},
		"standard error is a log":   {files: map[string]string{"stderr": "epoch 1\n", "out/model": "weights"}},
		"another result on chain":   {facts: func(f *Facts) { f.Outcome = engine.OutcomeExit }, lost: Completed},
		"stopped":                   {facts: func(f *Facts) { f.Outcome = engine.OutcomeOutOfFuel }, meta: engine.Meta{Outcome: engine.OutcomeOutOfFuel}, evidence: func(e *Evidence) { e.Outcome = "OUT_OF_FUEL" }, lost: Completed},
		"failed by itself":          {facts: func(f *Facts) { f.Outcome = engine.OutcomeExit }, meta: engine.Meta{Outcome: engine.OutcomeExit, ExitCode: 3}, evidence: func(e *Evidence) { e.Outcome, e.ExitCode = "EXIT", 3 }},
		"another exit code":         {facts: func(f *Facts) { f.Outcome = engine.OutcomeExit }, meta: engine.Meta{Outcome: engine.OutcomeExit, ExitCode: 3}, evidence: func(e *Evidence) { e.Outcome = "EXIT" }, lost: Completed},
		"ended before it started":   {evidence: func(e *Evidence) { e.Started = e.Finished + 1 }, lost: TimingPlausible},
		"before the draw":           {facts: func(f *Facts) { f.Assigned += 1000 }, lost: TimingPlausible},
		"a clock that is a bit off": {facts: func(f *Facts) { f.Assigned += 100 }},
		"after the reveal":          {facts: func(f *Facts) { f.Assigned -= 1000 }, lost: TimingPlausible},
		"longer than the limit":     {evidence: func(e *Evidence) { e.Started -= 20_000 }, lost: TimingPlausible},
		"more than the processors":  {evidence: func(e *Evidence) { e.Units = 9 }, lost: TimingPlausible},
		"charged more than said":    {facts: func(f *Facts) { f.Units = 9 }, lost: TimingPlausible},
		"fuel":                      {facts: func(f *Facts) { f.Processors, f.Units = 0, 1e9 }, evidence: func(e *Evidence) { e.Units = 1e9 }},
		"too much fuel":             {facts: func(f *Facts) { f.Processors = 0 }, evidence: func(e *Evidence) { e.Units = 1e12 }, lost: TimingPlausible},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f, e := facts(), evidence()
			if tc.facts != nil {
				tc.facts(&f)
			}
			if tc.evidence != nil {
				tc.evidence(&e)
			}
			if tc.meta.Outcome == 0 {
				tc.meta.Outcome = engine.OutcomeOK
			}
			if tc.files == nil {
				tc.files = files
			}
			got, err := Score(seal(t, write(t, tc.meta, tc.files), e), f)
			require.NoError(t, err)
			require.Equal(t, All&^tc.lost, got, "%06b", got)
		})
	}
}

// TestForgedEvidence is an artifact that a provider has put together itself.
func TestForgedEvidence(t *testing.T) {
	ok := engine.Meta{Outcome: engine.OutcomeOK}
	score := func(path string) byte {
		got, err := Score(path, facts())
		require.NoError(t, err)
		return got
	}
	with := func(e any, files map[string]string) string {
		raw, err := json.Marshal(e)
		require.NoError(t, err)
		files[EvidenceName] = string(raw)
		return write(t, ok, files)
	}
	require.Zero(t, score(write(t, ok, map[string]string{"stdout": "x"})), "no evidence")
	require.Zero(t, score(with("text", map[string]string{"stdout": "x"})))
	require.Zero(t, score(with(map[string]any{"version": EvidenceVersion, "more": 1}, map[string]string{"stdout": "x"})), "unknown fields")
	_, err := Score(filepath.Join(t.TempDir(), "gone"), facts())
	require.ErrorIs(t, err, os.ErrNotExist, "a lost file is no vote")

	e := evidence()
	e.Files = []Log{{Name: "stdout", Size: 1, SHA256: "00"}}
	require.Equal(t, All&^(HashesValid|LogsExist), score(with(e, map[string]string{"stdout": "x"})))
	e.Version = "cupel/evidence/v2"
	require.Zero(t, score(with(e, map[string]string{"stdout": "x"})))

	fake := with(evidence(), map[string]string{"stdout": "x"})
	require.Equal(t, All, score(seal(t, fake, evidence())), "what the job wrote in its place is left out")
}

// FuzzEvidence: nothing that is in the place of evidence ends the worker.
func FuzzEvidence(f *testing.F) {
	raw, err := json.Marshal(evidence())
	require.NoError(f, err)
	f.Add(raw)
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := Score(write(t, engine.Meta{Outcome: engine.OutcomeOK}, map[string]string{"stdout": "x", EvidenceName: string(raw)}), facts()); err != nil {
			t.Fatal(err)
		}
	})
}
