// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/ethclient"

	"github.com/cupel-network/cupel/relayer/evm/contract"
	"github.com/cupel-network/cupel/relayer/npm"
	"github.com/cupel-network/cupel/testutil/mirror"
	"github.com/cupel-network/cupel/testutil/net"
	"github.com/cupel-network/cupel/testutil/scale"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// text is a byte string as receipts write it.
type text []byte

// UnmarshalText reads 0x and hex digits.
func (b *text) UnmarshalText(digits []byte) (err error) {
	*b, err = hex.DecodeString(strings.TrimPrefix(string(digits), "0x"))
	return err
}

// leaf is a leaf as receipts write it.
type leaf struct {
	Version   uint8
	HomeChain string `json:"home_chain"`
	Task      uint64 `json:",string"`
	Attempt   uint32
	Provider  text
	Requester text
	Denom     string
	Amount    uint64 `json:",string"`
	Result    checkpoint.Hash
}

func (l leaf) checkpoint() checkpoint.Leaf {
	return checkpoint.Leaf{
		Version: l.Version, HomeChain: l.HomeChain, Task: l.Task, Attempt: l.Attempt, Provider: l.Provider,
		Requester: l.Requester, Denom: l.Denom, Amount: l.Amount, Result: l.Result,
	}
}

// file is what is read of a receipt.
type file struct {
	Proofs []struct{ Leaf leaf }
	Header checkpoint.Header
}

// tree is a checkpoint with all of its leaves.
type tree struct {
	root   checkpoint.Hash
	count  uint32
	leaves []checkpoint.Leaf
}

