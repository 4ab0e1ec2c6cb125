// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"context"
	"errors"
	"math/big"
	"sync"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// errLost is a connection that broke.
var errLost = errors.New("connection reset by peer")

// faulty is a real client whose calls fail on demand.
type faulty struct {
	Client
	mu sync.Mutex
	// before a call may return an error instead of making it; after it, instead
	// of what it answered.
	before, after func(method string) error
	chainID       *big.Int
	header        func(*types.Header) *types.Header
	call          func(block common.Hash, out []byte) []byte
	logs          func([]types.Log) []types.Log
	transaction   func(*types.Transaction) *types.Transaction
	accountNonce  func(uint64) uint64
	swallow       func(*types.Transaction) bool // taken, never passed on
	sends         int
}

func (f *faulty) hook(fn func(string) error, method string) error {
	if fn == nil {
		return nil
	}
	return fn(method)
}

// through makes a call between the two hooks.
func through[T any](f *faulty, method string, fn func() (T, error)) (T, error) {
	var none T
	if err := f.hook(f.before, method); err != nil {
		return none, err
	}
	out, err := fn()
	if failed := f.hook(f.after, method); failed != nil {
		return none, failed
	}
	return out, err
}

func (f *faulty) ChainID(ctx context.Context) (*big.Int, error) {
	return through(f, "ChainID", func() (*big.Int, error) {
		if f.chainID != nil {
			return f.chainID, nil
		}
		return f.Client.ChainID(ctx)
	})
}

func (f *faulty) HeaderByNumber(ctx context.Context, number *big.Int) (*types.Header, error) {
	return through(f, "HeaderByNumber", func() (*types.Header, error) {
		h, err := f.Client.HeaderByNumber(ctx, number)
		if err == nil && f.header != nil {
			h = f.header(h)
		}
		return h, err
	})
}

func (f *faulty) HeaderByHash(ctx context.Context, hash common.Hash) (*types.Header, error) {
	return through(f, "HeaderByHash", func() (*types.Header, error) {
		h, err := f.Client.HeaderByHash(ctx, hash)
		if err == nil && f.header != nil {
			h = f.header(h)
		}
		return h, err
	})
}

func (f *faulty) CallContractAtHash(ctx context.Context, call ethereum.CallMsg, block common.Hash) ([]byte, error) {
	return through(f, "CallContractAtHash", func() ([]byte, error) {
		out, err := f.Client.CallContractAtHash(ctx, call, block)
		if err == nil && f.call != nil {
			out = f.call(block, out)
		}
		return out, err
	})
}

func (f *faulty) FilterLogs(ctx context.Context, q ethereum.FilterQuery) ([]types.Log, error) {
	return through(f, "FilterLogs", func() ([]types.Log, error) {
		logs, err := f.Client.FilterLogs(ctx, q)
		if err == nil && f.logs != nil {
			logs = f.logs(logs)
		}
		return logs, err
	})
}

func (f *faulty) TransactionByHash(ctx context.Context, hash common.Hash) (*types.Transaction, bool, error) {
	pending := false
	tx, err := through(f, "TransactionByHash", func() (*types.Transaction, error) {
		tx, p, err := f.Client.TransactionByHash(ctx, hash)
		if err == nil && f.transaction != nil {
			tx = f.transaction(tx)
		}
		pending = p
		return tx, err
	})
	return tx, pending, err
}

func (f *faulty) NonceAt(ctx context.Context, account common.Address, number *big.Int) (uint64, error) {
	return through(f, "NonceAt", func() (uint64, error) {
		n, err := f.Client.NonceAt(ctx, account, number)
		if f.accountNonce != nil {
			n = f.accountNonce(n)
		}
		return n, err
	})
}

func (f *faulty) BalanceAt(ctx context.Context, account common.Address, number *big.Int) (*big.Int, error) {
	return through(f, "BalanceAt", func() (*big.Int, error) { return f.Client.BalanceAt(ctx, account, number) })
}

func (f *faulty) SuggestGasTipCap(ctx context.Context) (*big.Int, error) {
	return through(f, "SuggestGasTipCap", func() (*big.Int, error) { return f.Client.SuggestGasTipCap(ctx) })
}

func (f *faulty) EstimateGas(ctx context.Context, call ethereum.CallMsg) (uint64, error) {
	return through(f, "EstimateGas", func() (uint64, error) { return f.Client.EstimateGas(ctx, call) })
}

func (f *faulty) SendTransaction(ctx context.Context, tx *types.Transaction) error {
	f.mu.Lock()
	f.sends++
	f.mu.Unlock()
	_, err := through(f, "SendTransaction", func() (struct{}, error) {
		if f.swallow != nil && f.swallow(tx) {
			return struct{}{}, nil
		}
		return struct{}{}, f.Client.SendTransaction(ctx, tx)
	})
	return err
}

func (f *faulty) TransactionReceipt(ctx context.Context, hash common.Hash) (*types.Receipt, error) {
	return through(f, "TransactionReceipt", func() (*types.Receipt, error) { return f.Client.TransactionReceipt(ctx, hash) })
}
