// SPDX-License-Identifier: Apache-2.0

// Package app assembles the Cupel chain from its modules.
package app

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"cosmossdk.io/depinject"
	"cosmossdk.io/log"
	storetypes "cosmossdk.io/store/types"
	circuitkeeper "cosmossdk.io/x/circuit/keeper"
	evidencekeeper "cosmossdk.io/x/evidence/keeper"
	feegrantkeeper "cosmossdk.io/x/feegrant/keeper"
	upgradekeeper "cosmossdk.io/x/upgrade/keeper"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/server/api"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	authzkeeper "github.com/cosmos/cosmos-sdk/x/authz/keeper"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	consensuskeeper "github.com/cosmos/cosmos-sdk/x/consensus/keeper"
	distrkeeper "github.com/cosmos/cosmos-sdk/x/distribution/keeper"
	govkeeper "github.com/cosmos/cosmos-sdk/x/gov/keeper"
	groupkeeper "github.com/cosmos/cosmos-sdk/x/group/keeper"
	mintkeeper "github.com/cosmos/cosmos-sdk/x/mint/keeper"
	slashingkeeper "github.com/cosmos/cosmos-sdk/x/slashing/keeper"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"

	"github.com/cupel-network/cupel/app/docs"
	"github.com/cupel-network/cupel/app/mempool"
	marketkeeper "github.com/cupel-network/cupel/x/market/keeper"
	oraclekeeper "github.com/cupel-network/cupel/x/oracle/keeper"
	registrykeeper "github.com/cupel-network/cupel/x/registry/keeper"
	reputationkeeper "github.com/cupel-network/cupel/x/reputation/keeper"
)

// homeFolder is the node's folder below the user's home directory.
const homeFolder = ".cupel"

// homeVariable names the node's folder in the environment.
const homeVariable = "CUPELD_HOME"

// App is the Cupel application. Its keepers are exported for tests and for
// commands; nothing may replace them after New.
type App struct {
	*runtime.App

	appCodec          codec.Codec
	legacyAmino       *codec.LegacyAmino
	txConfig          client.TxConfig
	interfaceRegistry codectypes.InterfaceRegistry

	AccountKeeper   authkeeper.AccountKeeper
	AuthzKeeper     authzkeeper.Keeper
	BankKeeper      bankkeeper.BaseKeeper
	CircuitKeeper   circuitkeeper.Keeper
	ConsensusKeeper consensuskeeper.Keeper
	DistrKeeper     distrkeeper.Keeper
	EvidenceKeeper  evidencekeeper.Keeper
	FeeGrantKeeper  feegrantkeeper.Keeper
	GovKeeper       *govkeeper.Keeper
	GroupKeeper     groupkeeper.Keeper
	MintKeeper      mintkeeper.Keeper
	SlashingKeeper  slashingkeeper.Keeper
	StakingKeeper   *stakingkeeper.Keeper
	UpgradeKeeper   *upgradekeeper.Keeper

	MarketKeeper     *marketkeeper.Keeper
	OracleKeeper     *oraclekeeper.Keeper
	RegistryKeeper   *registrykeeper.Keeper
	ReputationKeeper *reputationkeeper.Keeper

	ibcKeepers

	memo *signatureMemo
	pool *mempool.Pool
	// decided are the transactions of the block that is executed and not yet
	// committed.
	decided [][]byte

	closeOnce sync.Once
	closeErr  error
}

var _ servertypes.Application = (*App)(nil)

// DefaultHome returns the node's folder: the one that CUPELD_HOME names, else
// .cupel in the user's home directory, or in the working directory if the user
// has none.
func DefaultHome() string {
	if home := os.Getenv(homeVariable); home != "" {
		return home
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return homeFolder
	}
	return filepath.Join(home, homeFolder)
}