// receipts fetches the receipts of all tasks as their requester does, verifies
// each of them offline from the first set, and returns the trees.
func (w *world) receipts(ctx context.Context) (map[uint64]*tree, error) {
	trees := map[uint64]*tree{}
	set, err := w.firstSet()
	if err != nil {
		return nil, err
	}
	for _, batch := range w.batches {
		dir := filepath.Join(w.dir, "results", fmt.Sprint(batch))
		if err := w.Results(ctx, batch, dir); err != nil {
			return nil, err
		}
		var found []string
		err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && strings.HasPrefix(entry.Name(), "receipt") {
				found = append(found, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(found) != tasks {
			return nil, fmt.Errorf("job %d has %d receipts, want one for each of its %d tasks", batch, len(found), tasks)
		}
		for _, path := range found {
			if err := w.receipt(ctx, path, set, trees); err != nil {
				return nil, err
			}
		}
	}
	return trees, nil
}

// firstSet is the hash of the set that the mirrors were deployed with.
func (w *world) firstSet() (string, error) {
	content, err := os.ReadFile(filepath.Join(w.chains.Home, "anchor.json"))
	if err != nil {
		return "", err
	}
	var anchor struct {
		SetHash string `json:"set_hash"`
	}
	return anchor.SetHash, json.Unmarshal(content, &anchor)
}

// receipt verifies one receipt and adds its leaves to the trees.
func (w *world) receipt(ctx context.Context, path, set string, trees map[uint64]*tree) error {
	out, err := net.Command(ctx, w.Binaries.Cupeld, "receipt", "verify", path, "--set", set).CombinedOutput()
	if err != nil {
		return fmt.Errorf("receipt verify: %w\n%s", err, out)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var f file
	if err := json.Unmarshal(content, &f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	t := trees[f.Header.Nonce]
	if t == nil {
		t = &tree{root: f.Header.Root, count: f.Header.LeafCount}
		trees[f.Header.Nonce] = t
	}
	for _, p := range f.Proofs {
		t.leaves = append(t.leaves, p.Leaf.checkpoint())
	}
	return nil
}

// library is what @openzeppelin/merkle-tree says of one tree.
type library struct {
	Root   checkpoint.Hash
	Proofs [][]checkpoint.Hash
}

// independent has every tree built by @openzeppelin/merkle-tree, compares the
// roots and asks the contract about every leaf with the library's own proofs.
func (w *world) independent(ctx context.Context, trees map[uint64]*tree) (settlements uint64, err error) {
	client, err := ethclient.DialContext(ctx, w.chains.EVM.URL)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	for nonce, t := range trees {
		if int(t.count) != len(t.leaves) {
			return 0, fmt.Errorf("checkpoint %d has %d leaves, the receipts know %d", nonce, t.count, len(t.leaves))
		}
		other, err := w.openzeppelin(ctx, t.leaves)
		if err != nil {
			return 0, err
		}
		if other.Root != t.root {
			return 0, fmt.Errorf("checkpoint %d has the root %s, the library computes %s", nonce, t.root, other.Root)
		}
		for i, l := range t.leaves {
			if err := w.settledOnBase(ctx, client, l, other.Proofs[i]); err != nil {
				return 0, fmt.Errorf("checkpoint %d, leaf %d: %w", nonce, i, err)
			}
			settlements++
		}
	}
	return settlements, nil
}

// openzeppelin runs the library over leaves.
func (w *world) openzeppelin(ctx context.Context, leaves []checkpoint.Leaf) (library, error) {
	modules, err := npm.Dir()
	if err != nil {
		return library{}, err
	}
	root, err := npm.Root()
	if err != nil {
		return library{}, err
	}
	values := make([][]any, len(leaves))
	for i, l := range leaves {
		values[i] = []any{
			l.Version, l.HomeChain, fmt.Sprint(l.Task), l.Attempt, fmt.Sprintf("0x%x", l.Provider), fmt.Sprintf("0x%x", l.Requester),
			l.Denom, fmt.Sprint(l.Amount), l.Result, fmt.Sprint(l.DestChain), l.Vault, l.To,
		}
	}
	input, err := json.Marshal(values)
	if err != nil {
		return library{}, err
	}
	cmd := exec.CommandContext(ctx, "node", filepath.Join(root, "scripts", "e2e-mirror", "merkle.mjs"), filepath.Join(modules, "node_modules")) // #nosec G204 -- the script of this folder
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(input)), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return library{}, err
	}
	var answer library
	return answer, json.Unmarshal(out, &answer)
}

// settledOnBase asks the contract about a leaf, and about one that differs.
func (w *world) settledOnBase(ctx context.Context, client *ethclient.Client, l checkpoint.Leaf, proof []checkpoint.Hash) error {
	abi, address := contract.NewCupelMirror(), common.HexToAddress(w.chains.Contract)
	for _, want := range []bool{true, false} {
		if !want {
			l.Amount++
		}
		data := abi.PackIsSettled(contract.FromLeaf(l), contract.FromProof(proof))
		out, err := client.CallContract(ctx, ethereum.CallMsg{To: &address, Data: data}, nil)
		if err != nil {
			return err
		}
		got, err := abi.UnpackIsSettled(out)
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("isSettled of task %d, amount %d is %t", l.Task, l.Amount, got)
		}
	}
	return nil
}

// report checks everything from the two chains alone and prints the last line.
func (w *world) report(ctx context.Context) error {
	line, err := w.Line(ctx)
	if err != nil {
		return err
	}
	s := summary{Scale: scale.Name(), Kills: w.crashed}
	var seen [2]mirror.Verification
	for i, chain := range []string{mirror.Base, mirror.Solana} {
		v, err := w.chains.Verify(ctx, chain, true)
		if err != nil {
			return err
		}
		w.say("cupel-relayer verify --chain %s --compare: nonce %d, %d checkpoints, %d set changes, %d leaves, %d signatures",
			chain, v.Nonce, v.Checkpoints, v.SetChanges, v.Leaves, v.Signatures)
		if v.Nonce != line.LastNonce || v.Leaves != line.Covered || v.HomeLeaves != v.Leaves || len(v.Rejected) > 0 {
			return fmt.Errorf("%s has %+v, the home chain is at %+v", chain, v, line)
		}
		// Each header is there exactly once. On Solana the members of a next set
		// of this size take one transaction more.
		want := v.Checkpoints + v.SetChanges
		if chain == mirror.Solana {
			want += v.SetChanges
		}
		if v.Transactions != want {
			return fmt.Errorf("%s has %d transactions, want %d", chain, v.Transactions, want)
		}
		seen[i] = v
	}
	trees, err := w.receipts(ctx)
	if err != nil {
		return err
	}
	if s.Settlements, err = w.independent(ctx, trees); err != nil {
		return err
	}
	w.say("all %d leaves: the receipts verify offline, @openzeppelin/merkle-tree has the same %d roots, its proofs pass isSettled", s.Settlements, len(trees))
	if s.Settlements != line.Leaves || s.Settlements < uint64(w.size.settlements) || seen[0].Checkpoints < w.size.checkpoints {
		return fmt.Errorf("%d settlements in %d checkpoints are checked of %+v", s.Settlements, seen[0].Checkpoints, line)
	}
	s.Checkpoints, s.SetChanges = seen[0].Checkpoints, seen[0].SetChanges
	s.Base.Nonce, s.Solana.Nonce, s.Solana.Transactions = seen[0].Nonce, seen[1].Nonce, seen[1].Transactions
	used, err := w.gas(ctx)
	if err != nil {
		return err
	}
	if s.Base.GasPerCheckpoint, err = measure(ctx, w.chains.EVM); err != nil {
		return err
	}
	s.Base.GasPerSettlement = float64(used) / float64(s.Settlements)
	s.Verified = true
	return s.print()
}
