// SPDX-License-Identifier: Apache-2.0

package attestor

import (
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sort"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/cmd/cupeld/attestor/signing"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

const (
	chainID = "cupel-test-1"
	account = "cupel1account"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// node is a node of a chain that makes headers as x/oracle does. Tests change
// what it says.
type node struct {
	checkpoints map[uint64]types.Checkpoint
	leaves      map[uint64][]types.SettledLeaf
	sets        map[uint64]types.AttestorSet
	blocks      map[int64]Block
	height      int64
	behind      int64
	down        error
	key         checkpoint.Address
	// signed are the nonces that came into a block.
	signed map[uint64]bool
	record types.Attestor
	beacon *types.BeaconDuty
	calls  int
}

func newNode(key checkpoint.Address) *node {
	n := &node{
		checkpoints: map[uint64]types.Checkpoint{}, leaves: map[uint64][]types.SettledLeaf{}, sets: map[uint64]types.AttestorSet{},
		blocks: map[int64]Block{}, key: key, signed: map[uint64]bool{}, record: types.Attestor{Account: account, Active: true},
	}
	n.addSet(1, key)
	return n
}

func (n *node) addSet(id uint64, keys ...checkpoint.Address) checkpoint.Set {
	set := checkpoint.Set{ID: id, Time: 1_000 + id}
	for _, key := range keys {
		set.Members = append(set.Members, checkpoint.Member{Address: key, Power: 10})
	}
	sort.Slice(set.Members, func(i, j int) bool { return string(set.Members[i].Address[:]) < string(set.Members[j].Address[:]) })
	n.sets[id] = types.NewAttestorSet(set, 1, 0, 10)
	return set
}

// last returns the newest header, or what nonce 1 follows.
func (n *node) last() (checkpoint.Header, types.Checkpoint) {
	stored, ok := n.checkpoints[uint64(len(n.checkpoints))]
	if !ok {
		set := checkpoint.Hash(n.sets[1].Hash)
		return checkpoint.Header{Root: checkpoint.NewDomain(chainID).GenesisRoot(), NextSet: set}, types.Checkpoint{NextSetId: 1}
	}
	h, _ := stored.Header.Decode()
	return h, stored
}

// add makes the next header of a number of leaves; of none, a change to set.
func (n *node) add(leaves int, set ...checkpoint.Set) checkpoint.Header {
	before, stored := n.last()
	n.height += 10
	h := checkpoint.Header{
		Nonce: before.Nonce + 1, Height: uint64(n.height), Root: before.Root, PrevRoot: before.Root,
		LeafCount: uint32(leaves), Set: before.NextSet, NextSet: before.NextSet,
	}
	cp := types.Checkpoint{
		FirstLeaf: stored.FirstLeaf + uint64(before.LeafCount), SetId: stored.NextSetId, NextSetId: stored.NextSetId, Time: uint64(n.height),
	}
	if len(set) > 0 {
		h.NextSet, cp.NextSetId = set[0].Hash(), set[0].ID
	}
	var hashes []checkpoint.Hash
	for i := range leaves {
		hash := checkpoint.Keccak256(binary.BigEndian.AppendUint64(nil, h.Nonce<<32|uint64(i)))
		hashes = append(hashes, hash)
		n.leaves[h.Nonce] = append(n.leaves[h.Nonce], types.SettledLeaf{Task: uint64(i), Hash: hash[:], Height: n.height - 1})
	}
	if tree, err := checkpoint.NewTree(hashes); err == nil {
		h.Root = tree.Root()
	}
	cp.Header = types.NewHeader(h)
	n.checkpoints[h.Nonce] = cp
	n.blocks[n.height] = Block{ChainID: chainID, Time: time.Unix(n.height, 500)}
	return h
}

// edit changes a stored checkpoint.
func (n *node) edit(nonce uint64, change func(*types.Checkpoint)) {
	cp := n.checkpoints[nonce]
	h, _ := cp.Header.Decode() // a copy of the hashes
	cp.Header = types.NewHeader(h)
	change(&cp)
	n.checkpoints[nonce] = cp
}

func (n *node) Checkpoint(_ context.Context, nonce uint64) (types.Checkpoint, error) {
	n.calls++
	cp, ok := n.checkpoints[nonce]
	if !ok {
		return cp, chain.ErrNotFound
	}
	return cp, n.down
}

func (n *node) Leaves(_ context.Context, nonce uint64, offset, limit uint32) ([]types.SettledLeaf, error) {
	all := n.leaves[nonce]
	from := min(int(offset), len(all))
	return all[from:min(from+int(limit), len(all))], n.down
}

func (n *node) Set(_ context.Context, id uint64) (types.AttestorSet, error) {
	set, ok := n.sets[id]
	if !ok {
		return set, chain.ErrNotFound
	}
	return set, n.down
}

func (n *node) Block(_ context.Context, height int64) (Block, error) {
	block, ok := n.blocks[height]
	if !ok {
		return block, chain.ErrNotFound
	}
	return block, n.down
}

func (n *node) Refresh(context.Context) (chain.Head, error) {
	return chain.Head{Height: n.head(), Time: time.Unix(n.height, 0)}, n.down
}

// head is the block that confirms the newest header, unless a test says that
// there is none.
func (n *node) head() int64 { return n.height + 1 - n.behind }

func (n *node) Attestor(context.Context, string) (types.Attestor, error) { return n.record, n.down }

func (n *node) Duties(context.Context, string) ([]types.Duty, *types.BeaconDuty, error) {
	var duties []types.Duty
	for nonce := uint64(1); nonce <= uint64(len(n.checkpoints)) && len(duties) < maxDuties; nonce++ {
		if !n.signed[nonce] {
			duties = append(duties, n.duty(nonce))
		}
	}
	return duties, n.beacon, n.down
}

func (n *node) duty(nonce uint64) types.Duty {
	return types.Duty{Checkpoint: n.checkpoints[nonce], Key: n.key[:]}
}

var _ Chain = (*node)(nil)

// post keeps what was sent.
type post struct {
	txs    [][]types.Attestation
	beacon []types.MsgBeacon
	err    error
}

func (p *post) SendBeacon(_ context.Context, msg types.MsgBeacon, _ time.Time) error {
	if p.err != nil {
		return p.err
	}
	p.beacon = append(p.beacon, msg)
	return nil
}

func (p *post) Send(_ context.Context, items []types.Attestation, head time.Time) (time.Time, error) {
	if p.err != nil {
		return time.Time{}, p.err
	}
	p.txs = append(p.txs, append([]types.Attestation{}, items...))
	return head.Add(txTTL), nil
}

// nonces are those sent, by transaction.
func (p *post) nonces() [][]uint64 {
	var out [][]uint64
	for _, tx := range p.txs {
		var nonces []uint64
		for _, item := range tx {
			nonces = append(nonces, item.Nonce)
		}
		out = append(out, nonces)
	}
	return out
}

// fixture is an attestor on a node, with a clock that tests move.
type fixture struct {
	*Attestor
	node *node
	post *post
	home string
	key  checkpoint.Address
	at   time.Time
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	home := t.TempDir()
	guard, err := signing.CreateGuard(signing.GuardPath(home), chainID)
	require.NoError(t, err)
	key, err := signing.NewKey(signing.KeysDir(home), guard.ID())
	require.NoError(t, err)
	require.NoError(t, guard.Close())
	f := &fixture{node: newNode(key.Address), post: &post{}, home: home, key: key.Address, at: time.Unix(1_000, 0)}
	f.start(t)
	return f
}

// start opens the signer and makes an attestor, as a new process does.
func (f *fixture) start(t *testing.T) {
	t.Helper()
	local, err := signing.OpenLocal(f.home, chainID)
	require.NoError(t, err)
	t.Cleanup(func() { _ = local.Close() })
	f.Attestor = New(Options{
		ChainID: chainID, Account: account, Poll: time.Millisecond, Node: f.node, Signer: local, Sender: f.post,
		Metrics: NewMetrics(), Log: quiet,
	})
	f.now = func() time.Time { return f.at }
}

// stop closes what the process held.
func (f *fixture) stop(t *testing.T) {
	t.Helper()
	local, ok := f.Signer.(*signing.Local)
	require.True(t, ok)
	require.NoError(t, local.Close())
}

// lose removes the guard of a home.
func lose(t *testing.T, home string) {
	t.Helper()
	require.NoError(t, os.RemoveAll(filepath.Dir(signing.GuardPath(home))))
}
