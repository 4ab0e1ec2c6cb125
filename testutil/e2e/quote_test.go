// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sevabi "github.com/google/go-sev-guest/abi"
	sevtest "github.com/google/go-sev-guest/testing"
	tdxtest "github.com/google/go-tdx-guest/testing/testdata"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/judge"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// sevPolicy is where the policy of an SEV-SNP report is.
const sevPolicy = 0x08

// sevMaker signs reports with the keys of the library's tests.
type sevMaker struct{ *sevtest.AmdSigner }

func newMaker(t testing.TB) sevMaker {
	t.Helper()
	signer, err := sevtest.DefaultTestOnlyCertChain("Milan-B1", time.Now().Add(-time.Hour))
	require.NoError(t, err)
	return sevMaker{signer}
}

// trust has the workers judge by the certificates of these keys.
func (m sevMaker) trust(t testing.TB, providers []*net.Provider) {
	t.Helper()
	var file []byte
	for _, cert := range []*x509.Certificate{m.Ark, m.Ask} {
		file = append(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})...)
	}
	for _, p := range providers {
		require.NoError(t, os.WriteFile(filepath.Join(p.WorkerHome, "roots.pem"), file, 0o600))
	}
}

// quote is a report with report data and its certificates.
func (m sevMaker) quote(t testing.TB, data [judge.ReportDataSize]byte) []byte {
	t.Helper()
	report := sevtest.TestRawReport(data)
	raw := report[:sevabi.ReportSize]
	binary.LittleEndian.PutUint64(raw[sevPolicy:], sevabi.SnpPolicyToBytes(sevabi.SnpPolicy{SMT: true}))
	r, s, err := m.Sign(sevabi.SignedComponent(raw))
	require.NoError(t, err)
	require.NoError(t, sevabi.SetSignature(r, s, raw))
	certs, err := m.CertTableBytes()
	require.NoError(t, err)
	return append(bytes.Clone(raw), certs...)
}

// epoch is that of x/oracle: number, start and length in blocks.
func (w *world) epoch() (number uint64, start, blocks int64) {
	w.t.Helper()
	var res struct {
		Epoch struct {
			Number uint64 `json:",string"`
			Start  int64  `json:"start_height,string"`
			Blocks int64  `json:",string"`
		}
	}
	require.NoError(w.t, w.Query(w.ctx, 0, "/cupel/oracle/v1/epoch", &res))
	return res.Epoch.Number, res.Epoch.Start, res.Epoch.Blocks
}

// submitQuote puts a quote where the committee finds it and submits it with the
// operator's key.
func (w *world) submitQuote(p *net.Provider, tee string, raw []byte, epoch uint64) {
	w.t.Helper()
	dir := filepath.Join(w.Dir, "jobs")
	require.NoError(w.t, os.MkdirAll(dir, 0o755))
	file := filepath.Join(dir, p.Name+"."+tee)
	require.NoError(w.t, os.WriteFile(file, raw, 0o600))
	_, err := w.Tx(w.ctx, p.Operator, "market", "submit-quote", "--class", net.Class, "--tee", tee, "--uri", "file://"+file,
		"--sha256", fmt.Sprintf("%x", sha256.Sum256(raw)), "--epoch", fmt.Sprint(epoch), "--gas", "800000")
	require.NoError(w.t, err)
}

// attested is the tick up to which a provider's key counts as attested.
func (w *world) attested(p *net.Provider) uint64 {
	w.t.Helper()
	var res struct {
		Load struct {
			Until uint64 `json:"attested_until,string"`
		}
	}
	require.NoError(w.t, w.Query(w.ctx, 0, "/cupel/registry/v1/providers/"+p.Operator.Address, &res))
	return res.Load.Until
}

