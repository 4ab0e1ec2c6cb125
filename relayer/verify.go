// SPDX-License-Identifier: Apache-2.0

package relayer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	solanago "github.com/gagliardetto/solana-go"

	"github.com/cupel-network/cupel/relayer/evm"
	"github.com/cupel-network/cupel/relayer/home"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/relayer/solana"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// VerifyOptions say how a mirror is verified.
type VerifyOptions struct {
	// Home also rebuilds every root from the leaves that home nodes list.
	Home bool
	// Latest reads what is not final too.
	Latest bool
}

// Verification is what a mirror proved. Everything in it was computed from the
// mirror's own chain, and with Home compared with the home chain.
type Verification struct {
	Target    string `json:"target"`
	Type      string `json:"type"`
	HomeChain string `json:"home_chain"`
	// Start is the nonce that the mirror begins after, Nonce its last; Root and
	// Set are those of Nonce.
	Start uint64          `json:"start,string"`
	Nonce uint64          `json:"nonce,string"`
	Root  checkpoint.Hash `json:"root"`
	Set   checkpoint.Hash `json:"set"`
	// Checkpoints, SetChanges and Leaves count what the headers say; Signatures
	// those that were checked.
	Checkpoints int    `json:"checkpoints"`
	SetChanges  int    `json:"set_changes"`
	Leaves      uint64 `json:"leaves,string"`
	Signatures  int    `json:"signatures"`
	// Transactions that carried records.
	Transactions int `json:"transactions"`
	// Indirect headers came through another contract: their signatures are those
	// that the home chain has. Installed sets are the owner's, without
	// signatures.
	Indirect  int `json:"indirect"`
	Installed int `json:"installed"`
	// Rejected counts transactions that are no records, by reason (solana).
	Rejected map[string]uint64 `json:"rejected,omitempty"`
	// HomeHead is how far the home chain is, HomeLeaves the leaves of which
	// roots were rebuilt; both 0 without Home.
	HomeHead   uint64 `json:"home_head,string"`
	HomeLeaves uint64 `json:"home_leaves,string"`
}

// replay is a mirror in a form that is alike for all chains.
type replay struct {
	start   uint64
	root    checkpoint.Hash
	set     checkpoint.Hash
	headers []checkpoint.Header
	// indirect are the nonces of headers without signatures of their own.
	indirect []uint64
	// nonce, last and current are nonce, root and set at the end: those of the
	// last header but for what the owner installed.
	nonce         uint64
	last, current checkpoint.Hash
}

// Verify rebuilds a mirror from its own chain alone, beginning at the anchor.
// mirror.ErrForged and mirror.ErrDisagreement tell that it is not what the
// attestors signed; every other error that it could not be read.
func Verify(ctx context.Context, cfg Config, t TargetConfig, opts VerifyOptions) (Verification, error) {
	v := Verification{Target: t.Name, Type: t.Type, HomeChain: cfg.Home.ChainID}
	var r replay
	var err error
	if t.Type == TypeSolana {
		r, err = v.replaySolana(ctx, cfg, t, opts)
	} else {
		r, err = v.replayEVM(ctx, cfg, t, opts)
	}
	if err != nil {
		return v, err
	}
	v.count(r)
	var source *home.Source
	if opts.Home {
		if source, err = NewSource(cfg); err != nil {
			return v, err
		}
	}
	if err := anchored(ctx, cfg, r, source); err != nil {
		return v, err
	}
	if err := signedAtHome(ctx, r, source); err != nil {
		return v, err
	}
	if source == nil {
		return v, nil
	}
	return v, v.compare(ctx, r, source)
}

func (v *Verification) count(r replay) {
	v.Start, v.Nonce, v.Root, v.Set = r.start, r.nonce, r.last, r.current
	for _, h := range r.headers {
		v.Leaves += uint64(h.LeafCount)
		if h.IsSetChange() {
			v.SetChanges++
		} else {
			v.Checkpoints++
		}
	}
}

func (v *Verification) replayEVM(ctx context.Context, cfg Config, t TargetConfig, opts VerifyOptions) (replay, error) {
	pool, err := EVMPool(ctx, t)
	if err != nil {
		return replay{}, err
	}
	found, err := evm.Verify(ctx, pool, evm.VerifyConfig{
		HomeChain: cfg.Home.ChainID, Contract: common.HexToAddress(t.EVM.Contract), FromBlock: t.EVM.DeployBlock, Latest: opts.Latest,
	})
	if err != nil {
		return replay{}, err
	}
	r := replay{
		start: found.Nonce, root: found.Root, set: found.Set.Hash(),
		nonce: found.Head.Nonce, last: found.Head.Root, current: found.Head.SetHash,
	}
	for _, recorded := range found.Recorded {
		r.headers = append(r.headers, recorded.Entry.Header)
		if recorded.Indirect {
			v.Indirect++
			r.indirect = append(r.indirect, recorded.Entry.Header.Nonce)
		}
		v.Signatures += len(recorded.Entry.Signatures)
	}
	v.Transactions, v.Installed = len(found.Recorded)+len(found.Installs), len(found.Installs)
	return r, nil
}

