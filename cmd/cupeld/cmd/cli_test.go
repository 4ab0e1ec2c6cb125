// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/cobra"
	"github.com/spf13/viper"
	"github.com/stretchr/testify/require"

	svrcmd "github.com/cosmos/cosmos-sdk/server/cmd"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/cupel-network/cupel/app"
	"github.com/cupel-network/cupel/cmd/internal/exit"
)

// cupeld runs a command in this process and returns what it printed.
func cupeld(t *testing.T, home string, args ...string) (string, error) {
	t.Helper()
	root, err := NewRootCmd()
	require.NoError(t, err)
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(io.Discard)
	root.SetArgs(append(args, "--home", home))
	err = svrcmd.Execute(root, EnvPrefix, home)
	return out.String(), err
}

func mustCupeld(t *testing.T, home string, args ...string) string {
	t.Helper()
	out, err := cupeld(t, home, args...)
	require.NoError(t, err, strings.Join(args, " "))
	return out
}

// initNode writes the files of a single validator by the commands that an
// operator types.
func initNode(t *testing.T, home string) {
	t.Helper()
	mustCupeld(t, home, "init", "one", "--chain-id", "cupel-cli-1")
	mustCupeld(t, home, "keys", "add", "operator", "--keyring-backend", "test", "--output", "json")
	mustCupeld(t, home, "genesis", "add-genesis-account", "operator", "5000000ucupel", "--keyring-backend", "test")
	mustCupeld(t, home, "genesis", "gentx", "operator", "2000000ucupel", "--chain-id", "cupel-cli-1", "--keyring-backend", "test")
	mustCupeld(t, home, "genesis", "collect-gentxs")
	mustCupeld(t, home, "genesis", "validate")
}

func TestInitWritesOurGenesisAndConfiguration(t *testing.T) {
	home := t.TempDir()
	initNode(t, home)

	genesis, err := genutiltypes.AppGenesisFromFile(filepath.Join(home, "config", "genesis.json"))
	require.NoError(t, err)
	require.EqualValues(t, app.MaxBlockBytes, genesis.Consensus.Params.Block.MaxBytes)
	require.EqualValues(t, app.MaxBlockGas, genesis.Consensus.Params.Block.MaxGas)
	var state map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(genesis.AppState, &state))
	require.Contains(t, string(state["bank"]), `"CUPEL"`)
	require.Contains(t, string(state["staking"]), `"ucupel"`)
	for _, module := range []string{"staking", "mint", "gov"} {
		require.NotContains(t, string(state[module]), `"stake"`)
	}

	application := readConfig(t, home, "app.toml")
	require.Equal(t, "0.001ucupel", application.GetString("minimum-gas-prices"))
	require.Equal(t, 1000, application.GetInt("state-sync.snapshot-interval"))
	require.Equal(t, 10, application.GetInt("state-sync.snapshot-keep-recent"))
	require.True(t, application.GetBool("api.swagger"))
	require.Equal(t, "tcp://localhost:1317", application.GetString("api.address"))
	comet := readConfig(t, home, "config.toml")
	require.Equal(t, "10ms", comet.GetString("consensus.peer_gossip_sleep_duration"))
	require.Equal(t, "10ms", comet.GetString("p2p.flush_throttle_timeout"))
}

func readConfig(t *testing.T, home, name string) *viper.Viper {
	t.Helper()
	v := viper.New()
	v.SetConfigFile(filepath.Join(home, "config", name))
	require.NoError(t, v.ReadInConfig())
	return v
}

func TestExitCodes(t *testing.T) {
	home := t.TempDir()
	tests := map[string]struct {
		args []string
		code int
	}{
		"help":             {[]string{"--help"}, exit.OK},
		"version":          {[]string{"version", "--long", "-o", "json"}, exit.OK},
		"unknown command":  {[]string{"statsu"}, exit.UsageError},
		"unknown query":    {[]string{"query", "nothing"}, exit.UsageError},
		"unknown flag":     {[]string{"status", "--nope"}, exit.UsageError},
		"missing argument": {[]string{"init"}, exit.UsageError},
		"no validators":    {[]string{"testnet", "init-files", "--v", "0"}, exit.UsageError},
		"bad fund":         {[]string{"testnet", "init-files", "--single-host", "--fund", "me"}, exit.UsageError},
		"no node":          {[]string{"status", "--node", "tcp://127.0.0.1:1"}, exit.Failure},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := cupeld(t, home, tc.args...)
			require.Equal(t, tc.code, exit.Code(err), "%v", err)
		})
	}
}

