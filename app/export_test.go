// SPDX-License-Identifier: Apache-2.0

package app

import (
	"encoding/json"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
)

// TestExportImport: the state of the bank and of our modules is the same after
// a new chain has begun with it.
func TestExportImport(t *testing.T) {
	for name, forZeroHeight := range map[string]bool{"at height": false, "for height 0": true} {
		t.Run(name, func(t *testing.T) {
			c := newChain(t)
			c.block()
			c.block(c.unordered(sdk.AccAddress("to-address-of-20-byt"), c.now.Add(time.Minute)))
			exported, err := c.app.ExportAppStateAndValidators(forZeroHeight, nil, nil)
			require.NoError(t, err)

			second := newApp(t)
			validators := make([]abci.ValidatorUpdate, 0, len(exported.Validators))
			for _, v := range exported.Validators {
				validators = append(validators, abci.ValidatorUpdate{PubKey: validatorKey(t, v.PubKey), Power: v.Power})
			}
			initial := max(exported.Height, 1)
			_, err = second.InitChain(&abci.RequestInitChain{
				ChainId: testChainID, Time: c.now, InitialHeight: initial, AppStateBytes: exported.AppState,
				ConsensusParams: &exported.ConsensusParams, Validators: validators,
			})
			require.NoError(t, err)
			// Before the first block: the clock has not moved yet.
			own := []string{"market", "oracle", "registry", "reputation"}
			again, err := second.ModuleManager.ExportGenesisForModules(second.NewContext(false), second.AppCodec(), own)
			require.NoError(t, err)
			before := sections(t, exported.AppState)
			for _, module := range own {
				require.JSONEq(t, before[module], string(again[module]), module)
			}

			_, err = second.FinalizeBlock(&abci.RequestFinalizeBlock{Height: initial, Time: c.now.Add(time.Second)})
			require.NoError(t, err)
			_, err = second.Commit()
			require.NoError(t, err)

			final, err := second.ExportAppStateAndValidators(false, nil, nil)
			require.NoError(t, err)
			after := sections(t, final.AppState)
			var bank, bankAfter banktypes.GenesisState
			second.AppCodec().MustUnmarshalJSON([]byte(before["bank"]), &bank)
			second.AppCodec().MustUnmarshalJSON([]byte(after["bank"]), &bankAfter)
			require.Equal(t, bank.DenomMetadata, bankAfter.DenomMetadata)
			require.True(t, bankAfter.Supply.IsAllGTE(bank.Supply), "the block mints and burns nothing")
		})
	}
}

func sections(t *testing.T, state []byte) map[string]string {
	t.Helper()
	var raw map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(state, &raw))
	text := map[string]string{}
	for name, section := range raw {
		text[name] = string(section)
	}
	return text
}

// TestExportEndsTheLine: a chain that starts at height 1 from the state of one
// that had headers begins another line, under any chain id.
func TestExportEndsTheLine(t *testing.T) {
	for _, chainID := range []string{testChainID, "cupel-anew-1"} {
		t.Run(chainID, func(t *testing.T) {
			a := newAttestors(t)
			line := a.line()
			require.EqualValues(t, 2, line.LastNonce)
			// At its height the chain goes on with its line.
			exported, err := a.app.ExportAppStateAndValidators(false, nil, nil)
			require.NoError(t, err)
			require.Contains(t, sections(t, exported.AppState)["oracle"], `"last_nonce": "2"`)
			exported, err = a.app.ExportAppStateAndValidators(true, nil, nil)
			require.NoError(t, err)

			second := newApp(t)
			baseapp.SetChainID(chainID)(second.BaseApp)
			validators := make([]abci.ValidatorUpdate, 0, len(exported.Validators))
			for _, v := range exported.Validators {
				validators = append(validators, abci.ValidatorUpdate{PubKey: validatorKey(t, v.PubKey), Power: v.Power})
			}
			_, err = second.InitChain(&abci.RequestInitChain{
				ChainId: chainID, Time: a.now, InitialHeight: 1, AppStateBytes: exported.AppState,
				ConsensusParams: &exported.ConsensusParams, Validators: validators,
			})
			require.NoError(t, err)
			ctx := second.NewContext(false).WithChainID(chainID)
			require.NoError(t, second.OracleKeeper.CheckInvariants(ctx))
			again, err := second.OracleKeeper.Line.Get(ctx)
			require.NoError(t, err)
			require.Zero(t, again.LastNonce)
			require.Equal(t, line.Leaves-line.Covered, again.Leaves)
		})
	}
}
