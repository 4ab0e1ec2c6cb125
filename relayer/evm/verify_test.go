// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"bytes"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/evm/contract"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// recordedChain has two checkpoints, a set change and a checkpoint, all final.
func recordedChain(t *testing.T) *chain {
	t.Helper()
	c := newChain(t)
	target := c.target(account(0), openJournal(t), newManual(func() { c.commit(1) }), c.client)
	for _, entry := range []mirror.Entry{
		c.home.checkpoint(5), c.home.checkpoint(1), c.home.change(c.home.newSet(2, c.home.set.Time+1, 7)), c.home.checkpoint(2),
	} {
		require.NoError(t, target.Submit(t.Context(), entry))
	}
	c.commit(64)
	return c
}

func (c *chain) verify(client Client, edit func(*VerifyConfig)) (*Replay, error) {
	c.t.Helper()
	pool, err := NewPool(poolConfig(), Endpoint{"a", client})
	require.NoError(c.t, err)
	cfg := VerifyConfig{HomeChain: homeChain, Contract: c.mirror, FromBlock: c.from, Range: 7}
	if edit != nil {
		edit(&cfg)
	}
	return Verify(c.t.Context(), pool, cfg)
}

func TestVerify(t *testing.T) {
	t.Parallel()
	c := recordedChain(t)
	r, err := c.verify(c.client, nil)
	require.NoError(t, err)
	require.Zero(t, r.Nonce)
	require.Equal(t, c.home.domain.GenesisRoot(), r.Root)
	require.EqualValues(t, 1, r.Set.ID)
	require.Len(t, r.Recorded, 4)
	require.Empty(t, r.Installs)
	for i, recorded := range r.Recorded {
		require.EqualValues(t, i+1, recorded.Entry.Header.Nonce)
		require.False(t, recorded.Indirect)
		require.NoError(t, recorded.Entry.Verify(c.home.domain))
	}
	require.True(t, r.Recorded[2].Entry.Header.IsSetChange())
	require.EqualValues(t, 2, r.Recorded[3].Entry.Set.ID)

	for _, nonce := range []uint64{1, 2, 4} {
		require.NoError(t, r.CheckLeaves(t.Context(), nonce, c.home.leaves[nonce]))
	}
	forged := append([]checkpoint.Leaf(nil), c.home.leaves[1]...)
	forged[3].Amount++
	require.ErrorIs(t, r.CheckLeaves(t.Context(), 1, forged), mirror.ErrForged)
	require.ErrorIs(t, r.CheckLeaves(t.Context(), 1, c.home.leaves[1][:4]), mirror.ErrForged)
	require.ErrorIs(t, r.CheckLeaves(t.Context(), 2, c.home.leaves[4][:1]), mirror.ErrForged)
	require.ErrorIs(t, r.CheckLeaves(t.Context(), 3, nil), errNotRecorded)
	at, err := r.SettledAt(t.Context(), forged[3], nil)
	require.NoError(t, err)
	require.Zero(t, at)
}

