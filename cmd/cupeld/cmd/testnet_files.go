// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	sdkmath "cosmossdk.io/math"
	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	clienttx "github.com/cosmos/cosmos-sdk/client/tx"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/cupel-network/cupel/app"
)

// What each validator of a test network has and bonds, in CUPEL.
const (
	testnetBalance = 1_000_000
	testnetBond    = 100_000
)

// testnetNode is one validator whose files have been written.
type testnetNode struct {
	id     string
	pubKey cryptotypes.PubKey
	config *cmtcfg.Config
}

// writeTestnet writes everything that the validators need to start.
func writeTestnet(cmd *cobra.Command, w *wiring, c testnetConfig) error {
	clientCtx := client.GetClientContextFromCmd(cmd)
	gentxs := filepath.Join(c.outputDir, "gentxs")
	if _, err := os.Stat(gentxs); err == nil {
		return fmt.Errorf("%s holds a network already: remove it or choose another --%s", c.outputDir, flagOutputDir)
	}
	nodes := make([]testnetNode, c.validators)
	funds := append([]genesisFund{}, c.funds...)
	for i := range nodes {
		node, err := writeNode(c, i)
		if err != nil {
			return fmt.Errorf("%s: %w", c.nodeName(i), err)
		}
		nodes[i] = node
		address, err := writeGentx(cmd, w, c, i, node, gentxs)
		if err != nil {
			return fmt.Errorf("%s: sign its genesis transaction: %w", c.nodeName(i), err)
		}
		funds = append(funds, genesisFund{address, sdk.NewCoins(cupel(testnetBalance))})
	}

	genesis, err := newGenesis(w, c.chainID, funds)
	if err != nil {
		return err
	}
	for i, node := range nodes {
		own := *genesis
		initConfig := genutiltypes.NewInitConfig(c.chainID, gentxs, node.id, node.pubKey)
		_, err := genutil.GenAppStateFromConfig(
			clientCtx.Codec, w.txConfig, node.config, initConfig, &own, banktypes.GenesisBalancesIterator{},
			genutiltypes.DefaultMessageValidator, w.txConfig.SigningContext().ValidatorAddressCodec(),
		)
		if err != nil {
			return fmt.Errorf("%s: collect the genesis transactions: %w", c.nodeName(i), err)
		}
	}
	return nil
}

// writeNode writes a node's keys and configuration files.
func writeNode(c testnetConfig, i int) (testnetNode, error) {
	home, p := c.home(i), c.nodePorts(i)
	config := initCometConfig()
	config.SetRoot(home)
	config.Moniker = c.nodeName(i)
	config.Consensus.TimeoutCommit = c.commitTimeout
	config.P2P.AddrBookStrict = false
	config.P2P.AllowDuplicateIP = true
	config.P2P.ListenAddress = fmt.Sprintf("tcp://0.0.0.0:%d", p.p2p)
	config.RPC.ListenAddress = fmt.Sprintf("tcp://0.0.0.0:%d", p.rpc)
	config.RPC.PprofListenAddress = fmt.Sprintf("localhost:%d", p.pprof)
	config.Instrumentation.PrometheusListenAddr = fmt.Sprintf(":%d", p.prometheus)

	application := newAppConfig()
	application.MinGasPrices = c.minGasPrices
	application.API.Address = fmt.Sprintf("tcp://0.0.0.0:%d", p.api)
	application.GRPC.Address = fmt.Sprintf("0.0.0.0:%d", p.grpc)
	if c.startingIP == nil {
		// Nobody else needs to reach a network on one host.
		config.P2P.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", p.p2p)
		config.RPC.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", p.rpc)
		application.API.Address = fmt.Sprintf("tcp://127.0.0.1:%d", p.api)
		application.GRPC.Address = fmt.Sprintf("127.0.0.1:%d", p.grpc)
	}

	if err := os.MkdirAll(filepath.Join(home, "config"), 0o755); err != nil {
		return testnetNode{}, err
	}
	id, pubKey, err := genutil.InitializeNodeValidatorFiles(config)
	if err != nil {
		return testnetNode{}, err
	}
	serverconfig.SetConfigTemplate(serverconfig.DefaultConfigTemplate)
	serverconfig.WriteConfigFile(filepath.Join(home, "config", "app.toml"), application)
	clientFile := fmt.Sprintf(
		"chain-id = %q\nkeyring-backend = %q\noutput = \"text\"\nnode = \"tcp://localhost:%d\"\nbroadcast-mode = \"sync\"\n",
		c.chainID, c.keyringBackend, p.rpc,
	)
	err = os.WriteFile(filepath.Join(home, "config", "client.toml"), []byte(clientFile), 0o600)
	return testnetNode{id: id, pubKey: pubKey, config: config}, err
}

