// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/engine"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// recordName is the file beside an extracted result that says what it is.
const recordName = "result.json"

// provedName is the file of a proved result: the 32 bytes of its digest.
const provedName = "out/result"

// record is what recordName holds.
type record struct {
	Task     uint64 `json:"task"`
	Batch    uint64 `json:"batch"`
	Index    uint32 `json:"index"`
	Outcome  string `json:"outcome"`
	ExitCode int32  `json:"exit_code"`
	Reason   string `json:"reason"`
	Units    uint64 `json:"units"`
	Digest   string `json:"digest"`
}

// outputDir is where the result of a task goes: a directory of its own, or the
// one that was asked for, with one directory per task of a batch in it.
func outputDir(out, name string, v snapshot, t markettypes.TaskView) string {
	switch {
	case out == "":
		return fmt.Sprintf("%s-%d", name, t.Task)
	case len(v.tasks) == 1:
		return out
	default:
		return filepath.Join(out, fmt.Sprintf("%04d", t.Index))
	}
}

// collect fetches, verifies and extracts the results of all tasks that have
// one, and returns their directories. A result that is already there is kept.
func (s *session) collect(ctx context.Context, v snapshot, name, out string) ([]string, error) {
	var dirs []string
	var failed error
	for _, t := range v.tasks {
		if !hasResult(t) {
			continue
		}
		dir := outputDir(out, name, v, t)
		if err := s.extract(ctx, v.Batch, t, dir); err != nil {
			if ctx.Err() != nil {
				return dirs, err
			}
			if len(v.tasks) > 1 {
				s.say("task %d: %v", t.Task, err)
			}
			failed = errors.Join(failed, err)
			continue
		}
		dirs = append(dirs, dir)
	}
	if failed != nil && len(v.tasks) > 1 {
		return dirs, failf(exit.Code(failed), "not all results could be fetched\nTry again with: cupeld job results %d", v.Batch.Id)
	}
	return dirs, failed
}

// extract makes dir hold the result of a task, all of it or nothing.
func (s *session) extract(ctx context.Context, b markettypes.Batch, t markettypes.TaskView, dir string) error {
	digest := hex.EncodeToString(t.Result.Digest)
	if have, err := readRecord(dir); err == nil && have.Digest == digest && have.Task == t.Task {
		return nil
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return failf(exit.Failure, "directory %s is not empty and holds something else\nChoose another one with --out", dir)
	}
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	staged, err := os.MkdirTemp(parent, ".cupel-result-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staged)
	meta, err := s.unpack(ctx, b, t, parent, staged)
	if err != nil {
		return err
	}
	if err := writeRecord(staged, t, meta, digest); err != nil {
		return err
	}
	if err := os.Chmod(staged, 0o755); err != nil { //nolint:gosec // results are for whoever may read the folder above
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Rename(staged, dir)
}

// unpack puts the result of a task into the directory staged. A proved result is
// on the chain itself, which has checked it; any other is fetched and verified.
func (s *session) unpack(ctx context.Context, b markettypes.Batch, t markettypes.TaskView, parent, staged string) (engine.Meta, error) {
	if b.Policy == markettypes.PolicyProof {
		out := filepath.Join(staged, provedName)
		return engine.Meta{Outcome: engine.OutcomeOK}, errors.Join(os.Mkdir(filepath.Dir(out), 0o755), os.WriteFile(out, t.Result.Digest, 0o644))
	}
	artifact, err := s.fetch(ctx, b, t, parent)
	if err != nil {
		return engine.Meta{}, err
	}
	defer os.Remove(artifact)
	meta, err := engine.ExtractArtifact(artifact, staged, artifactLimits(b))
	if err != nil {
		return meta, failf(exit.VerificationFailed, "the result of task %d has the right sha256 but is not an artifact: %w", t.Task, err)
	}
	return meta, nil
}

func readRecord(dir string) (record, error) {
	var r record
	bz, err := os.ReadFile(filepath.Join(dir, recordName))
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(bz, &r)
}

func writeRecord(dir string, t markettypes.TaskView, meta engine.Meta, digest string) error {
	bz, err := json.MarshalIndent(record{
		Task: t.Task, Batch: t.Batch, Index: t.Index, Outcome: meta.Outcome.String(), ExitCode: meta.ExitCode,
		Reason: meta.Reason, Units: t.Result.Units, Digest: digest,
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, recordName), append(bz, '\n'), 0o644)
}
