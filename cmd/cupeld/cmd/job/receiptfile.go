// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/cmd/internal/receipt"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// receiptMode says what results does about receipts.
type receiptMode int

const (
	receiptNow receiptMode = iota
	receiptWait
	receiptNone
)

// parseReceiptMode reads --receipt.
func parseReceiptMode(text string) (receiptMode, error) {
	switch text {
	case "now":
		return receiptNow, nil
	case "wait":
		return receiptWait, nil
	case "none":
		return receiptNone, nil
	default:
		return 0, failf(exit.UsageError, "--receipt %.32q is not now, wait or none", text)
	}
}

// receiptsJSON is what results writes as JSON about receipts.
type receiptsJSON struct {
	Type  string   `json:"type"`
	Files []string `json:"files"`
	// Missing lists the tasks without a receipt, Reason why the first has none.
	Missing []uint64 `json:"missing"`
	Reason  string   `json:"reason,omitempty"`
}

// writeReceipts puts a receipt beside every result. A receipt that there is not
// yet, or that the node cannot make, is said in one line: the results are here.
// A node that says something else than its own checkpoints is an error.
func (s *session) writeReceipts(ctx context.Context, v snapshot, name, out string, mode receiptMode) error {
	if mode == receiptNone {
		return nil
	}
	report := receiptsJSON{Type: "receipts", Files: []string{}, Missing: []uint64{}}
	p := s.prover()
	var first markettypes.TaskView
	for _, t := range v.tasks {
		if !hasResult(t) {
			continue
		}
		path := filepath.Join(outputDir(out, name, v, t), receiptName)
		err := s.writeReceipt(ctx, p, t, path, mode == receiptWait)
		switch {
		case err == nil:
			report.Files = append(report.Files, path)
			continue
		case mode == receiptWait, exit.Code(err) == exit.VerificationFailed, ctx.Err() != nil:
			return classify(err)
		}
		if len(report.Missing) == 0 {
			first, report.Reason = t, strings.ReplaceAll(plain(err).Error(), "\n", ". ")
		}
		report.Missing = append(report.Missing, t.Task)
	}
	s.reportReceipts(report, first)
	return nil
}

func (s *session) reportReceipts(report receiptsJSON, first markettypes.TaskView) {
	switch {
	case s.json:
		s.emit(report)
		return
	case len(report.Files) == 1:
		s.print("receipt in %s", report.Files[0])
	case len(report.Files) > 1:
		s.print("%d receipts beside the results", len(report.Files))
	}
	if len(report.Missing) == 0 {
		return
	}
	which := ""
	if n := len(report.Missing); n > 1 {
		which = fmt.Sprintf(" (and %d more)", n-1)
	}
	s.say("%s%s; fetch it later with: cupeld receipt fetch %d/%d", report.Reason, which, first.Batch, first.Index)
}

// writeReceipt keeps a good receipt that is there already.
func (s *session) writeReceipt(ctx context.Context, p *prover, t markettypes.TaskView, path string, wait bool) error {
	if data, err := os.ReadFile(path); err == nil && isReceiptOf(data, t.Task) {
		return nil
	}
	made, err := s.awaitReceipt(ctx, p, t.Task, t.SettledHeight, wait)
	if err != nil {
		return err
	}
	data, err := made.Encode()
	return errors.Join(err, writeFile(path, data))
}

func isReceiptOf(data []byte, task uint64) bool {
	r, err := receipt.Parse(data)
	if err != nil || r.Task != task {
		return false
	}
	_, err = r.Verify(checkpoint.Hash{})
	return err == nil
}
