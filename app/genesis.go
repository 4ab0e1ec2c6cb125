// SPDX-License-Identifier: Apache-2.0

package app

import cmttypes "github.com/cometbft/cometbft/types"

// Limits of a block in the genesis of a new chain. Governance can change them.
const (
	// MaxBlockBytes bounds what validators gossip per block.
	MaxBlockBytes = 4 << 20
	// MaxBlockGas bounds the work of a block: 600 ms of FinalizeBlock and Commit
	// for a node that has checked the transactions, 730 ms for one that has not,
	// on two busy cores (166 and 138 million gas a second). See app/README.md for
	// how that is measured; gas follows time, so it holds for any message.
	MaxBlockGas = 100_000_000
)

// ConsensusParams returns CometBFT's defaults with our block limits.
func ConsensusParams() *cmttypes.ConsensusParams {
	params := cmttypes.DefaultConsensusParams()
	params.Block.MaxBytes = MaxBlockBytes
	params.Block.MaxGas = MaxBlockGas
	return params
}
