// SPDX-License-Identifier: Apache-2.0

package app

import cmttypes "github.com/cometbft/cometbft/types"

// Limits of a block in the genesis of a new chain. Governance can change them.
const (
	// MaxBlockBytes bounds what validators gossip per block.
	MaxBlockBytes = 4 << 20
	// MaxBlockGas bounds the work of a block. It is to be replaced by the
	// amount measured to take 500 ms on the reference machine.
	MaxBlockGas = 100_000_000
)

// ConsensusParams returns CometBFT's defaults with our block limits.
func ConsensusParams() *cmttypes.ConsensusParams {
	params := cmttypes.DefaultConsensusParams()
	params.Block.MaxBytes = MaxBlockBytes
	params.Block.MaxGas = MaxBlockGas
	return params
}