// writeGentx makes the validator's key and the signed transaction that bonds
// it at genesis, and returns the key's address.
func writeGentx(cmd *cobra.Command, w *wiring, c testnetConfig, i int, node testnetNode, dir string) (sdk.AccAddress, error) {
	name := c.nodeName(i)
	ring, err := keyring.New(sdk.KeyringServiceName(), c.keyringBackend, c.home(i), cmd.InOrStdin(), w.codec)
	if err != nil {
		return nil, err
	}
	record, mnemonic, err := ring.NewMnemonic(
		name, keyring.English, sdk.GetConfig().GetFullBIP44Path(), keyring.DefaultBIP39Passphrase, hd.Secp256k1)
	if err != nil {
		return nil, err
	}
	address, err := record.GetAddress()
	if err != nil {
		return nil, err
	}
	seed, err := json.Marshal(map[string]string{"secret": mnemonic})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(c.home(i), "key_seed.json"), seed, 0o600); err != nil {
		return nil, err
	}

	operator, err := w.txConfig.SigningContext().ValidatorAddressCodec().BytesToString(address)
	if err != nil {
		return nil, err
	}
	commission := stakingtypes.NewCommissionRates(
		sdkmath.LegacyNewDecWithPrec(10, 2), sdkmath.LegacyNewDecWithPrec(20, 2), sdkmath.LegacyNewDecWithPrec(1, 2))
	msg, err := stakingtypes.NewMsgCreateValidator(operator, node.pubKey, cupel(testnetBond),
		stakingtypes.NewDescription(name, "", "", "", ""), commission, sdkmath.OneInt())
	if err != nil {
		return nil, err
	}
	memo := fmt.Sprintf("%s@%s:%d", node.id, c.nodeIP(i), c.nodePorts(i).p2p)
	text, err := signGentx(cmd, w, c.chainID, ring, name, memo, msg)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return address, os.WriteFile(filepath.Join(dir, name+".json"), text, 0o644)
}

func signGentx(cmd *cobra.Command, w *wiring, chainID string, ring keyring.Keyring, name, memo string, msg sdk.Msg) ([]byte, error) {
	builder := w.txConfig.NewTxBuilder()
	if err := builder.SetMsgs(msg); err != nil {
		return nil, err
	}
	builder.SetMemo(memo)
	factory := clienttx.Factory{}.
		WithChainID(chainID).
		WithMemo(memo).
		WithKeybase(ring).
		WithTxConfig(w.txConfig).
		WithSignMode(signing.SignMode_SIGN_MODE_DIRECT)
	if err := clienttx.Sign(cmd.Context(), factory, name, builder, true); err != nil {
		return nil, err
	}
	return w.txConfig.TxJSONEncoder()(builder.GetTx())
}

// newGenesis returns the default genesis with accounts for funds.
func newGenesis(w *wiring, chainID string, funds []genesisFund) (*genutiltypes.AppGenesis, error) {
	state := w.basics.DefaultGenesis(w.codec)
	var accounts []authtypes.GenesisAccount
	bank := banktypes.GetGenesisStateFromAppState(w.codec, state)
	seen := map[string]bool{}
	for _, f := range funds {
		if address := f.address.String(); seen[address] {
			return nil, fmt.Errorf("%s is funded twice: name it once with the sum", address)
		}
		seen[f.address.String()] = true
		accounts = append(accounts, authtypes.NewBaseAccount(f.address, nil, 0, 0))
		bank.Balances = append(bank.Balances, banktypes.Balance{Address: f.address.String(), Coins: f.coins})
	}
	bank.Balances = banktypes.SanitizeGenesisBalances(bank.Balances)
	for _, balance := range bank.Balances {
		bank.Supply = bank.Supply.Add(balance.Coins...)
	}
	state[banktypes.ModuleName] = w.codec.MustMarshalJSON(bank)
	state[authtypes.ModuleName] = w.codec.MustMarshalJSON(authtypes.NewGenesisState(authtypes.DefaultParams(), accounts))

	text, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return nil, err
	}
	genesis := genutiltypes.NewAppGenesisWithVersion(chainID, text)
	genesis.GenesisTime = time.Now().UTC()
	genesis.Consensus = &genutiltypes.ConsensusGenesis{Params: app.ConsensusParams()}
	return genesis, nil
}

// cupel returns n CUPEL.
func cupel(n int64) sdk.Coin {
	unit, _ := sdkmath.NewIntFromString("1" + strings.Repeat("0", app.DisplayExponent))
	return sdk.NewCoin(app.BaseDenom, unit.MulRaw(n))
}
