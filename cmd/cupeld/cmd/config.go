// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"

	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	"github.com/cupel-network/cupel/app"
)

// What a new node's configuration files say.
const (
	minGasPrices       = "0.001" + app.BaseDenom
	snapshotInterval   = 1000
	snapshotKeepRecent = 10
	pruningInterval    = "10"

	// The defaults of 100 ms each cost four validators half a second a block.
	peerGossipSleep = 10 * time.Millisecond
	flushThrottle   = 10 * time.Millisecond
)

// initCometConfig returns what config.toml says on a new node.
func initCometConfig() *cmtcfg.Config {
	config := cmtcfg.DefaultConfig()
	config.Consensus.PeerGossipSleepDuration = peerGossipSleep
	config.P2P.FlushThrottleTimeout = flushThrottle
	// The application's pool of lanes has the same limits: see ADR-002.
	config.Mempool.Size = app.MempoolSize
	config.Mempool.MaxTxsBytes = app.MempoolBytes
	config.Mempool.CacheSize = 2 * app.MempoolSize
	return config
}

// initAppConfig returns the template of app.toml and what it says on a new
// node: REST with its documentation and gRPC, on localhost only.
func initAppConfig() (string, any) {
	return serverconfig.DefaultConfigTemplate, *newAppConfig()
}

func newAppConfig() *serverconfig.Config {
	config := serverconfig.DefaultConfig()
	config.MinGasPrices = minGasPrices
	config.API.Enable = true
	config.API.Swagger = true
	// The default of zero makes "prune custom" ask for the interval.
	config.PruningInterval = pruningInterval
	config.StateSync.SnapshotInterval = snapshotInterval
	config.StateSync.SnapshotKeepRecent = snapshotKeepRecent
	return config
}
