// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cupel-network/cupel/testutil/jobs/sample"
	"github.com/cupel-network/cupel/testutil/net"
)

// jobRun is what `cupeld job run` said.
type jobRun struct {
	batch  uint64
	task   uint64
	txHash string
	dir    string
	// agreed and settled are the times since the submit was in a block.
	agreed, settled time.Duration
}

// line is one line of `cupeld job run -o json`.
type line struct {
	Type      string
	Batch     uint64
	Task      uint64
	TxHash    string `json:"tx_hash"`
	Escrow    uint64
	State     string
	Reason    string
	Committed int
	Revealed  int
	Replicas  int
	Disputed  bool
	Outputs   []string
}

// runJob runs `cupeld job run` and shows what it reports.
func (d *demo) runJob(ctx context.Context, file string) (jobRun, error) {
	d.say("$ cupeld job run job.yaml --from requester --follow   (%s, %d replicas)", sample.Name, replicas)
	cmd := net.Command(ctx, d.local.Binaries.Cupeld, "job", "run", file, "--from", d.local.Requester.Name,
		"--home", d.local.Requester.Home, "--out", filepath.Join(d.local.Dir, "result"),
		"--follow", "--wait-timeout", "3m", "--yes", "-o", "json")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	var diag bytes.Buffer
	cmd.Stderr = &diag
	out, err := cmd.StdoutPipe()
	if err != nil {
		return jobRun{}, err
	}
	if err := cmd.Start(); err != nil {
		return jobRun{}, err
	}
	job, readErr := d.follow(out)
	err = errors.Join(readErr, cmd.Wait())
	if err != nil {
		return job, fmt.Errorf("cupeld job run: %w\n%s", err, diag.String())
	}
	if job.settled == 0 || job.dir == "" {
		return job, fmt.Errorf("cupeld job run ended without a settled task and its result\n%s", diag.String())
	}
	return job, nil
}

// follow shows the lines of a run as they come.
func (d *demo) follow(out io.Reader) (jobRun, error) {
	var job jobRun
	var submitted time.Time
	var shown string
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return job, fmt.Errorf("%q: %w", lines.Text(), err)
		}
		switch l.Type {
		case "submitted":
			submitted = time.Now()
			job.batch, job.task, job.txHash = l.Batch, l.Task, l.TxHash
			d.say("submitted: task %d, %d ucupel in escrow", l.Task, l.Escrow)
		case "state":
			text := fmt.Sprintf("%-9s  committed %d/%d  revealed %d/%d%s", l.State, l.Committed, l.Replicas, l.Revealed, l.Replicas, audited(l.Disputed))
			if text != shown {
				d.say("%s", text)
			}
			shown = text
			since := time.Since(submitted)
			switch stateName(l.State) {
			case stateName(net.Agreed):
				if job.agreed == 0 {
					job.agreed = since
				}
			case stateName(net.Settled):
				job.settled = since
			}
		case "result":
			if len(l.Outputs) == 1 {
				job.dir = l.Outputs[0]
			}
		}
	}
	return job, lines.Err()
}

func audited(yes bool) string {
	if yes {
		return "  (drawn for an audit: the fourth worker checks it)"
	}
	return ""
}

// stateName is a state without the prefix of its enum.
func stateName(state string) string {
	return strings.TrimPrefix(strings.ToUpper(state), "TASK_STATE_")
}
