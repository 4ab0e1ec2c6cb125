// SPDX-License-Identifier: Apache-2.0

package attestor

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"

	"github.com/cupel-network/cupel/cmd/cupeld/attestor/signing"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

func reopen(t *testing.T, f *fixture) *signing.Guard {
	t.Helper()
	guard, err := signing.OpenGuard(signing.GuardPath(f.home), chainID)
	require.NoError(t, err)
	t.Cleanup(func() { _ = guard.Close() })
	return guard
}

// sequence returns the numbers from a to b.
func sequence(a, b uint64) []uint64 {
	var out []uint64
	for ; a <= b; a++ {
		out = append(out, a)
	}
	return out
}

func TestSignsWhatIsOwed(t *testing.T) {
	f := newFixture(t)
	for range 11 {
		f.node.add(2)
	}
	f.round(t.Context())
	require.Equal(t, [][]uint64{sequence(1, 8), sequence(9, 11)}, f.post.nonces())
	domain := checkpoint.NewDomain(chainID)
	for _, tx := range f.post.txs {
		for _, item := range tx {
			h, err := f.node.checkpoints[item.Nonce].Header.Decode()
			require.NoError(t, err)
			signature, err := checkpoint.ToSignature(item.Signature)
			require.NoError(t, err)
			by, err := signature.Recover(domain.Digest(h))
			require.NoError(t, err)
			require.Equal(t, f.key, by)
		}
	}
	require.True(t, f.Metrics.Health().OK)
	require.EqualValues(t, 11, f.Metrics.Health().LastNonce)
}

// TestSendsAgain: what is in flight is left alone until it can be in no block.
func TestSendsAgain(t *testing.T) {
	f := newFixture(t)
	f.node.add(2)
	f.round(t.Context())
	f.round(t.Context())
	require.Len(t, f.post.txs, 1)
	f.node.height += int64(txTTL / time.Second)
	f.round(t.Context())
	require.Len(t, f.post.txs, 1, "the last moment still counts")
	f.node.height++
	f.round(t.Context())
	require.Len(t, f.post.txs, 2)
	require.Equal(t, f.post.txs[0], f.post.txs[1])
	f.node.signed[1] = true
	f.node.height += 1_000
	f.round(t.Context())
	require.Len(t, f.post.txs, 2)
	require.Empty(t, f.sent)
}

// TestRefusedTransaction waits longer each time and loses nothing.
func TestRefusedTransaction(t *testing.T) {
	f := newFixture(t)
	f.node.add(2)
	f.post.err = &chain.AnswerError{Codespace: "sdk", Code: 13, Log: "insufficient fee"}
	var pauses []time.Duration
	for range 8 {
		f.round(t.Context())
		pauses = append(pauses, f.pause)
		calls := f.node.calls
		f.round(t.Context())
		require.Equal(t, calls, f.node.calls, "it does not wait")
		f.at = f.at.Add(f.pause)
	}
	require.Equal(t, sendAgain, pauses[0])
	require.Equal(t, 2*sendAgain, pauses[1])
	require.Equal(t, maxPause, pauses[7])
	f.post.err = nil
	f.round(t.Context())
	require.Equal(t, [][]uint64{{1}}, f.post.nonces())
}

// TestRestart: all that a new process needs is in the guard and on chain.
func TestRestart(t *testing.T) {
	f := newFixture(t)
	f.node.add(2)
	f.round(t.Context())
	f.stop(t)
	f.start(t)
	f.round(t.Context())
	require.Equal(t, [][]uint64{{1}, {1}}, f.post.nonces())
	require.Equal(t, f.post.txs[0], f.post.txs[1], "the same signature")

	// The chain shows another header of the nonce, for example after a rollback.
	f.stop(t)
	f.start(t)
	f.node.height = 0
	clear(f.node.checkpoints)
	clear(f.node.leaves)
	f.node.add(3)
	f.round(t.Context())
	require.Len(t, f.post.txs, 2, "a second digest was signed")
	require.False(t, f.Metrics.Health().OK)
}

