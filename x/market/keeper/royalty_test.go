// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/testutil/sim"
	"github.com/cupel-network/cupel/x/market/types"
	registrykeeper "github.com/cupel-network/cupel/x/registry/keeper"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

var lab = sim.Addr("lab")

// withModel makes model 1 of the lab with a royalty of 5 %.
func withModel(t require.TestingT, c *sim.Chain, signers ...sdk.AccAddress) registrytypes.MsgServer {
	msgs := registrykeeper.NewMsgServer(c.Registry)
	msg := registrytypes.MsgCreateModel{
		Owner: sim.Text(lab), Name: "lab/model", RoyaltyBps: 500,
		Content: registrytypes.ModelContent{ContentHash: statement(7)},
	}
	for _, s := range signers {
		msg.Signers = append(msg.Signers, sim.Text(s))
	}
	_, err := msgs.CreateModel(c.Ctx, &msg)
	require.NoError(t, err)
	return msgs
}

func using(m types.MsgSubmit) types.MsgSubmit {
	m.Model, m.ModelVersion = 1, 1
	return m
}

func TestRoyalty(t *testing.T) {
	tests := map[string]struct {
		edits []func(sim.Genesis)
		order func() types.MsgSubmit
		want  func(t *testing.T, tally types.Tally)
	}{
		// 3 replicas of 400 gross: 180 each to the provider, 9 of it to the lab.
		"of three replicas": {[]func(sim.Genesis){auditRate(100)}, func() types.MsgSubmit { return sim.Submit(requester) }, func(t *testing.T, tally types.Tally) {
			require.EqualValues(t, 3*9, tally.Royalties)
			require.EqualValues(t, 3*(180-9), tally.Paid)
		}},
		// 800 gross: 680 to the provider.
		"of a proof": {nil, func() types.MsgSubmit { return proofOrder(1) }, func(t *testing.T, tally types.Tally) {
			require.EqualValues(t, 34, tally.Royalties)
			require.EqualValues(t, 680-34, tally.Paid)
		}},
		"capped by the params": {[]func(sim.Genesis){func(g sim.Genesis) { g.Params().RoyaltyMaxBps = 100 }}, func() types.MsgSubmit { return proofOrder(1) }, func(t *testing.T, tally types.Tally) {
			require.EqualValues(t, 6, tally.Royalties)
		}},
		"switched off": {[]func(sim.Genesis){func(g sim.Genesis) { g.Params().RoyaltyMaxBps = 0 }}, func() types.MsgSubmit { return proofOrder(1) }, func(t *testing.T, tally types.Tally) {
			require.Zero(t, tally.Royalties)
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newMarket(t, 4, tc.edits...)
			withCircuits(t, c)
			withModel(t, c)
			batch := submit(t, c, using(tc.order()))
			settle(t, c, batch, 2_000)
			tally := conserved(t, c, batch)
			tc.want(t, tally)
			require.Equal(t, tally.Royalties, c.Balance(lab))
		})
	}
}

// TestRoyaltyIsPinned: what the owner changes after a submit changes no batch.
func TestRoyaltyIsPinned(t *testing.T) {
	c := newMarket(t, 4, auditRate(100))
	msgs := withModel(t, c)
	batch := submit(t, c, using(sim.Submit(requester)))
	buyer := sim.Addr("buyer of models")
	_, err := msgs.UpdateModel(c.Ctx, &registrytypes.MsgUpdateModel{Owner: sim.Text(lab), Model: 1})
	require.NoError(t, err)
	_, err = msgs.TransferModel(c.Ctx, &registrytypes.MsgTransferModel{Owner: sim.Text(lab), Model: 1, NewOwner: sim.Text(buyer)})
	require.NoError(t, err)
	settle(t, c, batch, 2_000)
	require.EqualValues(t, 27, conserved(t, c, batch).Royalties)
	require.EqualValues(t, 27, c.Balance(lab))
	require.Zero(t, c.Balance(buyer))
}

// TestRefusedRoyaltyIsClaimable: an owner that the bank does not pay holds up
// nobody.
func TestRefusedRoyaltyIsClaimable(t *testing.T) {
	c := newMarket(t, 4, auditRate(100))
	withModel(t, c)
	c.Bank.Blocked[string(lab)] = true
	batch := submit(t, c, using(sim.Submit(requester)))
	task := settle(t, c, batch, 2_000)
	require.Equal(t, types.TaskSettled, task.State)
	res, err := c.Query().Claimable(c.Ctx, &types.QueryClaimableRequest{Account: sim.Text(lab)})
	require.NoError(t, err)
	require.Len(t, res.Claimables, 1)
	require.EqualValues(t, 27, res.Claimables[0].Amount)
	conserved(t, c, batch)
}

func TestUnsignedVersionIsNotUsed(t *testing.T) {
	c := newMarket(t, 4)
	msgs := withModel(t, c, requester)
	_, err := c.Buy(using(sim.Submit(requester)))
	require.ErrorIs(t, err, types.ErrInvalidModel)
	_, err = msgs.SignVersion(c.Ctx, &registrytypes.MsgSignVersion{Signer: sim.Text(requester), Model: 1, Version: 1})
	require.NoError(t, err)
	submit(t, c, using(sim.Submit(requester)))
}
