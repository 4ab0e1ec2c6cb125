// SPDX-License-Identifier: Apache-2.0

// Package evm mirrors to a contract on an EVM chain. It reads through several
// endpoints that must agree about what is final, sends with one transaction
// manager an account, and checks a mirror from that chain alone.
package evm

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net/url"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"
)

// Reader is what is read of a chain. A state is always read at a block's hash,
// so that an answer belongs to a block that was seen.
type Reader interface {
	ChainID(ctx context.Context) (*big.Int, error)
	HeaderByNumber(ctx context.Context, number *big.Int) (*types.Header, error)
	HeaderByHash(ctx context.Context, hash common.Hash) (*types.Header, error)
	CallContractAtHash(ctx context.Context, call ethereum.CallMsg, block common.Hash) ([]byte, error)
	CodeAtHash(ctx context.Context, account common.Address, block common.Hash) ([]byte, error)
	FilterLogs(ctx context.Context, query ethereum.FilterQuery) ([]types.Log, error)
	TransactionByHash(ctx context.Context, hash common.Hash) (tx *types.Transaction, pending bool, err error)
}

// Wallet is what an account needs beside Reader to send.
type Wallet interface {
	NonceAt(ctx context.Context, account common.Address, number *big.Int) (uint64, error)
	BalanceAt(ctx context.Context, account common.Address, number *big.Int) (*big.Int, error)
	SuggestGasTipCap(ctx context.Context) (*big.Int, error)
	EstimateGas(ctx context.Context, call ethereum.CallMsg) (uint64, error)
	SendTransaction(ctx context.Context, tx *types.Transaction) error
	TransactionReceipt(ctx context.Context, hash common.Hash) (*types.Receipt, error)
}

// Client is one endpoint. *ethclient.Client is one, and so is what Client of a
// simulated.Backend returns, by a type assertion.
type Client interface {
	Reader
	Wallet
}

// Endpoint is a client with a name for logs, which must hold no secret.
type Endpoint struct {
	Name   string
	Client Client
}

// Dial returns the endpoint of a URL, named by its host: paths and queries of
// RPC URLs often are keys. Over HTTP nothing is sent yet.
func Dial(ctx context.Context, rawURL string) (Endpoint, error) {
	parsed, err := url.Parse(rawURL)
	if err != nil || parsed.Host == "" {
		return Endpoint{}, errors.New("an RPC endpoint is not a URL with a host, such as https://mainnet.base.org")
	}
	client, err := ethclient.DialContext(ctx, rawURL)
	if err != nil {
		return Endpoint{}, fmt.Errorf("endpoint %s: %w", parsed.Host, Redact(err))
	}
	return Endpoint{Name: parsed.Host, Client: client}, nil
}

// Redact drops the URL that errors of net/http carry: it may hold a key.
func Redact(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		return withURL.Err
	}
	return err
}

// headerByHash returns the header of a hash, recomputed from its fields.
func headerByHash(ctx context.Context, c Reader, hash common.Hash) (*types.Header, error) {
	header, err := c.HeaderByHash(ctx, hash)
	if err != nil {
		return nil, err
	}
	if got := header.Hash(); got != hash {
		return nil, fmt.Errorf("header of block %s hashes to %s: the endpoint forges headers", hash, got)
	}
	return header, nil
}