// New builds the application and, if loadLatest, loads its last committed
// state from db.
func New(
	logger log.Logger, db dbm.DB, trace io.Writer, loadLatest bool,
	appOpts servertypes.AppOptions, options ...func(*baseapp.BaseApp),
) (*App, error) {
	Configure()
	app := &App{memo: newSignatureMemo(memoEntries)}
	var builder *runtime.AppBuilder
	if err := app.inject(logger, appOpts, &builder); err != nil {
		return nil, fmt.Errorf("wire modules: %w", err)
	}
	// Optimistic execution comes first, so that an option can still end it.
	options = append([]func(*baseapp.BaseApp){baseapp.SetOptimisticExecution()}, options...)
	app.App = builder.Build(growingBatches{db}, trace, options...)
	// After the options: the SDK's own pool is one of them.
	app.setMempool(appOpts)
	signers, err := newSignerCodec(app.appCodec)
	if err != nil {
		return nil, fmt.Errorf("find the signers of messages: %w", err)
	}
	app.SetTxDecoder(authtx.DefaultTxDecoder(signers))

	steps := []struct {
		name string
		do   func() error
	}{
		{"wire IBC", app.registerIBC},
		{"register streaming services", func() error {
			return app.RegisterStreamingServices(appOpts, app.kvStoreKeys())
		}},
		{"set the ante handler", app.setAnteHandler},
		{"register upgrades", app.registerUpgrades},
		{"load the state", func() error { return app.Load(loadLatest) }},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return app, nil
}

// inject fills the keepers and codecs that depinject builds.
func (app *App) inject(logger log.Logger, appOpts servertypes.AppOptions, builder **runtime.AppBuilder) error {
	return depinject.Inject(
		depinject.Configs(Config(), depinject.Supply(logger, appOpts)),
		builder,
		&app.appCodec,
		&app.legacyAmino,
		&app.txConfig,
		&app.interfaceRegistry,
		&app.AccountKeeper,
		&app.AuthzKeeper,
		&app.BankKeeper,
		&app.CircuitKeeper,
		&app.ConsensusKeeper,
		&app.DistrKeeper,
		&app.EvidenceKeeper,
		&app.FeeGrantKeeper,
		&app.GovKeeper,
		&app.GroupKeeper,
		&app.MintKeeper,
		&app.SlashingKeeper,
		&app.StakingKeeper,
		&app.UpgradeKeeper,
		&app.MarketKeeper,
		&app.OracleKeeper,
		&app.RegistryKeeper,
		&app.ReputationKeeper,
	)
}

// RegisterAPIRoutes implements servertypes.Application: the REST gateway of
// every module and, if enabled, the API's documentation at /swagger/.
func (app *App) RegisterAPIRoutes(server *api.Server, config serverconfig.APIConfig) {
	app.App.RegisterAPIRoutes(server, config)
	if config.Swagger {
		server.Router.PathPrefix(docs.Path).Handler(docs.Handler())
	}
}

// Close closes the databases. A stopping node calls it twice, which a database
// answers with an error or a panic; calls after the first do nothing.
func (app *App) Close() error {
	app.closeOnce.Do(func() { app.closeErr = app.BaseApp.Close() })
	return app.closeErr
}

// AppCodec returns the codec of the application's state.
func (app *App) AppCodec() codec.Codec { return app.appCodec }

// InterfaceRegistry returns the registry of the application's Any types.
func (app *App) InterfaceRegistry() codectypes.InterfaceRegistry { return app.interfaceRegistry }

// LegacyAmino returns the codec of hardware wallets' sign bytes.
func (app *App) LegacyAmino() *codec.LegacyAmino { return app.legacyAmino }

// TxConfig returns how transactions are encoded and signed.
func (app *App) TxConfig() client.TxConfig { return app.txConfig }

func (app *App) kvStoreKeys() map[string]*storetypes.KVStoreKey {
	keys := map[string]*storetypes.KVStoreKey{}
	for _, key := range app.GetStoreKeys() {
		if kv, ok := key.(*storetypes.KVStoreKey); ok {
			keys[kv.Name()] = kv
		}
	}
	return keys
}