func TestVerifyLies(t *testing.T) {
	t.Parallel()
	c := recordedChain(t)
	without := func(drop int) func() Client {
		return func() Client {
			seen := 0
			return &faulty{Client: c.client, logs: func(logs []types.Log) []types.Log {
				var out []types.Log
				for _, l := range logs {
					if len(l.Topics) == 3 { // a checkpoint or a set change
						if seen++; seen == drop {
							continue
						}
					}
					out = append(out, l)
				}
				return out
			}}
		}
	}
	abi := contract.NewCupelMirror()
	replaced := func(edit func(*mirror.Entry)) func() Client {
		entry := mirror.Entry{}
		return func() Client {
			return &faulty{Client: c.client, transaction: func(tx *types.Transaction) *types.Transaction {
				r, err := c.verify(c.client, nil)
				require.NoError(t, err)
				entry = r.Recorded[0].Entry
				edit(&entry)
				data, err := contract.PackEntry(entry)
				require.NoError(t, err)
				return types.NewTx(&types.DynamicFeeTx{To: tx.To(), Data: data})
			}}
		}
	}
	edited := func(edit func(*types.Log)) func() Client {
		return func() Client {
			return &faulty{Client: c.client, logs: func(logs []types.Log) []types.Log {
				for i := range logs {
					edit(&logs[i])
				}
				return logs
			}}
		}
	}
	submitted := abi.GetABI()
	tests := map[string]struct {
		client func() Client
		edit   func(*VerifyConfig)
		err    error
	}{
		"a checkpoint in the middle is held back": {client: without(2), err: mirror.ErrForged},
		"a set change is held back":               {client: without(3), err: mirror.ErrForged},
		"the last checkpoint is held back":        {client: without(4), err: mirror.ErrDisagreement},
		"another root in the event": {client: edited(func(l *types.Log) {
			if l.Topics[0] == submitted.Events["CheckpointSubmitted"].ID {
				l.Topics[2] = common.Hash{1}
			}
		}), err: mirror.ErrForged},
		"another set in the event": {client: edited(func(l *types.Log) {
			if l.Topics[0] == submitted.Events["AttestorsUpdated"].ID {
				l.Data = bytes.Clone(l.Data)
				l.Data[len(l.Data)-40] ^= 1
			}
		}), err: mirror.ErrForged},
		"another height in the event": {client: edited(func(l *types.Log) {
			if l.Topics[0] == submitted.Events["CheckpointSubmitted"].ID {
				l.Data = bytes.Clone(l.Data)
				l.Data[31]++
			}
		}), err: mirror.ErrForged},
		"an event of another contract": {client: edited(func(l *types.Log) { l.Address = common.Address{7} }), err: mirror.ErrUnknown},
		"another transaction":          {client: replaced(func(e *mirror.Entry) { e.Header.Height++ }), err: mirror.ErrUnknown},
		"another home chain":           {edit: func(v *VerifyConfig) { v.HomeChain = "cupel-2" }, err: mirror.ErrWrongChain},
		"another contract":             {edit: func(v *VerifyConfig) { v.Contract = c.nobody }, err: mirror.ErrWrongChain},
		"the deployment is left out":   {edit: func(v *VerifyConfig) { v.FromBlock++ }, err: mirror.ErrForged},
		"no answers": {client: func() Client {
			return &faulty{Client: c.client, before: only("FilterLogs", errLost)}
		}, err: mirror.ErrUnknown},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			client := c.client
			if tc.client != nil {
				client = tc.client()
			}
			_, err := c.verify(client, tc.edit)
			require.ErrorIs(t, err, tc.err)
		})
	}
}

// forwarder is a contract that passes its calldata on to the address that its
// code ends with: CALLDATACOPY(0, 0, size), CALL(gas, address, 0, 0, size, 0, 0).
func forwarder(to common.Address) []byte {
	runtime := []byte{0x36, 0x5f, 0x5f, 0x37, 0x5f, 0x5f, 0x36, 0x5f, 0x5f, 0x73}
	runtime = append(runtime, to[:]...)
	runtime = append(runtime, 0x5a, 0xf1, 0x00)
	create := []byte{0x60, byte(len(runtime)), 0x80, 0x60, 0x0a, 0x5f, 0x39, 0x5f, 0xf3, 0x00}
	return append(create, runtime...)
}

// TestVerifyIndirect: a checkpoint that another contract passed on is recorded
// like any other, and marked.
func TestVerifyIndirect(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	receipt := c.execute(account(3), nil, forwarder(c.mirror))
	data, err := contract.PackEntry(c.home.checkpoint(1))
	require.NoError(t, err)
	c.execute(account(3), &receipt.ContractAddress, data)
	require.Equal(t, []uint64{1}, c.events())
	target := c.target(account(0), openJournal(t), newManual(func() { c.commit(1) }), c.client)
	require.NoError(t, target.Submit(t.Context(), c.home.checkpoint(1)))

	_, err = c.verify(c.client, nil)
	require.ErrorIs(t, err, mirror.ErrWrongChain, "the deployment is not final yet")
	r, err := c.verify(c.client, func(v *VerifyConfig) { v.Latest = true })
	require.NoError(t, err)
	require.Len(t, r.Recorded, 2)
	require.True(t, r.Recorded[0].Indirect)
	require.False(t, r.Recorded[1].Indirect)
}

