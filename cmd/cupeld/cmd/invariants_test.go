// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"cosmossdk.io/log"
	"github.com/stretchr/testify/require"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client/flags"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"

	"github.com/cupel-network/cupel/app"
	"github.com/cupel-network/cupel/cmd/internal/exit"
)

// checkBrokenState: the command names what is broken in a copy of a node.
func checkBrokenState(t *testing.T, home string) {
	t.Helper()
	broken := filepath.Join(t.TempDir(), "broken")
	require.NoError(t, os.CopyFS(broken, os.DirFS(home)))
	spoil(t, broken)
	out, err := nodeCommand(t, "debug", "invariants", "--home", broken).CombinedOutput()
	var ended *exec.ExitError
	require.ErrorAs(t, err, &ended)
	require.Equal(t, exit.Failure, ended.ExitCode())
	require.Contains(t, string(out), "invariant market is broken")
}

// spoil commits a state in which x/market owes what it does not have.
func spoil(t *testing.T, home string) {
	t.Helper()
	db, err := dbm.NewDB("application", dbm.GoLevelDBBackend, filepath.Join(home, "data"))
	require.NoError(t, err)
	options := simtestutil.AppOptionsMap{flags.FlagHome: home}
	node, err := app.New(log.NewNopLogger(), db, nil, true, options, baseapp.SetChainID("cupel-local-1"))
	require.NoError(t, err)
	ctx := node.NewUncachedContext(false, node.NewContext(true).BlockHeader())
	require.NoError(t, node.MarketKeeper.Pools.Set(ctx, "ucupel", 1<<50))
	node.CommitMultiStore().Commit()
	require.NoError(t, node.Close()) // and its database
}

func TestInvariantsWithoutANode(t *testing.T) {
	out, err := nodeCommand(t, "debug", "invariants", "--home", t.TempDir()).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "no state of a node")
}
