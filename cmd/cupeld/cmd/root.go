// SPDX-License-Identifier: Apache-2.0

// Package cmd is the command line of cupeld.
package cmd

import (
	"fmt"
	"io"
	"os"

	"cosmossdk.io/client/v2/autocli"
	"cosmossdk.io/depinject"
	"cosmossdk.io/log"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/config"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/server"
	svrcmd "github.com/cosmos/cosmos-sdk/server/cmd"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	"github.com/cosmos/cosmos-sdk/x/auth/tx"
	txmodule "github.com/cosmos/cosmos-sdk/x/auth/tx/config"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/cupel-network/cupel/app"
	"github.com/cupel-network/cupel/cmd/internal/exit"
)

// EnvPrefix starts every environment variable that stands for a flag:
// CUPELD_NODE is --node.
const EnvPrefix = "CUPELD"

// Execute runs the command that the process was started with and returns its
// exit code.
func Execute() int {
	root, err := NewRootCmd()
	if err == nil {
		err = run(root)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
	}
	return exit.Code(err)
}

// run executes root. An application that cannot be built is an error like any
// other: the SDK's hooks have no other way to report it than startError.
func run(root *cobra.Command) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case startError:
			err = r.err
		default:
			panic(r)
		}
	}()
	return svrcmd.Execute(root, EnvPrefix, app.DefaultHome())
}

// wiring is what the commands need of the application without running it.
type wiring struct {
	basics    module.BasicManager
	codec     codec.Codec
	registry  codectypes.InterfaceRegistry
	amino     *codec.LegacyAmino
	txConfig  client.TxConfig
	autocli   autocli.AppOptions
	clientCtx client.Context
}

// NewRootCmd returns cupeld with all its commands.
func NewRootCmd() (*cobra.Command, error) {
	app.Configure()
	w, err := wire()
	if err != nil {
		return nil, fmt.Errorf("wire the commands: %w", err)
	}
	root := &cobra.Command{
		Use:   "cupeld",
		Short: "The Cupel node: settles compute",
		Long: "cupeld runs a Cupel node and is its command line.\n\n" +
			"Every flag can be given as an environment variable: CUPELD_NODE is --node.\n" +
			"Exit codes: 0 ok, 1 error, 2 usage; cupeld job --help lists those of jobs.",
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return prepare(cmd, w)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	addCommands(root, w)
	if err := w.autocli.EnhanceRootCommand(root); err != nil {
		return nil, fmt.Errorf("add the modules' commands: %w", err)
	}
	exit.MarkUsage(root)
	return root, nil
}

func wire() (*wiring, error) {
	w := &wiring{}
	err := depinject.Inject(
		depinject.Configs(app.Config(),
			depinject.Supply(log.NewNopLogger(), simtestutil.NewAppOptionsWithFlagHome(app.DefaultHome())),
			depinject.Provide(ProvideClientContext),
		),
		&w.basics, &w.codec, &w.registry, &w.amino, &w.txConfig, &w.autocli, &w.clientCtx,
	)
	if err != nil {
		return nil, err
	}
	app.AddIBCModules(w.registry, w.amino, w.basics, w.autocli.Modules)
	return w, nil
}

// ProvideClientContext is the client context that commands start from. It is
// exported for depinject.
func ProvideClientContext(
	cdc codec.Codec, registry codectypes.InterfaceRegistry, txConfig client.TxConfig, amino *codec.LegacyAmino,
) client.Context {
	return client.Context{}.
		WithCodec(cdc).
		WithInterfaceRegistry(registry).
		WithTxConfig(txConfig).
		WithLegacyAmino(amino).
		WithInput(os.Stdin).
		WithAccountRetriever(authtypes.AccountRetriever{}).
		WithHomeDir(app.DefaultHome()).
		WithViper(EnvPrefix)
}

// prepare reads the flags, the environment and the configuration files before
// any command runs. Results go to stdout, logs to stderr.
func prepare(cmd *cobra.Command, w *wiring) error {
	if err := exit.CheckRequired(cmd); err != nil {
		return err
	}
	cmd.SetOut(cmd.OutOrStdout())
	cmd.SetErr(cmd.ErrOrStderr())
	if err := setClientContext(cmd, w); err != nil {
		return err
	}
	template, appConfig := initAppConfig()
	serverCtx, err := server.InterceptConfigsAndCreateContext(cmd, template, appConfig, initCometConfig())
	if err != nil {
		return err
	}
	if !isTerminal(cmd.ErrOrStderr()) || os.Getenv("NO_COLOR") != "" {
		serverCtx.Viper.Set(flags.FlagLogNoColor, true)
	}
	logger, err := server.CreateSDKLogger(serverCtx, cmd.ErrOrStderr())
	if err != nil {
		return exit.Usage(fmt.Errorf("flag --%s: %w", flags.FlagLogLevel, err))
	}
	serverCtx.Logger = logger.With(log.ModuleKey, "server")
	return server.SetCmdServerContext(cmd, serverCtx)
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func setClientContext(cmd *cobra.Command, w *wiring) error {
	ctx := w.clientCtx.WithCmdContext(cmd.Context()).WithViper(EnvPrefix).WithOutput(cmd.OutOrStdout())
	ctx, err := client.ReadPersistentCommandFlags(ctx, cmd.Flags())
	if err != nil {
		return err
	}
	ctx, err = config.ReadFromClientConfig(ctx)
	if err != nil {
		return err
	}
	// SIGN_MODE_TEXTUAL asks the chain for a denom's metadata, so it exists
	// online only.
	if !ctx.Offline {
		txConfig, err := tx.NewTxConfigWithOptions(ctx.Codec, tx.ConfigOptions{
			EnabledSignModes:           append(tx.DefaultSignModes, signing.SignMode_SIGN_MODE_TEXTUAL),
			TextualCoinMetadataQueryFn: txmodule.NewGRPCCoinMetadataQueryFn(ctx),
		})
		if err != nil {
			return err
		}
		ctx = ctx.WithTxConfig(txConfig)
	}
	return client.SetCmdClientContextHandler(ctx, cmd)
}