// TestVerifyAgrees: an endpoint that shows an older state of the mirror as the
// final one is found out by another.
func TestVerifyAgrees(t *testing.T) {
	t.Parallel()
	c := recordedChain(t)
	older := &faulty{Client: c.client, call: func(_ common.Hash, out []byte) []byte {
		if len(out) == 6*32 {
			out[31]-- // the nonce of the mirror
		}
		return out
	}}
	for name, clients := range map[string][]Client{"first": {older, c.client}, "last": {c.client, older}} {
		t.Run(name, func(t *testing.T) {
			var endpoints []Endpoint
			for _, client := range clients {
				endpoints = append(endpoints, Endpoint{Name: name, Client: client})
			}
			pool, err := NewPool(poolConfig(), endpoints...)
			require.NoError(t, err)
			_, err = Verify(t.Context(), pool, VerifyConfig{HomeChain: homeChain, Contract: c.mirror, FromBlock: c.from})
			require.ErrorIs(t, err, mirror.ErrDisagreement)
		})
	}
}

// TestVerifyRange: an endpoint that refuses long ranges is asked for shorter ones.
func TestVerifyRange(t *testing.T) {
	t.Parallel()
	c := recordedChain(t)
	calls := 0
	f := &faulty{Client: c.client}
	f.before = func(method string) error {
		if method != "FilterLogs" {
			return nil
		}
		if calls++; calls <= 3 {
			return answer("block range is too large")
		}
		return nil
	}
	r, err := c.verify(f, func(v *VerifyConfig) { v.Range = 0 })
	require.NoError(t, err)
	require.Len(t, r.Recorded, 4)
	require.Equal(t, 3+1, calls)
}

// TestVerifyInstall: a set that the owner installed without signatures is
// listed, and the line goes on from it.
func TestVerifyInstall(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	target := c.target(account(0), openJournal(t), newManual(func() { c.commit(1) }), c.client)
	require.NoError(t, target.Submit(t.Context(), c.home.checkpoint(1)))
	require.NoError(t, c.backend.AdjustTime(15*24*time.Hour))
	require.ErrorIs(t, target.Submit(t.Context(), c.home.checkpoint(1)), mirror.ErrStaleSet)

	// The header of nonce 2 was sealed by force at home and changed the set.
	head, err := c.client.HeaderByNumber(t.Context(), nil)
	require.NoError(t, err)
	c.home.nonce, c.home.root = 2, c.home.leavesRoot(1)
	c.home.set = c.home.newSet(2, head.Time, 3)
	abi := contract.NewCupelMirror()
	set := contract.FromSet(c.home.set)
	propose := c.execute(account(8), &c.mirror, abi.PackProposeAttestors(set, 2, c.home.root))
	require.Equal(t, types.ReceiptStatusSuccessful, propose.Status)
	require.NoError(t, c.backend.AdjustTime(7*24*time.Hour))
	install := c.execute(account(8), &c.mirror, abi.PackInstallAttestors(set, 2, c.home.root))
	require.Equal(t, types.ReceiptStatusSuccessful, install.Status)
	require.NoError(t, target.Submit(t.Context(), c.home.checkpoint(1)))

	r, err := c.verify(c.client, func(v *VerifyConfig) { v.Latest = true })
	require.NoError(t, err)
	require.Len(t, r.Installs, 1)
	require.EqualValues(t, 2, r.Installs[0].Nonce)
	require.Equal(t, c.home.set, r.Installs[0].Set)
	require.Len(t, r.Recorded, 2)
	require.EqualValues(t, 3, r.Recorded[1].Entry.Header.Nonce)
}
