// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"

	"github.com/cupel-network/cupel/relayer/evm/anvil"
	"github.com/cupel-network/cupel/relayer/evm/contract"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// gas adds up what the mirror's transactions used, set changes included.
func (w *world) gas(ctx context.Context) (uint64, error) {
	client, err := ethclient.DialContext(ctx, w.chains.EVM.URL)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	logs, err := client.FilterLogs(ctx, ethereum.FilterQuery{
		Addresses: []common.Address{common.HexToAddress(w.chains.Contract)}, FromBlock: new(big.Int).SetUint64(w.chains.DeployBlock + 1),
	})
	if err != nil {
		return 0, err
	}
	var used uint64
	for _, log := range logs {
		receipt, err := client.TransactionReceipt(ctx, log.TxHash)
		if err != nil {
			return 0, err
		}
		used += receipt.GasUsed
	}
	return used, nil
}

// measure returns the gas of a checkpoint with sets of 4, 20 and 100 members of
// equal power, by the size of the set.
func measure(ctx context.Context, node *anvil.Node) (map[string]uint64, error) {
	client, err := ethclient.DialContext(ctx, node.URL)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	key, err := crypto.HexToECDSA(strings.TrimPrefix(node.Accounts[3].Key, "0x"))
	if err != nil {
		return nil, err
	}
	out := map[string]uint64{}
	for _, members := range []int{4, 20, 100} {
		if out[fmt.Sprint(members)], err = measureSet(ctx, client, key, members); err != nil {
			return nil, fmt.Errorf("gas of %d members: %w", members, err)
		}
	}
	return out, nil
}

// measureSet deploys a mirror for a set and sends two checkpoints; the second
// one, which fills no empty storage but its own root, counts.
func measureSet(ctx context.Context, client *ethclient.Client, key *ecdsa.PrivateKey, members int) (uint64, error) {
	id, err := client.ChainID(ctx)
	if err != nil {
		return 0, err
	}
	opts := bind.NewKeyedTransactor(key, id)
	opts.Context = ctx
	const chain = "cupel-gas-1"
	domain := checkpoint.NewDomain(chain)
	set, keys := makeSet(members)
	address, tx, err := contract.Deploy(opts, client, contract.Deployment{
		HomeChain: chain, Set: set, MaxSetAge: 240 * time.Hour, OwnerDelay: time.Hour,
		Owner: common.Address{1}, Guardian: common.Address{2},
	})
	if err != nil {
		return 0, err
	}
	if _, err := bind.WaitMined(ctx, client, tx.Hash()); err != nil {
		return 0, err
	}
	used, prev := uint64(0), domain.GenesisRoot()
	for nonce := uint64(1); nonce <= 2; nonce++ {
		h := checkpoint.Header{
			Nonce: nonce, Height: nonce, Root: checkpoint.Keccak256([]byte{byte(nonce)}), PrevRoot: prev, LeafCount: 100,
			Set: set.Hash(), NextSet: set.Hash(),
		}
		prev = h.Root
		var signed []checkpoint.Signed
		for a, k := range keys {
			signed = append(signed, checkpoint.Signed{Address: a, Signature: checkpoint.Sign(k, domain.Digest(h))})
		}
		data, err := contract.PackEntry(mirror.Entry{Header: h, Set: set, Signatures: set.Quorum(signed)})
		if err != nil {
			return 0, err
		}
		tx, err := bind.Transact(contract.NewCupelMirror().Instance(client, address), opts, data)
		if err != nil {
			return 0, err
		}
		receipt, err := bind.WaitMined(ctx, client, tx.Hash())
		if err != nil {
			return 0, err
		}
		if receipt.Status != types.ReceiptStatusSuccessful {
			return 0, fmt.Errorf("checkpoint %d was reverted", nonce)
		}
		used = receipt.GasUsed
	}
	return used, nil
}

// makeSet returns a set of members of equal power, with their keys.
func makeSet(members int) (checkpoint.Set, map[checkpoint.Address]*secp256k1.PrivateKey) {
	set := checkpoint.Set{ID: 1, Time: uint64(time.Now().Add(-time.Minute).Unix())} // #nosec G115 -- now is after 1970
	keys := map[checkpoint.Address]*secp256k1.PrivateKey{}
	for i := range members {
		secret := checkpoint.Keccak256(fmt.Appendf(nil, "member %d", i))
		key := secp256k1.PrivKeyFromBytes(secret[:])
		address := checkpoint.KeyAddress(key.PubKey())
		keys[address] = key
		set.Members = append(set.Members, checkpoint.Member{Address: address, Power: 1_000_000})
	}
	slices.SortFunc(set.Members, func(a, b checkpoint.Member) int { return bytes.Compare(a.Address[:], b.Address[:]) })
	return set, keys
}