func TestSilentNode(t *testing.T) {
	f := newFixture(t)
	f.node.add(2)
	f.node.down = errors.New("connection refused")
	f.round(t.Context())
	require.Empty(t, f.post.txs)
	require.False(t, f.Metrics.Health().OK)
	f.node.down = nil
	f.round(t.Context())
	require.Len(t, f.post.txs, 1)
}

// TestRotationOverlap: the old key signs for its set, the new one for the next.
func TestRotationOverlap(t *testing.T) {
	f := newFixture(t)
	old, err := signing.LoadKeys(signing.KeysDir(f.home))
	require.NoError(t, err)
	fresh, err := signing.NewKey(signing.KeysDir(f.home), old[0].Guard)
	require.NoError(t, err)
	f.node.add(2)
	f.node.add(0, f.node.addSet(2, fresh.Address))
	f.round(t.Context())
	require.Equal(t, [][]uint64{{1, 2}}, f.post.nonces())
	f.node.signed[1], f.node.signed[2] = true, true
	f.node.add(2)
	f.node.key = fresh.Address
	f.round(t.Context())
	require.Equal(t, [][]uint64{{1, 2}, {3}}, f.post.nonces())
}

// TestLostKey: duties of a key that is not here do not keep those of another
// from being done.
func TestLostKey(t *testing.T) {
	f := newFixture(t)
	mine := f.node.key
	lost := checkpoint.Address{5}
	f.node.addSet(1, lost, mine)
	f.node.add(2)
	f.node.add(2)
	duties := &split{node: f.node, lost: lost}
	f.Node, f.checker = duties, NewChecker(duties, chainID)
	f.round(t.Context())
	require.Equal(t, [][]uint64{{2}}, f.post.nonces())
	require.Equal(t, 1, f.Metrics.Health().Refused)
}

// split gives the first duty to a key that is lost.
type split struct {
	*node
	lost checkpoint.Address
}

func (s *split) Duties(ctx context.Context, account string) ([]types.Duty, *types.BeaconDuty, error) {
	duties, beacon, err := s.node.Duties(ctx, account)
	duties[0].Key = s.lost[:]
	return duties, beacon, err
}

func TestRunStops(t *testing.T) {
	f := newFixture(t)
	f.node.add(2)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- f.Run(ctx) }()
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}

func TestHealthz(t *testing.T) {
	f := newFixture(t)
	get := func() int {
		w := httptest.NewRecorder()
		f.Metrics.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/healthz", nil))
		return w.Code
	}
	require.Equal(t, http.StatusServiceUnavailable, get())
	f.node.add(1)
	f.round(t.Context())
	require.Equal(t, http.StatusOK, get())
	f.node.record = types.Attestor{Account: account, Active: false, Missed: 500}
	f.at = f.at.Add(recordEvery)
	f.round(t.Context())
	require.Equal(t, http.StatusServiceUnavailable, get())

	w := httptest.NewRecorder()
	f.Metrics.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, line := range []string{"attest_signed_total 1", "attest_sent_total 1", "attest_last_nonce 1", "attest_missed 500", "attest_refused_total 0"} {
		require.Contains(t, w.Body.String(), line)
	}
}

// history is the chain's record after a guard was lost.
type history struct {
	*node
	sealed uint64
	by     map[uint64]checkpoint.Address
}

func (h history) Line(context.Context) (types.Line, error) {
	return types.Line{LastNonce: uint64(len(h.checkpoints)), SealedNonce: h.sealed}, nil
}

func (h history) Signatures(_ context.Context, nonce uint64) (*types.QuerySignaturesResponse, error) {
	res := &types.QuerySignaturesResponse{Checkpoint: h.checkpoints[nonce]}
	if key, ok := h.by[nonce]; ok {
		res.Signatures = append(res.Signatures, types.AttestorSignature{Key: key[:]})
	}
	return res, nil
}

