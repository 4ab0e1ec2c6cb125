// SPDX-License-Identifier: Apache-2.0

package mempool

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"

	storetypes "cosmossdk.io/store/types"
	cmttypes "github.com/cometbft/cometbft/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	sdkmempool "github.com/cosmos/cosmos-sdk/types/mempool"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
)

// maxAnswers is how many transactions of one worker wait in the lane of
// answers: the rest wait in the open lane, so that no provider fills it.
const maxAnswers = 64

// Config is what a pool is made of. Size and Bytes are those of CometBFT's own
// mempool, which holds the same transactions.
type Config struct {
	// Size is the largest number of transactions, Bytes their largest sum.
	Size  int
	Bytes int64
	// Denom is the one that prices are compared in.
	Denom string
	// Rechecked says that CometBFT checks every transaction again after a block:
	// one that is not has left its mempool.
	Rechecked bool
}

// hash identifies a transaction by its bytes.
type hash [sha256.Size]byte

// entry is a transaction that has passed its checks.
type entry struct {
	hash hash
	tx   sdk.Tx
	raw  []byte
	lane Lane
	// price decides in the lanes of those who pay to be first.
	price uint64
	// size is what the transaction takes in a block, gas its limit.
	size, gas uint64
	// order is that of arrival.
	order uint64
	// turns are the sequences that it uses; an unordered one uses none.
	turns []turn
	// sender owns the place in the lane of answers.
	sender string
	// seen is the generation in which CometBFT was known to hold it.
	seen uint64
}

// turn is a sequence of an account.
type turn struct {
	account  string
	sequence uint64
}

// Pool holds the transactions of CometBFT's mempool, which knows no lanes. It
// follows that one: what is in a block leaves, and what fails a recheck or is
// not rechecked leaves. It is safe for concurrent use.
type Pool struct {
	config  Config
	workers Workers

	mu         sync.Mutex
	entries    map[hash]*entry
	bytes      int64
	answers    map[string]int
	arrived    uint64
	generation uint64
}

var _ sdkmempool.Mempool = (*Pool)(nil)

// New returns an empty pool.
func New(config Config, workers Workers) *Pool {
	return &Pool{config: config, workers: workers, entries: map[hash]*entry{}, answers: map[string]int{}}
}

// laneKey carries the lane from Admit to Insert.
type laneKey struct{}

