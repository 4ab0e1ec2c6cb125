// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient/simulated"
	ethparams "github.com/ethereum/go-ethereum/params"

	"github.com/cupel-network/cupel/relayer/evm"
	"github.com/cupel-network/cupel/relayer/evm/contract"
	"github.com/cupel-network/cupel/relayer/home"
	"github.com/cupel-network/cupel/relayer/journal"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// simulatedID is the chain id of go-ethereum's simulated chain.
const simulatedID = 1337

// evmChain is an EVM in this process with a CupelMirror.
type evmChain struct {
	backend *simulated.Backend
	client  evm.Client
	signer  evm.Signer
	address common.Address
	abi     *contract.CupelMirror
}

// proof is what a receipt proves.
type proof struct {
	Nonce uint64 `json:"nonce"`
	Root  string `json:"root"`
	// Leaves were found settled by the contract.
	Leaves int `json:"leaves"`
}

// mirror carries the job's checkpoint to an EVM in this process with the
// relayer's own code, and asks the contract about every payment of the job.
func (d *demo) mirror(ctx context.Context, job jobRun) (p proof, err error) {
	d.say("$ cupeld receipt fetch %d   (waits for the checkpoint that %d attestor signs)", job.task, len(d.local.Nodes))
	leaves, siblings, header, err := d.receipt(ctx, job.task)
	if err != nil {
		return p, err
	}
	source, set, err := d.source(ctx)
	if err != nil {
		return p, err
	}
	chain, err := newEVM(ctx, d.local.ChainID, set)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, chain.backend.Close()) }()
	d.say("an EVM in this process stands in for Base; CupelMirror is at %s, it trusts attestor set %d", chain.address, set.ID)
	if err := d.carry(ctx, chain, source, header.Nonce); err != nil {
		return p, err
	}
	for i, leaf := range leaves {
		if err := chain.settled(ctx, leaf, siblings[i]); err != nil {
			return p, err
		}
		d.say("isSettled: %d %s to provider %x… for task %d is proven under root %s; one %s more is not",
			leaf.Amount, leaf.Denom, leaf.Provider[:4], leaf.Task, header.Root, leaf.Denom)
	}
	return proof{header.Nonce, header.Root.String(), len(leaves)}, nil
}