// TestCommands names what an operator of another Cosmos chain looks for.
func TestCommands(t *testing.T) {
	root, err := NewRootCmd()
	require.NoError(t, err)
	for _, path := range []string{
		"init", "start", "status", "export", "rollback", "prune", "version", "module-hash-by-height", "in-place-testnet",
		"genesis add-genesis-account", "genesis bulk-add-genesis-account", "genesis gentx", "genesis collect-gentxs",
		"genesis validate", "genesis migrate",
		"keys add", "keys list", "keys show", "keys export", "keys import", "keys mnemonic", "keys rename", "keys delete",
		"config set", "config get", "config view", "config diff", "config migrate",
		"snapshots list", "snapshots export", "snapshots restore", "snapshots dump", "snapshots load",
		"comet show-validator", "comet show-node-id", "comet bootstrap-state", "comet unsafe-reset-all",
		"debug addr", "testnet init-files", "testnet start",
		"query tx", "query txs", "query block", "query blocks", "query block-results", "query wait-tx",
		"query bank balances", "query staking validators", "query ibc", "query ibc-transfer", "query circuit",
		"query market params", "query registry params", "query oracle params", "query reputation params",
		"tx bank send", "tx sign", "tx multisign", "tx broadcast", "tx gov submit-proposal", "tx authz grant",
		"tx feegrant grant", "tx group create-group", "tx circuit disable", "tx ibc-transfer transfer",
	} {
		t.Run(path, func(t *testing.T) { require.NotNil(t, find(root, strings.Fields(path))) })
	}
}

func find(cmd *cobra.Command, names []string) *cobra.Command {
	if len(names) == 0 {
		return cmd
	}
	for _, sub := range cmd.Commands() {
		if sub.Name() == names[0] || sub.HasAlias(names[0]) {
			return find(sub, names[1:])
		}
	}
	return nil
}

func TestEveryCommandIsDescribed(t *testing.T) {
	root, err := NewRootCmd()
	require.NoError(t, err)
	var check func(*cobra.Command)
	check = func(cmd *cobra.Command) {
		require.NotEmpty(t, cmd.Short, cmd.CommandPath())
		for _, sub := range cmd.Commands() {
			check(sub)
		}
	}
	check(root)
}

func TestTestnetFiles(t *testing.T) {
	out := filepath.Join(t.TempDir(), "net")
	home := t.TempDir()
	mustCupeld(t, home, "testnet", "init-files", "--v", "4", "--single-host", "--starting-port", "30000", "--output-dir", out)

	listened := map[string]bool{}
	var first []byte
	for _, node := range []string{"node0", "node1", "node2", "node3"} {
		folder := filepath.Join(out, node, "cupeld")
		comet, application := readConfig(t, folder, "config.toml"), readConfig(t, folder, "app.toml")
		for _, address := range []string{
			comet.GetString("rpc.laddr"), comet.GetString("p2p.laddr"), comet.GetString("rpc.pprof_laddr"),
			application.GetString("api.address"), application.GetString("grpc.address"),
		} {
			_, port, err := net.SplitHostPort(strings.TrimPrefix(address, "tcp://"))
			require.NoError(t, err)
			require.False(t, listened[port], "port %s is taken twice", port)
			listened[port] = true
		}
		require.Len(t, strings.Split(comet.GetString("p2p.persistent_peers"), ","), 3)
		require.Equal(t, "1s", comet.GetString("consensus.timeout_commit"))

		genesis, err := os.ReadFile(filepath.Join(folder, "config", "genesis.json"))
		require.NoError(t, err)
		if first == nil {
			first = genesis
		}
		require.JSONEq(t, string(first), string(genesis))
	}
	mustCupeld(t, filepath.Join(out, "node0", "cupeld"), "genesis", "validate")

	_, err := cupeld(t, home, "testnet", "init-files", "--output-dir", out)
	require.ErrorContains(t, err, "holds a network already")
}

func TestCometConfigIsValid(t *testing.T) {
	require.NoError(t, initCometConfig().ValidateBasic())
	require.NotEqual(t, cmtcfg.DefaultConfig().P2P.FlushThrottleTimeout, initCometConfig().P2P.FlushThrottleTimeout)
}
