// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/cmd/cupeld/attestor/signing"
	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// attestors are four validators that attest; the last one's key is with a
// remote signer.
type attestors struct {
	*world
	all []*net.Attestor
}

func newAttestors(t *testing.T, edit ...func(*net.Params)) *attestors {
	t.Helper()
	p := params()
	p.CheckpointBlocks = 5
	for _, change := range edit {
		change(&p)
	}
	w := newWorld(t, 3, 10*time.Minute, p, func(s *net.Setup) { s.Validators = 4 })
	require.NoError(t, w.StartWorkers())
	a := &attestors{world: w, all: make([]*net.Attestor, len(w.Nodes))}
	require.NoError(t, net.Parallel(len(a.all), func(i int) (err error) {
		if a.all[i], err = w.AddAttestor(w.ctx, w.Nodes[i], i == 3); err != nil {
			return err
		}
		if err := a.all[i].Register(w.ctx); err != nil {
			return err
		}
		return a.all[i].Start(w.ctx)
	}))
	require.NoError(t, w.WaitSet(w.ctx, 1))
	return a
}

// settle runs a job to its end and returns the nonce of the header that covers
// its leaves.
func (a *attestors) settle(leaf int) uint64 {
	a.t.Helper()
	before, err := a.Line(a.ctx)
	require.NoError(a.t, err)
	file, _ := a.job(leaf)
	task := a.final(a.submit(file))
	require.Equal(a.t, net.Settled, task.State, task.Reason)
	nonce, err := a.WaitCovered(a.ctx, before.Leaves+3)
	require.NoError(a.t, err)
	return nonce
}

// sealed waits until a header is sealed and checks the signatures of the
// chain: each is one of a member, of this header.
func (a *attestors) sealed(nonce uint64) net.Signatures {
	a.t.Helper()
	require.NoError(a.t, a.WaitSealed(a.ctx, nonce))
	res, err := a.Signatures(a.ctx, nonce)
	require.NoError(a.t, err)
	require.GreaterOrEqual(a.t, res.Power, res.Threshold)
	digest := checkpoint.NewDomain(a.ChainID).Digest(a.header(res.Checkpoint))
	for _, s := range res.Signatures {
		signature, err := checkpoint.ToSignature(s.Signature)
		require.NoError(a.t, err)
		by, err := signature.Recover(digest)
		require.NoError(a.t, err)
		require.Equal(a.t, s.Key, by[:])
	}
	return res
}

func (a *attestors) header(c net.Checkpoint) checkpoint.Header {
	h := c.Header
	return checkpoint.Header{
		Nonce: h.Nonce, Height: h.Height, Root: checkpoint.Hash(h.Root), PrevRoot: checkpoint.Hash(h.PrevRoot),
		LeafCount: h.LeafCount, Set: checkpoint.Hash(h.Set), NextSet: checkpoint.Hash(h.NextSet),
	}
}

// signed waits until one attestor's signature of a header is on chain.
func (a *attestors) signed(nonce uint64, key string) {
	a.t.Helper()
	require.NoError(a.t, net.Until(a.ctx, 200*time.Millisecond, func() (bool, error) {
		res, err := a.Signatures(a.ctx, nonce)
		return err == nil && res.SignedBy(key), err
	}), "%s has not signed %d", key, nonce)
}

// TestAttest runs a chain whose validators sign its checkpoints: all of them,
// three of four, two of four, and one that is killed between its guard and
// its signature.
func TestAttest(t *testing.T) {
	need(t)
	crashing := build(t, "cupeld-crash", "./cmd/cupeld", "cupelcrash")
	a := newAttestors(t)

	for _, step := range []struct {
		name string
		run  func(*attestors)
	}{
		{"all sign", (*attestors).allSign},
		{"one of four is away", (*attestors).oneOfFourIsAway},
		{"two of four are away", (*attestors).twoOfFourAreAway},
		{"one is killed before it sends", func(a *attestors) { a.killedBeforeItSends(crashing) }},
		{"a key is rotated", (*attestors).rotation},
		{"a stolen key equivocates", (*attestors).equivocation},
		{"guards match the chain", (*attestors).guardsMatchTheChain},
	} {
		done := t.Run(step.name, func(t *testing.T) {
			w := *a.world
			w.t = t
			step.run(&attestors{world: &w, all: a.all})
		})
		if !done {
			return // the next step goes on from this one
		}
	}
}

func (a *attestors) allSign() {
	first := a.settle(0)
	a.sealed(first)
	for _, attestor := range a.all {
		a.signed(first, attestor.Key)
	}
}

func (a *attestors) oneOfFourIsAway() {
	a.all[1].Process().Stop()
	nonce := a.settle(1)
	res := a.sealed(nonce)
	require.False(a.t, res.SignedBy(a.all[1].Key))
}

// twoOfFourAreAway: blocks go on and nothing is sealed; then the backlog is.
func (a *attestors) twoOfFourAreAway() {
	a.all[2].Process().Stop()
	a.settle(2)
	last := a.settle(3)
	height, err := a.Nodes[0].Height(a.ctx)
	require.NoError(a.t, err)
	require.NoError(a.t, a.Nodes[0].WaitHeight(a.ctx, height+10), "blocks wait for attestors")
	line, err := a.Line(a.ctx)
	require.NoError(a.t, err)
	require.Less(a.t, line.SealedNonce, last-1, "half of the power has sealed a header")

	require.NoError(a.t, a.all[1].Start(a.ctx))
	require.NoError(a.t, a.all[2].Start(a.ctx))
	a.sealed(last)
}