// Admit decides the lane of a transaction that is checked for the first time
// and refuses it if the pool keeps its last places for more urgent ones. The
// signatures have not been verified: one that claims a lane falsely fails there.
func (p *Pool) Admit(ctx sdk.Context, tx sdk.FeeTx) (sdk.Context, error) {
	lane := laneOf(tx)
	if lane == Answers && !p.answersFor(ctx, tx) {
		lane = Open
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if used, limit := p.fullness(), lane.percent(); used >= limit {
		return ctx, sdkerrors.ErrMempoolIsFull.Wrapf(
			"%d of %d transactions and %d of %d bytes are taken, and above %d %% it takes only what is more urgent than the lane %q: "+
				"send the same transaction again in a few blocks",
			len(p.entries), p.config.Size, p.bytes, p.config.Bytes, limit, lane)
	}
	return ctx.WithValue(laneKey{}, lane), nil
}

// answersFor reports whether the worker of a provider signs alone and has a
// place in the lane left.
func (p *Pool) answersFor(ctx sdk.Context, tx sdk.FeeTx) bool {
	signer, ok := onlySigner(tx)
	if !ok {
		return false
	}
	// Only CheckTx reads this: it must not count as the transaction's gas.
	provider, err := p.workers.ProviderByWorker(ctx.WithGasMeter(storetypes.NewInfiniteGasMeter()), signer)
	if err != nil || provider.Bond == 0 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.answers[string(signer)] < maxAnswers
}

// percent is how full the pool may be for a lane to be taken.
func (l Lane) percent() int {
	switch l {
	case Open:
		return 80
	case Disputes:
		return 90
	default:
		return 100
	}
}

// fullness is the share of the pool that is taken, in percent.
func (p *Pool) fullness() int {
	return int(max(int64(len(p.entries))*100/int64(max(p.config.Size, 1)), p.bytes*100/max(p.config.Bytes, 1)))
}

// Insert implements sdkmempool.Mempool: it takes what has passed CheckTx.
func (p *Pool) Insert(ctx context.Context, tx sdk.Tx) error {
	e, err := p.newEntry(sdk.UnwrapSDKContext(ctx), tx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.arrived++
	e.order, e.seen = p.arrived, p.generation
	p.drop(e.hash) // CheckTx of the same bytes again
	p.entries[e.hash] = e
	p.bytes += int64(len(e.raw))
	if e.lane == Answers {
		p.answers[e.sender]++
	}
	return nil
}

func (p *Pool) newEntry(ctx sdk.Context, tx sdk.Tx) (*entry, error) {
	raw := ctx.TxBytes()
	fee, ok := tx.(sdk.FeeTx)
	if !ok || len(raw) == 0 {
		return nil, sdkerrors.ErrTxDecode.Wrapf("a %T of %d bytes cannot wait for a block", tx, len(raw))
	}
	lane, ok := ctx.Value(laneKey{}).(Lane)
	if !ok {
		lane = Open
	}
	e := &entry{
		hash: sha256.Sum256(raw), tx: tx, raw: raw, lane: lane, gas: fee.GetGas(),
		size: uint64(cmttypes.ComputeProtoSizeForTxs([]cmttypes.Tx{raw})),
	}
	if lane == Disputes || lane == Open {
		e.price = priceOf(fee, p.config.Denom)
	}
	if signer, ok := onlySigner(tx); ok {
		e.sender = string(signer)
	}
	var err error
	e.turns, err = turnsOf(tx)
	return e, err
}

// turnsOf returns the sequences that a transaction uses.
func turnsOf(tx sdk.Tx) ([]turn, error) {
	if unordered, ok := tx.(sdk.TxWithUnordered); ok && unordered.GetUnordered() {
		return nil, nil
	}
	signed, ok := tx.(authsigning.SigVerifiableTx)
	if !ok {
		return nil, sdkerrors.ErrTxDecode.Wrapf("a %T has no signatures", tx)
	}
	signers, err := signed.GetSigners()
	if err != nil {
		return nil, err
	}
	signatures, err := signed.GetSignaturesV2()
	if err != nil {
		return nil, err
	}
	if len(signers) != len(signatures) {
		return nil, fmt.Errorf("%d signers and %d signatures", len(signers), len(signatures))
	}
	turns := make([]turn, len(signers))
	for i, signer := range signers {
		turns[i] = turn{string(signer), signatures[i].Sequence}
	}
	return turns, nil
}

// onlySigner returns who signs alone.
func onlySigner(tx sdk.Tx) (sdk.AccAddress, bool) {
	signed, ok := tx.(authsigning.SigVerifiableTx)
	if !ok {
		return nil, false
	}
	signers, err := signed.GetSigners()
	if err != nil || len(signers) != 1 {
		return nil, false
	}
	return signers[0], true
}

// Remove implements sdkmempool.Mempool. It does nothing: a block that is being
// executed may not be the one that is decided, and only the bytes tell a
// transaction from another. Rechecked and Committed remove.
func (*Pool) Remove(sdk.Tx) error { return nil }

// Rechecked says what came of the recheck of a transaction.
func (p *Pool) Rechecked(raw []byte, valid bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := hash(sha256.Sum256(raw))
	if e, ok := p.entries[h]; ok && valid {
		e.seen = p.generation
	} else if !valid {
		p.drop(h)
	}
}

// Committed says that a block with these transactions has been committed:
// they leave, whatever came of them, and so does what CometBFT has forgotten.
func (p *Pool) Committed(txs [][]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, raw := range txs {
		p.drop(sha256.Sum256(raw))
	}
	if p.config.Rechecked {
		for h, e := range p.entries {
			if e.seen < p.generation {
				p.drop(h)
			}
		}
	}
	p.generation++
}

func (p *Pool) drop(h hash) {
	e, ok := p.entries[h]
	if !ok {
		return
	}
	delete(p.entries, h)
	p.bytes -= int64(len(e.raw))
	if e.lane != Answers {
		return
	}
	if p.answers[e.sender]--; p.answers[e.sender] == 0 {
		delete(p.answers, e.sender)
	}
}

// CountTx implements sdkmempool.Mempool.
func (p *Pool) CountTx() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.entries)
}
