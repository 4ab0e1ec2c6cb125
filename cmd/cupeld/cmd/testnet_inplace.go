// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"cosmossdk.io/log"
	"github.com/cometbft/cometbft/crypto"
	"github.com/cometbft/cometbft/libs/bytes"
	"github.com/spf13/cobra"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/app"
)

// addInPlaceHelp says what the SDK's text does not: a key that has signed the
// chain's last height refuses to sign it again for the copy.
func addInPlaceHelp(cmd *cobra.Command) {
	cmd.Example = "cupeld in-place-testnet cupel-fork-1 cupel1... --home ./copy"
	cmd.Long += "\nUse a copy of a node's folder. If its key has been validating, give the copy another key or\n" +
		"write {\"height\":\"0\",\"round\":0,\"step\":0} to data/priv_validator_state.json, and never run\n" +
		"the copy on the original network.\n"
}

// newInPlaceTestnet implements servertypes.AppCreator for in-place-testnet: it
// loads the state and puts one validator, the operator named on the command
// line, in place of all others.
func newInPlaceTestnet(logger log.Logger, db dbm.DB, trace io.Writer, appOpts servertypes.AppOptions) servertypes.Application {
	node, ok := newApp(logger, db, trace, appOpts).(*app.App)
	if !ok {
		panic(startError{errors.New("in-place-testnet works on cupeld's own application only")})
	}
	testnet, err := readInPlaceOptions(appOpts)
	if err == nil {
		err = node.TakeOver(testnet)
	}
	if err != nil {
		panic(startError{fmt.Errorf("make a testnet of the local state: %w", err)})
	}
	return node
}

// readInPlaceOptions reads what in-place-testnet passes in the options.
func readInPlaceOptions(appOpts servertypes.AppOptions) (app.Takeover, error) {
	address, ok := appOpts.Get(server.KeyNewValAddr).(bytes.HexBytes)
	if !ok {
		return app.Takeover{}, errors.New("the new validator's address is missing")
	}
	key, ok := appOpts.Get(server.KeyUserPubKey).(crypto.PubKey)
	if !ok {
		return app.Takeover{}, errors.New("the local validator key is missing")
	}
	operator, ok := appOpts.Get(server.KeyNewOpAddr).(string)
	if !ok {
		return app.Takeover{}, errors.New("the new operator's address is missing")
	}
	upgrade, _ := appOpts.Get(server.KeyTriggerTestnetUpgrade).(string)

	valoper := sdk.GetConfig().GetBech32ValidatorAddrPrefix()
	var err error
	takeover := app.Takeover{ConsensusAddress: sdk.ConsAddress(address), ConsensusKey: key, Upgrade: upgrade}
	if strings.HasPrefix(operator, valoper) {
		takeover.Operator, err = sdk.ValAddressFromBech32(operator)
		return takeover, err
	}
	account, err := sdk.AccAddressFromBech32(operator)
	if err != nil {
		return app.Takeover{}, fmt.Errorf("operator %q: %w", operator, err)
	}
	takeover.Operator = sdk.ValAddress(account)
	return takeover, nil
}
