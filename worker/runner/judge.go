// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cupel-network/cupel/worker/artifact"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/compare"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/judge"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// opinion is what to vote.
type opinion struct {
	vote   []byte
	detail string
	// incomplete is set if something could not be fetched.
	incomplete bool
}

// judge finds out what to vote. An error means that nothing was found out.
func (r *Runner) judge(ctx context.Context, w markettypes.VerdictWork) (opinion, error) {
	switch w.Kind {
	case markettypes.CommitteeCompare:
		return r.judgeAnswers(ctx, w)
	case markettypes.CommitteeScore:
		return r.judgeEvidence(ctx, w)
	case markettypes.CommitteeQuote:
		return r.judgeQuote(ctx, w)
	default:
		return opinion{}, fmt.Errorf("committees of kind %s are not known: update the worker", w.Kind)
	}
}

// answer is one answer of a COMPARE.
type answer struct {
	// claimed is set for a result with an artifact, path once that is here.
	claimed bool
	path    string
}

// judgeAnswers votes which answers are equal and which are not served.
func (r *Runner) judgeAnswers(ctx context.Context, w markettypes.VerdictWork) (opinion, error) {
	rule, err := compare.FromTask(w.Comparator, w.Tolerance)
	if err != nil {
		return opinion{}, err
	}
	answers, release, err := r.collect(ctx, w.Answers)
	defer release()
	if err != nil {
		return opinion{}, err
	}
	var unavailable uint32
	for i, a := range answers {
		if a.claimed && a.path == "" {
			unavailable |= 1 << i
		}
	}
	votes := make([]uint32, len(answers))
	for i, a := range w.Answers {
		votes[i] = a.Votes
	}
	right, err := compare.Right(votes, func(i, j int) (bool, error) {
		a, b := w.Answers[i].Result, w.Answers[j].Result
		switch {
		case answers[i].path == "" || answers[j].path == "" || a.Outcome != b.Outcome:
			return false, nil
		case bytes.Equal(a.Digest, b.Digest):
			return true, nil
		}
		return rule.Files(answers[i].path, answers[j].path)
	})
	return opinion{
		vote: markettypes.CompareVote(right, unavailable), incomplete: unavailable != 0,
		detail: fmt.Sprintf("of %d answers %b are equal, %b are not served", len(answers), right, unavailable),
	}, err
}

// collect fetches the artifacts of answers, each from its own provider. Several
// of one hash are fetched once and asked for from every other.
func (r *Runner) collect(ctx context.Context, all []markettypes.VerdictAnswer) (out []answer, release func(), err error) {
	out = make([]answer, len(all))
	var held []func()
	release = func() {
		for _, f := range held {
			f()
		}
	}
	claims := make(map[string]int)
	for i, a := range all {
		if out[i].claimed = a.Result.Outcome.Deterministic() && len(a.Result.Digest) > 0; out[i].claimed {
			claims[string(a.Result.Digest)]++
			held = append(held, r.Fetcher.Hold(hex.EncodeToString(a.Result.Digest)))
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	for i, a := range all {
		if !out[i].claimed {
			continue
		}
		g.Go(func() error {
			src := served(a.Endpoint, a.Result.Digest)
			if claims[string(a.Result.Digest)] > 1 {
				if ok, err := r.serves(ctx, src); err != nil || !ok {
					return err
				}
			}
			path, err := r.tryFetch(ctx, src)
			out[i].path = path
			return err
		})
	}
	return out, release, g.Wait()
}

// tryFetch fetches content; "" if it cannot be had.
func (r *Runner) tryFetch(ctx context.Context, src artifact.Source) (string, error) {
	path, err := r.obtain(ctx, src)
	var unusable *unusableError
	if errors.As(err, &unusable) {
		return "", nil
	}
	return path, err
}

// judgeEvidence votes on the evidence of a SCORED task.
func (r *Runner) judgeEvidence(ctx context.Context, w markettypes.VerdictWork) (opinion, error) {
	none := opinion{vote: []byte{0}, detail: "there is no evidence"}
	if len(w.Answers) != 1 {
		return none, nil
	}
	a := w.Answers[0]
	f, err := r.facts(ctx, w, a)
	if err != nil {
		return opinion{}, err
	}
	src := served(a.Endpoint, a.Result.Digest)
	defer r.Fetcher.Hold(src.SHA256)()
	path, err := r.tryFetch(ctx, src)
	if err != nil {
		return opinion{}, err
	}
	if path == "" {
		none.incomplete = true
		return none, nil
	}
	vote, err := judge.Score(path, f)
	return opinion{vote: []byte{vote}, detail: fmt.Sprintf("evidence %06b", vote)}, err
}

// facts are what chain and manifest say of the one seat of a SCORED task.
func (r *Runner) facts(ctx context.Context, w markettypes.VerdictWork, a markettypes.VerdictAnswer) (judge.Facts, error) {
	batch, index := markettypes.SplitTaskID(w.Task)
	j, err := r.load(ctx, batch)
	if err != nil {
		return judge.Facts{}, err
	}
	p, err := r.Directory.ProviderByID(ctx, a.Provider)
	if err != nil {
		return judge.Facts{}, err
	}
	id, _ := j.batch.LotOf(index)
	lot, err := r.Ledger.Lot(ctx, batch, id)
	if err != nil {
		return judge.Facts{}, err
	}
	f := judge.Facts{
		Node:    judge.Node{Operator: p.Provider.Operator, Worker: p.Provider.Worker},
		Outcome: engine.Outcome(a.Result.Outcome), Units: a.Result.Units, WallSeconds: j.batch.Limits.WallSeconds,
	}
	for _, s := range lot.Seats {
		if s.Provider == a.Provider {
			f.Job = evidenceJob(r.cfg.ChainID, j, w.Task, s.Attempt)
			f.Assigned, f.Elapsed = s.AssignedTime, s.Elapsed
		}
	}
	if j.doc.Container != nil {
		f.Processors = engine.Container{CPUs: j.doc.Container.CPUs, GPUs: j.doc.Container.GPUs}.Processors()
	}
	return f, nil
}

// judgeQuote votes whether a quote is genuine.
func (r *Runner) judgeQuote(ctx context.Context, w markettypes.VerdictWork) (opinion, error) {
	q := w.Quote
	if q == nil {
		return opinion{}, errors.New("a committee on a quote names none")
	}
	operator, err := chain.ParseAddress(w.Operator)
	if err != nil {
		return opinion{}, err
	}
	src := artifact.Source{SHA256: hex.EncodeToString(q.Sha256), Limit: judge.MaxQuote, URIs: []string{q.Uri}}
	path, err := r.tryFetch(ctx, src)
	if err != nil {
		return opinion{}, err
	}
	if path == "" {
		return opinion{vote: markettypes.QuoteVote(false, uint8(judge.Unfetched)), detail: judge.Unfetched.String(), incomplete: true}, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return opinion{}, err
	}
	reason, why := judge.Quote(q.Tee, raw, judge.ReportData(r.cfg.ChainID, operator, q.Worker, q.Epoch), time.Now(), r.cfg.Roots)
	o := opinion{vote: markettypes.QuoteVote(reason == judge.Genuine, uint8(reason)), detail: reason.String()}
	if why != nil {
		o.detail += ": " + why.Error()
	}
	return o, nil
}