func TestRecover(t *testing.T) {
	f := newFixture(t)
	for range 4 {
		f.node.add(2)
	}
	h := history{f.node, 2, map[uint64]checkpoint.Address{3: f.key, 4: {8}}}
	f.stop(t)
	_, err := Recover(t.Context(), h, f.home, chainID)
	require.ErrorContains(t, err, "no new one is needed")

	lose(t, f.home)
	_, err = signing.OpenLocal(f.home, chainID)
	require.ErrorIs(t, err, signing.ErrNoGuard)
	recovered, err := Recover(t.Context(), h, f.home, chainID)
	require.NoError(t, err)
	require.Equal(t, Recovered{Floor: 2, Learned: 1}, recovered)

	f.start(t)
	local, ok := f.Signer.(*signing.Local)
	require.True(t, ok)
	h.by[1], h.by[2] = f.key, f.key
	require.NoError(t, CheckMemory(t.Context(), h, local))
	f.node.signed[1], f.node.signed[2] = true, true
	f.round(t.Context())
	require.Equal(t, [][]uint64{{3, 4}}, f.post.nonces())
	f.stop(t)
	guard := reopen(t, f)
	header, found, err := guard.Header(3)
	require.NoError(t, err)
	require.True(t, found)
	header.Nonce = 2
	require.ErrorIs(t, guard.Record(header), signing.ErrSecondDigest)
}

// TestStaleGuard: a guard that was restored from a backup, and a key that signs
// elsewhere, are found out before anything is signed.
func TestStaleGuard(t *testing.T) {
	f := newFixture(t)
	local, ok := f.Signer.(*signing.Local)
	require.True(t, ok)
	h := history{f.node, 0, map[uint64]checkpoint.Address{}}
	require.NoError(t, CheckMemory(t.Context(), h, local))
	for range 4 {
		f.node.add(2)
	}
	h.by[1] = checkpoint.Address{8}
	require.NoError(t, CheckMemory(t.Context(), h, local), "others may sign what they like")
	h.by[2] = f.key
	require.ErrorIs(t, CheckMemory(t.Context(), h, local), ErrStaleGuard)
	f.round(t.Context())
	require.NoError(t, CheckMemory(t.Context(), h, local))
	f.node.edit(2, func(c *types.Checkpoint) { c.Header.Height++ })
	require.ErrorIs(t, CheckMemory(t.Context(), h, local), ErrStaleGuard)
}

// TestTransactionIsFreeInSize: a transaction with the most signatures stays
// below what may be free.
func TestTransactionIsFreeInSize(t *testing.T) {
	const freeBytes, freeGas = 1024, 700_000
	enc, err := chain.NewEncoding()
	require.NoError(t, err)
	types.RegisterInterfaces(enc.Codec.InterfaceRegistry())
	ring := keyring.NewInMemory(enc.Codec)
	path := hd.CreateHDPath(chain.CoinType, 0, 0).String()
	_, _, err = ring.NewMnemonic("hot", keyring.English, path, keyring.DefaultBIP39Passphrase, hd.Secp256k1)
	require.NoError(t, err)
	signer, err := chain.NewSigner(enc, ring, "hot", chainID, "")
	require.NoError(t, err)
	msg := &types.MsgAttest{Account: signer.Address()}
	for i := range maxItems {
		msg.Attestations = append(msg.Attestations, types.Attestation{Nonce: 1<<40 + uint64(i), Signature: make([]byte, 65)})
	}
	gas := uint64(gasBase + maxItems*gasItem)
	require.LessOrEqual(t, gas, uint64(freeGas))
	tx, err := signer.Sign(t.Context(), msg, chain.Terms{Account: 1 << 40, Timeout: time.Now(), Gas: gas})
	require.NoError(t, err)
	t.Logf("%d bytes, gas limit %d", len(tx), gas)
	require.LessOrEqual(t, len(tx), freeBytes)
}
