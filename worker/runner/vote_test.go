// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	tdxtest "github.com/google/go-tdx-guest/testing/testdata"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/artifact"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/journal"
	"github.com/cupel-network/cupel/worker/judge"
	"github.com/cupel-network/cupel/worker/sender"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// Probe implements Fetcher: every endpoint serves.
func (f *fakeFetcher) Probe(context.Context, artifact.Source, string) error { return nil }

// shelf is a Fetcher over files that hosts serve by hash.
type shelf struct {
	t   *testing.T
	dir string

	mu   sync.Mutex
	down map[string]bool
}

// put stores content and returns its digest.
func (s *shelf) put(content []byte) []byte {
	s.t.Helper()
	sum := sha256.Sum256(content)
	require.NoError(s.t, os.WriteFile(filepath.Join(s.dir, hex.EncodeToString(sum[:])), content, 0o600))
	return sum[:]
}

// Hold implements Fetcher.
func (s *shelf) Hold(string) func() { return func() {} }

// Fetch implements Fetcher.
func (s *shelf) Fetch(ctx context.Context, src artifact.Source) (string, error) {
	for _, uri := range src.URIs {
		if s.Probe(ctx, src, uri) == nil {
			return filepath.Join(s.dir, src.SHA256), nil
		}
	}
	return "", errGone
}

// Probe implements Fetcher.
func (s *shelf) Probe(_ context.Context, src artifact.Source, uri string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for host := range s.down {
		if strings.HasPrefix(uri, host) {
			return errGone
		}
	}
	_, err := os.Stat(filepath.Join(s.dir, src.SHA256))
	return err
}

// committee is one verdict as its member sees it; it takes votes at once and
// checks them as the chain does.
type committee struct {
	*fixture
	shelf *shelf

	mu     sync.Mutex
	work   markettypes.VerdictWork
	gone   bool
	commit []byte
	vote   []byte
	said   int
}

func newCommittee(t *testing.T, w markettypes.VerdictWork) *committee {
	f := newFixture(t, 1, 1, 3)
	f.chain.with(func() { clear(f.chain.lots) })
	w.Verdict, w.Round, w.Due = 9, 1, 1000
	w.CommitteePhase, w.Phase = markettypes.CommitteePhaseCommit, markettypes.MemberAssigned
	c := &committee{fixture: f, shelf: &shelf{t: t, dir: t.TempDir(), down: map[string]bool{}}, work: w}
	c.wire()
	return c
}

func (c *committee) wire() {
	c.runner.Committees, c.runner.Outbox, c.runner.Fetcher = c, c, c.shelf
}

func (c *committee) again() {
	c.restart()
	c.wire()
}

// VerdictWork implements Committees.
func (c *committee) VerdictWork(context.Context, uint32) ([]markettypes.VerdictWork, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone || len(c.vote) > 0 {
		return nil, nil
	}
	return []markettypes.VerdictWork{c.work}, nil
}

// Verdict implements Committees.
func (c *committee) Verdict(context.Context, uint64) (markettypes.Committee, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return markettypes.Committee{}, chain.ErrNotFound
	}
	return markettypes.Committee{Id: c.work.Verdict}, nil
}

// Offer implements Outbox.
func (c *committee) Offer(item sender.Item, height int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch item.Kind {
	case sender.KindCommitVote:
		if c.commit != nil && !bytes.Equal(c.commit, item.CommitVote.Commitment) {
			c.t.Error("another commitment was already made")
		}
		c.said++
		c.commit, c.work.Phase = item.CommitVote.Commitment, markettypes.MemberCommitted
	case sender.KindRevealVote:
		if !bytes.Equal(c.commit, markettypes.CommitVote(chainID, address(ours), item.RevealVote)) {
			c.t.Error("the vote does not open the commitment")
		}
		kind := markettypes.Committee{Kind: c.work.Kind, Seats: make([]uint32, len(c.work.Answers))}
		require.NoError(c.t, kind.ValidateVote(item.RevealVote.Vote))
		c.said++
		c.vote = item.RevealVote.Vote
	default:
		c.chain.Offer(item, height)
	}
}

// look is one look at the chain, whenever the last one was.
func (c *committee) look() {
	c.t.Helper()
	c.runner.voted = time.Time{}
	require.NoError(c.t, c.step())
}

// voted takes the committee to its vote, with a crash before every look.
func (c *committee) voted() []byte {
	c.t.Helper()
	for range 8 {
		c.again()
		c.look()
		if c.commit != nil {
			c.work.CommitteePhase = markettypes.CommitteePhaseReveal
		}
	}
	require.NotEmpty(c.t, c.vote)
	require.Equal(c.t, 2, c.said)
	return c.vote
}