// killedBeforeItSends: the guard has the header, nobody has its signature. The
// same one is sent after the restart.
func (a *attestors) killedBeforeItSends(crashing string) {
	victim := a.all[0]
	victim.Process().Stop()
	victim.Binary = crashing
	require.NoError(a.t, victim.Start(a.ctx, "CUPEL_CRASH_AFTER=guarded"))
	nonce := a.settle(4)
	require.Error(a.t, victim.Process().Wait(a.ctx))
	require.True(a.t, victim.Process().Killed())
	require.NoError(a.t, victim.Start(a.ctx))
	a.signed(nonce, victim.Key)
	a.sealed(nonce)
}

// rotation: the old key signs until the next set takes over, then the new one
// does, without a restart.
func (a *attestors) rotation() {
	require.NoError(a.t, a.all[1].Rotate(a.ctx))
	require.NoError(a.t, a.WaitSet(a.ctx, 2))
	nonce := a.settle(5)
	a.sealed(nonce)
	change, err := a.lastOfSet(nonce, 1)
	require.NoError(a.t, err)
	a.signed(change, a.all[1].Key)

	keys, err := signing.LoadKeys(signing.KeysDir(a.all[1].SignerHome()))
	require.NoError(a.t, err)
	require.Len(a.t, keys, 2)
	fresh := keys[0].Address.String()
	if fresh == a.all[1].Key {
		fresh = keys[1].Address.String()
	}
	a.signed(nonce, fresh)
}

// lastOfSet finds the newest header up to a nonce that a set signs.
func (a *attestors) lastOfSet(nonce, set uint64) (uint64, error) {
	for {
		res, err := a.Signatures(a.ctx, nonce)
		if err != nil || res.Checkpoint.SetID == set {
			return nonce, err
		}
		nonce--
	}
}

// equivocation: a copy of a key signs another header of a nonce. Whoever sees
// it has the validator slashed, jailed and tombstoned; the others go on.
func (a *attestors) equivocation() {
	a.t.Helper()
	res, err := a.Signatures(a.ctx, 1)
	require.NoError(a.t, err)
	forged := a.header(res.Checkpoint)
	forged.Root[0] ^= 1
	stolen := a.stolenKey(a.all[2])
	signature := checkpoint.Sign(stolen, checkpoint.NewDomain(a.ChainID).Digest(forged))
	text, err := json.Marshal(map[string]any{"header": forged, "signature": signature})
	require.NoError(a.t, err)
	file := filepath.Join(a.Dir, "evidence.json")
	require.NoError(a.t, os.WriteFile(file, text, 0o600))
	require.NoError(a.t, a.Evidence(a.ctx, a.Requester, file))
	require.ErrorContains(a.t, a.Evidence(a.ctx, a.Requester, file), "the chain refuses", "one offence is punished twice")

	require.NoError(a.t, a.all[2].WaitTombstoned(a.ctx))
	a.sealed(a.settle(6))
}

// stolenKey reads an attestor's key file as a thief would.
func (a *attestors) stolenKey(attestor *net.Attestor) *secp256k1.PrivateKey {
	a.t.Helper()
	text, err := os.ReadFile(filepath.Join(signing.KeysDir(attestor.SignerHome()), attestor.Key+".json"))
	require.NoError(a.t, err)
	var file struct {
		PrivateKey string `json:"private_key"`
	}
	require.NoError(a.t, json.Unmarshal(text, &file))
	raw, err := hex.DecodeString(file.PrivateKey)
	require.NoError(a.t, err)
	return secp256k1.PrivKeyFromBytes(raw)
}

// TestStartAttestors starts the attestors of a local network, and those of one
// that runs again.
func TestStartAttestors(t *testing.T) {
	need(t)
	p := params()
	p.CheckpointBlocks = 2
	w := newWorld(t, 0, 5*time.Minute, p, func(s *net.Setup) { s.Validators = 2 })
	first, err := w.StartAttestors(w.ctx)
	require.NoError(t, err)
	for _, attestor := range first {
		attestor.Stop()
	}
	again, err := w.StartAttestors(w.ctx)
	require.NoError(t, err)
	for i, attestor := range again {
		require.Equal(t, first[i].Key, attestor.Key)
		require.Equal(t, first[i].Account, attestor.Account)
	}
	require.NoError(t, again[0].Rotate(w.ctx))
	require.NoError(t, w.WaitSet(w.ctx, 2))
	require.NoError(t, w.WaitSealed(w.ctx, 1))
}

// guardsMatchTheChain: no attestor ever guarded, and so signed, anything but
// the chain's own header of a nonce.
func (a *attestors) guardsMatchTheChain() {
	a.t.Helper()
	line, err := a.Line(a.ctx)
	require.NoError(a.t, err)
	headers := map[uint64]checkpoint.Header{}
	for nonce := uint64(1); nonce <= line.LastNonce; nonce++ {
		res, err := a.Signatures(a.ctx, nonce)
		require.NoError(a.t, err)
		headers[nonce] = a.header(res.Checkpoint)
	}
	for _, attestor := range a.all {
		attestor.Stop()
		guard, err := signing.OpenGuard(signing.GuardPath(attestor.SignerHome()), a.ChainID)
		require.NoError(a.t, err)
		for nonce, want := range headers {
			guarded, found, err := guard.Header(nonce)
			require.NoError(a.t, err)
			if found {
				require.Equal(a.t, want, guarded, "%s", attestor.Name)
			}
		}
		require.NoError(a.t, guard.Close())
	}
	text, err := json.Marshal(line)
	require.NoError(a.t, err)
	a.t.Logf("the line at the end: %s", text)
}
