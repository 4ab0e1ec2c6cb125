// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cupel-network/cupel/worker/engine"
)

// report returns what the node answered, if it did.
func (t *try) report() (report, bool) {
	var rep report
	err := readJSON(filepath.Join(t.dir, resultFile), &rep)
	return rep, err == nil
}

// collect checks what a node left and brings the artifact into scratchDir. On
// a shared file system the artifact may become visible after the report.
func (r *run) collect(ctx context.Context, t *try, rep report, scratchDir string) (engine.Result, error) {
	if rep.Failed != "" {
		return engine.Result{}, fmt.Errorf("node %s: %s", rep.Node, rep.Failed)
	}
	res := rep.Result
	if res.Fuel > r.job.Fuel {
		return engine.Result{}, fmt.Errorf("node %s says that %d units of %d were used: the report is not valid", rep.Node, res.Fuel, r.job.Fuel)
	}
	if !res.Outcome.Deterministic() {
		res.Artifact, res.ArtifactSHA256 = "", [32]byte{}
		return res, nil
	}
	path := filepath.Join(scratchDir, artifactName)
	end := time.Now().Add(r.e.opts.Settle)
	for {
		err := fetchArtifact(filepath.Join(t.dir, artifactName), path, res)
		if err == nil {
			res.Artifact = path
			return res, nil
		}
		if time.Now().After(end) {
			return engine.Result{}, fmt.Errorf("node %s: %w", rep.Node, err)
		}
		if err := sleep(ctx, r.e.opts.Poll); err != nil {
			return engine.Result{}, err
		}
	}
}

// fetchArtifact takes a copy of an artifact and checks that it is what the
// report says, byte for byte.
func fetchArtifact(from, to string, res engine.Result) error {
	if err := place(from, to); err != nil {
		return fmt.Errorf("take the artifact: %w", err)
	}
	a, err := engine.OpenArtifact(to, engine.ArtifactLimits{})
	if err != nil {
		return fmt.Errorf("check the artifact: %w", err)
	}
	defer a.Close()
	if a.SHA256 != res.ArtifactSHA256 || a.Meta.Outcome != res.Outcome || a.Meta.ExitCode != res.ExitCode {
		return errors.New("the artifact is not the one that the report names")
	}
	return nil
}

// maxTail bounds what an error shows of a job's log.
const maxTail = 2 << 10

// tail is the end of what the job wrote.
func (t *try) tail() string {
	f, err := os.Open(filepath.Join(t.dir, logFile))
	if err != nil {
		return "it wrote no log"
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "its log cannot be read"
	}
	buf := make([]byte, min(info.Size(), maxTail))
	n, err := f.ReadAt(buf, info.Size()-int64(len(buf)))
	if err != nil && n == 0 {
		return "its log is empty"
	}
	return strings.ToValidUTF8(strings.TrimSpace(string(buf[:n])), "?")
}

// comment names the attempt in Slurm's queue.
func comment(o engine.Origin) string {
	return fmt.Sprintf("batch=%d,lot=%d,attempt=%d,task=%d", o.Batch, o.Lot, o.Attempt, o.Task)
}
