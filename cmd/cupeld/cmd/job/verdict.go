// SPDX-License-Identifier: Apache-2.0

package job

import (
	"encoding/hex"
	"fmt"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// verdict is nil unless a task failed.
func (v snapshot) verdict() error {
	failed := 0
	var first markettypes.TaskView
	for _, t := range v.tasks {
		if failure(t) == "" {
			continue
		}
		if failed == 0 {
			first = t
		}
		failed++
	}
	if failed == 0 {
		return nil
	}
	what := fmt.Sprintf("task %d (%d/%d)", first.Task, first.Batch, first.Index)
	if len(v.tasks) > 1 {
		what = fmt.Sprintf("%d of %d tasks failed, the first is %s", failed, len(v.tasks), what)
	} else {
		what += " failed"
	}
	next := fmt.Sprintf("See what was refunded with: cupeld job describe %d", first.Batch)
	if hasResult(first) {
		next = fmt.Sprintf("See what it wrote with: cupeld job logs %d/%d", first.Batch, first.Index)
	}
	return failf(exit.JobFailed, "%s: %s\n%s", what, failure(first), next)
}

// conclusion says in one line how a task stands.
func conclusion(t markettypes.TaskView) string {
	line := fmt.Sprintf("task %d (%d/%d)  %s", t.Task, t.Batch, t.Index, stateName(t.State))
	if len(t.Result.Digest) > 0 {
		line += fmt.Sprintf("  %s  %d units  sha256 %s", outcomeName(t.Result.Outcome), t.Result.Units, hex.EncodeToString(t.Result.Digest))
	}
	if why := failure(t); why != "" {
		line += "  " + why
	}
	return line
}
