// SPDX-License-Identifier: Apache-2.0

package app

import (
	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/cupel-network/cupel/testutil/sim"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// meddle is a random message of a requester about a batch that may exist.
func (r *traffic) meddle(p *person) sdk.Msg {
	batch := 1 + r.rand.Uint64N(60)
	switch r.rand.IntN(4) {
	case 0:
		return &markettypes.MsgCancel{Requester: p.text, Batch: batch}
	case 1:
		msg := &markettypes.MsgCrank{Sender: p.text}
		for range 1 + r.rand.IntN(3) {
			msg.Steps = append(msg.Steps, markettypes.Step{
				Kind: markettypes.StepKind(1 + r.rand.IntN(5)), Batch: batch, Sub: r.rand.Uint32N(6),
			})
		}
		return msg
	case 2:
		return &markettypes.MsgClaim{Account: p.text, Denom: sim.Denom}
	default:
		to := r.providers[r.rand.IntN(len(r.providers))].operator.address
		return banktypes.NewMsgSend(p.address, to, coins(1+r.rand.Int64N(1_000)))
	}
}

// manage is a random message of an operator.
func (r *traffic) manage(p *provider) sdk.Msg {
	amount := sdk.NewCoin(BaseDenom, sdkmath.NewInt(1+r.rand.Int64N(1_000_000)))
	switch r.rand.IntN(6) {
	case 0:
		return &registrytypes.MsgBond{Operator: p.operator.text, Amount: amount}
	case 1:
		return &registrytypes.MsgUnbond{Operator: p.operator.text, Amount: amount}
	case 2:
		return &registrytypes.MsgDrain{Signer: p.operator.text, Drain: r.chance(30)}
	case 3:
		return &registrytypes.MsgDeregister{Operator: r.providers[len(r.providers)-1].operator.text}
	case 4:
		return &registrytypes.MsgUpdateProvider{
			Operator: p.operator.text, Payout: p.payout, Region: "eu-west", Endpoint: p.endpoint(),
			Resources: []registrytypes.Resource{{Class: sim.Class, Count: 64, Price: marketAsk + r.rand.Uint64N(20)}},
		}
	default:
		return &registrytypes.MsgUnjail{Operator: p.operator.text}
	}
}