// replaySolana reads every endpoint by itself: they must show the same line.
func (v *Verification) replaySolana(ctx context.Context, cfg Config, t TargetConfig, opts VerifyOptions) (replay, error) {
	anchor, err := SolanaAnchor(cfg, t)
	if err != nil {
		return replay{}, err
	}
	level := solana.Finalized
	if opts.Latest {
		level = solana.Confirmed
	}
	var best *solana.Chain
	var failed error
	for _, e := range SolanaEndpoints(t) {
		chain, err := readSolana(ctx, e, t, anchor, level)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", e.Name, err))
			continue
		}
		if best == nil {
			best = chain
			continue
		}
		for i := range min(len(best.Headers), len(chain.Headers)) {
			if best.Headers[i].Header != chain.Headers[i].Header {
				return replay{}, fmt.Errorf("%w: %s has another header of nonce %d than the endpoints before", mirror.ErrDisagreement, e.Name, chain.Headers[i].Header.Nonce)
			}
		}
		if chain.Nonce > best.Nonce {
			best = chain
		}
	}
	if best == nil {
		return replay{}, failed
	}
	root := anchor.Root
	if anchor.Nonce == 0 {
		root = checkpoint.NewDomain(anchor.ChainID).GenesisRoot()
	}
	r := replay{start: anchor.Nonce, root: root, set: anchor.Set.Hash(), nonce: best.Nonce, last: best.Root, current: best.Set.Hash()}
	transactions := make(map[solanago.Signature]bool)
	for _, recorded := range best.Headers {
		r.headers = append(r.headers, recorded.Header)
		v.Signatures += len(recorded.Signatures)
		for _, id := range recorded.Transactions {
			transactions[id] = true
		}
	}
	v.Transactions, v.Rejected = len(transactions), make(map[string]uint64)
	for reason, n := range best.Rejected {
		v.Rejected[string(reason)] = n
	}
	return r, nil
}

func readSolana(ctx context.Context, e solana.Endpoint, t TargetConfig, anchor solana.Anchor, level solana.Commitment) (*solana.Chain, error) {
	genesis, err := e.RPC.GenesisHash(ctx)
	if err != nil {
		return nil, err
	}
	if genesis.String() != t.Solana.GenesisHash {
		return nil, fmt.Errorf("%w: it has the genesis hash %s, not %s", mirror.ErrWrongChain, genesis, t.Solana.GenesisHash)
	}
	reader, err := solana.NewReader(e.RPC, anchor)
	if err != nil {
		return nil, err
	}
	return reader.Read(ctx, level)
}

// anchored checks that the mirror's line is the one that the operator trusts:
// it begins at the anchor, or passes through it, or the home chain leads from
// the anchor to where it begins.
func anchored(ctx context.Context, cfg Config, r replay, source *home.Source) error {
	a, err := LoadAnchor(cfg, cfg.Home.Anchor)
	if err != nil {
		return err
	}
	root, set := a.Root, a.SetHash
	switch {
	case a.Nonce == r.start:
		return same(r.start, r.root, root, r.set, set)
	case a.Nonce > r.start:
		for _, h := range r.headers {
			if h.Nonce == a.Nonce {
				return same(h.Nonce, h.Root, root, h.NextSet, set)
			}
		}
		return fmt.Errorf("the mirror ends at nonce %d, before the anchor %d: nothing connects them yet; configure an earlier anchor", r.nonce, a.Nonce)
	case source == nil:
		return fmt.Errorf("the mirror begins at nonce %d, after the anchor %d: only the home chain connects them; give --node", r.start, a.Nonce)
	}
	entry, err := source.Entry(ctx, r.start)
	if err != nil {
		return fmt.Errorf("entry %d of the home chain, where the mirror begins: %w", r.start, err)
	}
	return same(r.start, r.root, entry.Header.Root, r.set, entry.Header.NextSet)
}

// signedAtHome checks headers that came through another contract against those
// that the home chain sealed: without their signatures, one endpoint could
// invent them.
func signedAtHome(ctx context.Context, r replay, source *home.Source) error {
	if len(r.indirect) > 0 && source == nil {
		return fmt.Errorf("%d headers came through another contract, whose transactions do not show the signatures: "+
			"give --compare to check them against the home chain", len(r.indirect))
	}
	for _, h := range r.headers {
		if !slices.Contains(r.indirect, h.Nonce) {
			continue
		}
		entry, err := source.Entry(ctx, h.Nonce)
		if err != nil {
			return fmt.Errorf("entry %d of the home chain: %w", h.Nonce, err)
		}
		if entry.Header != h {
			return fmt.Errorf("%w: the mirror's header of nonce %d is not the one that the home chain sealed", mirror.ErrForged, h.Nonce)
		}
	}
	return nil
}

func same(nonce uint64, root, wantRoot, set, wantSet checkpoint.Hash) error {
	if root != wantRoot || set != wantSet {
		return fmt.Errorf("%w: at nonce %d the mirror has root %s and set %s, trusted are %s and %s", mirror.ErrForged, nonce, root, set, wantRoot, wantSet)
	}
	return nil
}

// compare rebuilds every root from the home chain's leaves and proves each leaf
// under the mirror's own root.
func (v *Verification) compare(ctx context.Context, r replay, source *home.Source) (err error) {
	if v.HomeHead, err = source.Head(ctx); err != nil {
		return err
	}
	for _, h := range r.headers {
		if h.IsSetChange() {
			continue
		}
		leaves, err := source.Leaves(ctx, h)
		if err != nil {
			return err
		}
		hashes := make([]checkpoint.Hash, len(leaves))
		for i, leaf := range leaves {
			hashes[i] = leaf.Hash
		}
		tree, err := checkpoint.NewTree(hashes)
		if err != nil {
			return err
		}
		for _, leaf := range leaves {
			proof, err := tree.Proof(leaf.Hash)
			if err != nil {
				return err
			}
			if !checkpoint.VerifyProof(h.Root, leaf.Hash, proof) {
				return fmt.Errorf("%w: a leaf of task %d is not under the root of nonce %d", mirror.ErrForged, leaf.Task, h.Nonce)
			}
			v.HomeLeaves++
		}
	}
	return nil
}