func floats(values ...float32) []byte {
	var out []byte
	for _, v := range values {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	return out
}

func tarOf(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var entries []engine.Entry
	for name, content := range files {
		entries = append(entries, engine.BytesEntry(name, []byte(content)))
	}
	var out bytes.Buffer
	require.NoError(t, engine.WriteArtifact(&out, engine.Meta{Outcome: engine.OutcomeOK}, entries))
	return out.Bytes()
}

func (c *committee) answers(all ...[]byte) {
	c.t.Helper()
	for i, content := range all {
		a := markettypes.VerdictAnswer{Provider: uint32(i + 1), Endpoint: "http://host" + string(rune('1'+i)), Votes: 1}
		if content != nil {
			a.Result = markettypes.Result{Outcome: markettypes.OutcomeOK, Digest: c.shelf.put(content), Units: 5}
		}
		c.work.Answers = append(c.work.Answers, a)
	}
}

func newCompare(t *testing.T) *committee {
	return newCommittee(t, markettypes.VerdictWork{
		Kind: markettypes.CommitteeCompare, Task: markettypes.TaskID(5, 0), Comparator: markettypes.ComparatorTolerance,
		Tolerance: &markettypes.Tolerance{Rel: 1_000_000, Dtype: markettypes.DTypeFloat32},
	})
}

// TestVotesOnAnswers: two that differ in their last bits are equal, one is far,
// one seat has no answer, of two with one hash one is not served.
func TestVotesOnAnswers(t *testing.T) {
	c := newCompare(t)
	near := tarOf(t, map[string]string{"out/x": string(floats(1, 2))})
	c.answers(
		tarOf(t, map[string]string{"out/x": string(floats(1, 3))}), nil, near,
		tarOf(t, map[string]string{"out/x": string(floats(math.Nextafter32(1, 2), 2)), "stderr": "host 4"}), near,
	)
	c.shelf.down["http://host5/"] = true
	c.look()
	require.Nil(t, c.commit, "what is not served is tried again")
	c.chain.with(func() { c.chain.height = 900 })
	require.Equal(t, markettypes.CompareVote(0b01100, 0b10000), c.voted())
}

// TestVoteNeverChanges: once it is in the journal, nothing that happens to the
// artifacts changes it.
func TestVoteNeverChanges(t *testing.T) {
	c := newCompare(t)
	c.answers(floats(1), floats(1.0000001), floats(2))
	c.look() // judged
	c.look()
	require.NotNil(t, c.commit)
	for i := range 3 {
		c.shelf.down["http://host"+string(rune('1'+i))] = true
	}
	c.work.CommitteePhase = markettypes.CommitteePhaseReveal
	c.again()
	c.look()
	require.Equal(t, markettypes.CompareVote(0b011, 0), c.vote)
}

func TestVoteOnNothingInCommon(t *testing.T) {
	c := newCompare(t)
	c.answers(floats(1), floats(2), floats(3))
	require.Equal(t, markettypes.CompareVote(0, 0), c.voted())
}

// tarEngine writes artifacts in canonical form.
type tarEngine struct{ t *testing.T }

// Class implements engine.Engine.
func (tarEngine) Class() string { return class }

// Run implements engine.Engine.
func (e tarEngine) Run(_ context.Context, _ engine.Job, scratch string) (engine.Result, error) {
	raw := tarOf(e.t, map[string]string{"stdout": "trained\n", "out/model": "weights"})
	path := filepath.Join(scratch, "artifact.tar")
	res := engine.Result{Outcome: engine.OutcomeOK, Fuel: 5, Wall: time.Second, Artifact: path, ArtifactSHA256: sha256.Sum256(raw)}
	return res, os.WriteFile(path, raw, 0o600)
}

// newScored runs a SCORED task and lets another worker judge its result.
func newScored(t *testing.T) *committee {
	c := newCommittee(t, markettypes.VerdictWork{Kind: markettypes.CommitteeScore, Task: markettypes.TaskID(5, 0)})
	c.chain.with(func() {
		c.chain.batch.Policy = markettypes.PolicyScored
		c.chain.lots[0] = &fakeLot{attempt: 1, state: markettypes.TaskAssigned, phase: markettypes.SeatAssigned, count: 1, replicas: 1}
	})
	c.shelf.put([]byte("module"))
	c.runner.Engines[class] = tarEngine{t}
	c.gone = true
	c.until(c.seat(0, markettypes.SeatRevealed))
	c.gone = false
	run := c.lot(0).Runs[0]
	require.Equal(t, markettypes.OutcomeOK, markettypes.Outcome(run.Outcome), run.Detail)
	raw, err := os.ReadFile(filepath.Join(c.home, "results", hex.EncodeToString(run.Digest)))
	require.NoError(t, err)
	require.Equal(t, run.Digest, c.shelf.put(raw), "what is revealed is the artifact with its evidence")
	c.work.Answers = []markettypes.VerdictAnswer{{Provider: ours, Endpoint: "http://host7", Result: result(run)}}
	return c
}

func TestVotesOnEvidence(t *testing.T) {
	require.Equal(t, []byte{judge.All}, newScored(t).voted())
}

func TestVotesOnEvidenceOfAnother(t *testing.T) {
	c := newScored(t)
	c.work.Answers[0].Provider = 3 // the chain says that another provider ran it
	vote := c.voted()
	require.Equal(t, judge.All&^judge.NodeMatches, vote[0])
}

func TestVotesOnEvidenceThatIsGone(t *testing.T) {
	c := newScored(t)
	c.shelf.down["http://host7"] = true
	c.chain.with(func() { c.chain.height = 900 })
	c.look()
	c.chain.with(func() { c.chain.height = 1900 })
	require.Equal(t, []byte{0}, c.voted())
}

// TestScoredRunsAreNotShared: the journal gives the result of a SCORED run to
// no other attempt, and no other's to it.
func TestScoredRunsAreNotShared(t *testing.T) {
	j := &job{class: "c"}
	plain := runClass(j, 1)
	j.batch.Policy, j.batch.Id = markettypes.PolicyScored, 5
	first := runClass(j, 1)
	require.NotEqual(t, plain, first)
	require.NotEqual(t, first, runClass(j, 2))
	j.batch.Id = 6
	require.NotEqual(t, first, runClass(j, 1))
}

func TestVotesOnQuotes(t *testing.T) {
	raw := tdxtest.RawQuote
	quote := func(c *committee) { c.shelf.put(raw) }
	sum := sha256.Sum256(raw)
	w := markettypes.VerdictWork{
		Kind: markettypes.CommitteeQuote, Operator: bech32(t, 4),
		Quote: &markettypes.Quote{Tee: markettypes.TEETDX, Uri: "http://host4/quote", Sha256: sum[:], Epoch: 3, Worker: address(5)},
	}
	c := newCommittee(t, w)
	quote(c)
	require.Equal(t, markettypes.QuoteVote(false, uint8(judge.OtherData)), c.voted(), "a quote of somebody else's machine")

	c = newCommittee(t, w)
	c.look()
	c.chain.with(func() { c.chain.height = 900 })
	require.Equal(t, markettypes.QuoteVote(false, uint8(judge.Unfetched)), c.voted())
}

func TestVotesAreForgotten(t *testing.T) {
	c := newCompare(t)
	c.answers(floats(1), floats(1))
	c.voted()
	c.runner.cfg.Retention, c.runner.swept = 0, time.Time{}
	c.look()
	key := journal.VoteKey{Verdict: 9, Round: 1}
	_, ok, err := c.journal.Vote(key)
	require.NoError(t, err)
	require.True(t, ok, "the chain has it still")
	c.gone, c.runner.swept = true, time.Time{}
	c.look()
	_, ok, err = c.journal.Vote(key)
	require.NoError(t, err)
	require.False(t, ok)
}

// disputed is a Ledger that says what the replicas of a case revealed.
type disputed struct {
	*fakeChain
	digests map[uint32][]byte
}

// Case implements Ledger.
func (d disputed) Case(ctx context.Context, task uint64) (markettypes.Case, error) {
	c, err := d.fakeChain.Case(ctx, task)
	for _, id := range []uint32{3, 9} {
		c.Seats = append(c.Seats, markettypes.CaseSeat{Provider: id, Original: true})
	}
	return c, err
}

// Lot implements Ledger.
func (d disputed) Lot(context.Context, uint64, uint32) (markettypes.Lot, error) {
	l := markettypes.Lot{State: markettypes.TaskAgreed}
	for i, id := range []uint32{3, 9} {
		l.Seats = append(l.Seats, markettypes.Seat{Provider: id, Vector: uint32(i + 1)})
		l.Vectors = append(l.Vectors, markettypes.Vector{Results: []markettypes.Result{{Digest: d.digests[id]}}})
	}
	return l, nil
}

// TestAddedSeatReportsWhatIsNotServed: one of two replicas serves its artifact;
// the report is a part of the commitment and does not change.
func TestAddedSeatReportsWhatIsNotServed(t *testing.T) {
	for name, tc := range map[string]struct {
		original bool
		want     []uint32
	}{"added": {false, []uint32{9}}, "replica": {true, nil}} {
		t.Run(name, func(t *testing.T) {
			c := newCompare(t)
			c.gone = true
			c.shelf.put([]byte("module"))
			content := c.shelf.put([]byte("result"))
			c.runner.Ledger = disputed{c.chain, map[uint32][]byte{3: content, 9: content}}
			c.shelf.down["http://host9"] = true
			task := markettypes.TaskID(5, 0)
			c.openCase(task, tc.original, 3, 9)
			answer := c.settleCase(task)
			require.Equal(t, tc.want, answer.Unavailable)
			c.shelf.down = map[string]bool{}
			rec, ok, err := c.journal.Case(journal.CaseKey{Task: task, Attempt: 1})
			require.NoError(t, err)
			require.True(t, ok)
			require.Equal(t, tc.want, rec.Unavailable)
		})
	}
}