// receipt fetches the job's receipt, has it verified, and returns its leaves
// with their proofs.
func (d *demo) receipt(ctx context.Context, task uint64) (leaves []checkpoint.Leaf, siblings [][]checkpoint.Hash, header checkpoint.Header, err error) {
	path := filepath.Join(d.local.Dir, "receipt.json")
	for _, args := range [][]string{
		{"fetch", fmt.Sprint(task), "--wait", "--out", path, "--node", d.local.Nodes[0].TCP()}, {"verify", path},
	} {
		cmd := net.Command(ctx, d.local.Binaries.Cupeld, append([]string{"receipt"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, nil, header, fmt.Errorf("cupeld receipt %s: %w\n%s", args[0], err, out)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, header, err
	}
	var file struct {
		Proofs []struct {
			Leaf     receiptLeaf
			Siblings []checkpoint.Hash
		}
		Header checkpoint.Header
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, nil, header, fmt.Errorf("receipt: %w", err)
	}
	for _, p := range file.Proofs {
		leaf, err := p.Leaf.checkpoint()
		if err != nil {
			return nil, nil, header, err
		}
		leaves, siblings = append(leaves, leaf), append(siblings, p.Siblings)
	}
	d.say("receipt.json verifies offline: checkpoint %d, %d payments", file.Header.Nonce, len(leaves))
	return leaves, siblings, file.Header, nil
}

// receiptLeaf is a leaf as a receipt writes it: bytes are hex digits.
type receiptLeaf struct {
	Version   uint8
	HomeChain string `json:"home_chain"`
	Task      uint64 `json:",string"`
	Attempt   uint32
	Provider  string
	Requester string
	Denom     string
	Amount    uint64 `json:",string"`
	Result    checkpoint.Hash
}

func (l receiptLeaf) checkpoint() (checkpoint.Leaf, error) {
	leaf := checkpoint.Leaf{
		Version: l.Version, HomeChain: l.HomeChain, Task: l.Task, Attempt: l.Attempt, Provider: common.FromHex(l.Provider),
		Requester: common.FromHex(l.Requester), Denom: l.Denom, Amount: l.Amount, Result: l.Result,
	}
	return leaf, leaf.Validate()
}

// source reads the chain as a relayer does, from its first attestor set on.
func (d *demo) source(ctx context.Context) (*home.Source, checkpoint.Set, error) {
	opts := home.Options{ChainID: d.local.ChainID, Endpoints: []string{d.local.Nodes[0].RPC()}, Timeout: 5 * time.Second, MaxLag: 10}
	root, set, err := home.FetchAnchor(ctx, opts, 0)
	if err != nil {
		return nil, set, err
	}
	opts.Anchor = home.Anchor{Root: root, Set: set.Hash()}
	source, err := home.New(opts)
	return source, set, err
}

// newEVM makes the chain and deploys the mirror.
func newEVM(ctx context.Context, homeChain string, set checkpoint.Set) (*evmChain, error) {
	key, err := crypto.GenerateKey()
	if err != nil {
		return nil, err
	}
	c := &evmChain{signer: evm.NewSigner(key), abi: contract.NewCupelMirror()}
	c.backend = simulated.NewBackend(types.GenesisAlloc{c.signer.Address(): {Balance: big.NewInt(ethparams.Ether)}})
	client, ok := c.backend.Client().(evm.Client)
	if !ok {
		return nil, errors.Join(errors.New("the simulated chain is no client of the relayer"), c.backend.Close())
	}
	c.client = client
	// Its clock starts in 1970, where the set would be of the future.
	if err := c.backend.AdjustTime(time.Duration(time.Now().Unix()) * time.Second); err != nil {
		return nil, errors.Join(err, c.backend.Close())
	}
	address, tx, err := contract.Deploy(bind.NewKeyedTransactor(key, big.NewInt(simulatedID)), c.backend.Client(), contract.Deployment{
		HomeChain: homeChain, Set: set, MaxSetAge: 252 * time.Hour, OwnerDelay: 72 * time.Hour,
		Owner: common.Address{1}, Guardian: common.Address{2},
	})
	if err != nil {
		return nil, errors.Join(err, c.backend.Close())
	}
	c.address = address
	c.backend.Commit()
	receipt, err := c.backend.Client().TransactionReceipt(ctx, tx.Hash())
	if err == nil && receipt.Status != types.ReceiptStatusSuccessful {
		err = errors.New("the deployment of CupelMirror was reverted")
	}
	if err != nil {
		return nil, errors.Join(err, c.backend.Close())
	}
	return c, nil
}

// carry mirrors every header up to a nonce and waits until that is final.
func (d *demo) carry(ctx context.Context, c *evmChain, source *home.Source, upTo uint64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	book, err := journal.Open(filepath.Join(d.local.Dir, "relayer.db"))
	if err != nil {
		return err
	}
	defer book.Close()
	pool := evm.DefaultPoolConfig(simulatedID)
	pool.MaxHeadAge, pool.MaxHeadSkew = 0, 0 // its clock is its own
	endpoints, err := evm.NewPool(pool, evm.Endpoint{Name: "in-process", Client: c.client})
	if err != nil {
		return err
	}
	sender := evm.DefaultSenderConfig()
	sender.PollInterval = 50 * time.Millisecond
	target, err := evm.NewTarget(evm.Config{Name: "base", HomeChain: d.local.ChainID, Contract: c.address, Sender: sender},
		endpoints, c.signer, book.Book("base"), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	go c.mine(ctx)
	for nonce := uint64(1); nonce <= upTo; nonce++ {
		entry, err := source.Entry(ctx, nonce)
		if err != nil {
			return err
		}
		if err := target.Submit(ctx, entry); err != nil {
			return fmt.Errorf("mirror nonce %d: %w", nonce, err)
		}
	}
	return d.final(ctx, target, upTo)
}

func (d *demo) final(ctx context.Context, target mirror.Target, nonce uint64) error {
	return net.Until(ctx, 50*time.Millisecond, func() (bool, error) {
		p, err := target.Progress(ctx)
		if err == nil && p.Final >= nonce {
			d.say("mirrored %d headers: sent %d, safe %d, final %d", nonce, p.Sent, p.Safe, p.Final)
			return true, nil
		}
		return false, err
	})
}

// mine makes blocks until ctx is done.
func (c *evmChain) mine(ctx context.Context) {
	for ctx.Err() == nil {
		c.backend.Commit()
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// settled asks the contract about a leaf, and about one of another amount.
func (c *evmChain) settled(ctx context.Context, leaf checkpoint.Leaf, siblings []checkpoint.Hash) error {
	ask := func(leaf checkpoint.Leaf) (bool, error) {
		data := c.abi.PackIsSettled(contract.FromLeaf(leaf), contract.FromProof(siblings))
		out, err := c.backend.Client().CallContract(ctx, ethereum.CallMsg{To: &c.address, Data: data}, nil)
		if err != nil {
			return false, err
		}
		return c.abi.UnpackIsSettled(out)
	}
	yes, err := ask(leaf)
	if err != nil || !yes {
		return errors.Join(err, fmt.Errorf("the contract does not know the payment for task %d", leaf.Task))
	}
	leaf.Amount++
	if more, err := ask(leaf); err != nil || more {
		return errors.Join(err, fmt.Errorf("the contract takes a payment that was never made for task %d", leaf.Task))
	}
	return nil
}