// TestQuotesAndArtifactsAreJudged: a drawn committee finds the quote of one
// provider genuine and that of another, which is Intel's own but binds something
// else, not. Then a hired provider answers and serves nothing: its requester
// challenges, the added seats cannot fetch the artifact either, it is not paid, the
// bond returns, and the result comes from those who ran the task again.
func TestQuotesAndArtifactsAreJudged(t *testing.T) {
	need(t)
	const genuine, other, withholder, blocks = 0, 1, 2, 100
	notary := build(t, "notary", "./testutil/e2e/liar")
	w := newCourt(t, 60, func(s *net.Setup) {
		for i := range s.Offers {
			s.Workers[i] = notary
		}
		// One epoch is long enough to challenge before an audit is drawn.
		s.Edits = append(s.Edits, net.Edit{Path: "app_state.oracle.params.epoch_blocks", Value: fmt.Sprint(blocks)})
	})
	maker := newMaker(t)
	maker.trust(t, w.Providers)
	w.serveNothing(w.Providers[withholder])
	require.NoError(t, w.StartWorkers())

	start := time.Now()
	epoch, _, _ := w.epoch()
	p := w.Providers[genuine]
	operator, err := chain.ParseAddress(p.Operator.Address)
	require.NoError(t, err)
	hot, err := chain.ParseAddress(p.WorkerAddress)
	require.NoError(t, err)
	w.submitQuote(p, "sev-snp", maker.quote(t, judge.ReportData(w.ChainID, operator, hot, epoch)), epoch)
	w.submitQuote(w.Providers[other], "tdx", tdxtest.RawQuote, epoch)

	w.judgedUnavailable(withholder, blocks)
	t.Logf("until the delivery had moved: %s", time.Since(start))

	v := w.decided(1)
	require.Equal(t, "COMMITTEE_KIND_QUOTE", v.Kind)
	v.checkMembers(t, markettypes.QuoteVote(true, uint8(judge.Genuine)))
	require.NotZero(t, w.attested(p))
	fees := v.paid(w.Providers[withholder])
	v = w.decided(2)
	v.checkMembers(t, markettypes.QuoteVote(false, uint8(judge.OtherData)))
	require.Equal(t, fees+v.paid(w.Providers[withholder]), w.earned(w.Providers[withholder]), "not served, not paid")
	require.Zero(t, w.attested(w.Providers[other]))
	t.Logf("until both quotes were judged: %s", time.Since(start))
}

// paid is what a committee paid a provider.
func (v verdict) paid(p *net.Provider) (sum uint64) {
	for _, m := range v.Members {
		if m.Provider == p.ID {
			sum += m.Paid
		}
	}
	return sum
}

// serveNothing makes a worker listen elsewhere than where it is registered.
func (w *world) serveNothing(p *net.Provider) {
	w.t.Helper()
	path := filepath.Join(p.WorkerHome, "config.yaml")
	raw, err := os.ReadFile(path)
	require.NoError(w.t, err)
	listen := "listen: " + strings.TrimPrefix(p.Endpoint, "http://")
	require.Equal(w.t, 1, strings.Count(string(raw), listen))
	require.NoError(w.t, os.WriteFile(path, []byte(strings.Replace(string(raw), listen, "listen: 127.0.0.1:0", 1)), 0o600))
}

// judgedUnavailable hires a provider that serves nothing and challenges it.
func (w *world) judgedUnavailable(withholder int, blocks int64) {
	t, culprit := w.t, w.Providers[withholder]
	// Not near the end of an epoch, after which its first tasks are audited.
	require.NoError(t, net.Until(w.ctx, 200*time.Millisecond, func() (bool, error) {
		_, start, _ := w.epoch()
		height, err := w.Nodes[0].Height(w.ctx)
		return height-start < blocks/2, err
	}))
	before, err := w.Balance(w.ctx, 0, w.Requester.Address)
	require.NoError(t, err)
	file, dir := w.job(1)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	edited := strings.Replace(string(text), "replicas: 3", "policy: optimistic\nhire: "+culprit.Operator.Address, 1)
	require.NotEqual(t, string(text), edited)
	require.NoError(t, os.WriteFile(file, []byte(edited), 0o600))
	batch := w.submit(file)
	require.NoError(t, net.Until(w.ctx, 100*time.Millisecond, func() (bool, error) {
		view, err := w.Task(w.ctx, 0, net.TaskOf(batch))
		return view.State == net.Agreed, err
	}))
	require.Error(t, w.Results(w.ctx, batch, filepath.Join(w.Dir, "results", "none")), "nobody serves it")
	out, err := w.requester("job", "challenge", fmt.Sprintf("%d/0", batch), "--unavailable", "--from", w.Requester.Name, "--yes", "-o", "json")
	require.NoError(t, err, out)
	var held struct{ Bond uint64 }
	require.NoError(t, json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &held))
	require.GreaterOrEqual(t, held.Bond, uint64(net.CUPEL))

	task := w.final(batch)
	require.Equal(t, net.Settled, task.State, task.Reason)
	c := w.hearing(batch)
	require.Equal(t, "CHALLENGE_KIND_UNAVAILABLE", c.Claim)
	require.Equal(t, "RULING_WON", c.Challenge)
	require.Equal(t, []uint32{culprit.ID}, c.Missing)
	require.NotContains(t, task.Right, culprit.ID, "it serves nothing")
	require.EqualValues(t, net.Bond, w.provider(culprit).Bond, "and not slashed")
	w.checkResult(batch, dir)
	tally := w.checkLedger(batch)
	spent, err := w.Txs(w.ctx, "message.sender='"+w.Requester.Address+"'")
	require.NoError(t, err)
	var fees uint64
	for _, tx := range spent {
		fees += tx.Fee
	}
	after, err := w.Balance(w.ctx, 0, w.Requester.Address)
	require.NoError(t, err)
	require.Equal(t, before-(tally.Escrowed-tally.Refunded)-fees, after, "the bond of %d is back", held.Bond)
}
