// SPDX-License-Identifier: Apache-2.0

package main

import (
	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/cupel-network/cupel/app"
)

// sendsPerBlock is how many transfers a block of the baseline carries.
const sendsPerBlock = 500

// runSend makes transfers between existing accounts, one per transaction.
func runSend(n *node, count int) (cost, error) {
	n.spent = cost{}
	coins := sdk.NewCoins(sdk.NewCoin(app.BaseDenom, sdkmath.OneInt()))
	for done := 0; done < count; {
		var txs [][]byte
		for ; len(txs) < sendsPerBlock && done < count; done++ {
			from, to := n.people.senders[done%senders], n.people.senders[(done+1)%senders]
			tx, err := n.sign(from, banktypes.NewMsgSend(from.address, to.address, coins))
			if err != nil {
				return cost{}, err
			}
			txs = append(txs, tx)
		}
		if _, err := n.block(txs); err != nil {
			return cost{}, err
		}
	}
	return n.spent, nil
}
