// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	"github.com/cosmos/cosmos-sdk/server"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/cmd/internal/exit"
)

const (
	flagValidators    = "v"
	flagOutputDir     = "output-dir"
	flagNodePrefix    = "node-dir-prefix"
	flagNodeHome      = "node-daemon-home"
	flagStartingIP    = "starting-ip-address"
	flagSingleHost    = "single-host"
	flagStartingPort  = "starting-port"
	flagCommitTimeout = "commit-timeout"
	flagFund          = "fund"

	defaultChainID = "cupel-local-1"
	nodeHome       = "cupeld"
)

// testnetConfig is what the testnet's flags say.
type testnetConfig struct {
	validators     int
	outputDir      string
	nodePrefix     string
	nodeHome       string
	chainID        string
	keyringBackend string
	minGasPrices   string
	startingIP     net.IP // nil: all on one host
	startingPort   int    // 0: the standard ports
	commitTimeout  time.Duration
	funds          []genesisFund
}

// genesisFund is an account that has coins from the start.
type genesisFund struct {
	address sdk.AccAddress
	coins   sdk.Coins
}

// ports are where one node listens.
type ports struct{ p2p, rpc, api, grpc, pprof, prometheus int }

// portStep is the distance between the ports of two nodes on one host.
const portStep = 10

// nodePorts returns the ports of the i-th node.
func (c testnetConfig) nodePorts(i int) ports {
	if c.startingIP != nil {
		i = 0
	}
	shift := i * portStep
	if first := c.startingPort; first != 0 {
		first += shift
		return ports{first, first + 1, first + 2, first + 3, first + 4, first + 5}
	}
	return ports{26656 + shift, 26657 + shift, 1317 + shift, 9090 + shift, 6060 + shift, 26660 + shift}
}

// nodeIP returns the address that the i-th node's peers reach it at.
func (c testnetConfig) nodeIP(i int) string {
	if c.startingIP == nil {
		return "127.0.0.1"
	}
	ip := append(net.IP{}, c.startingIP...)
	ip[3] += byte(i)
	return ip.String()
}

func (c testnetConfig) nodeName(i int) string { return c.nodePrefix + strconv.Itoa(i) }

func (c testnetConfig) home(i int) string {
	return filepath.Join(c.outputDir, c.nodeName(i), c.nodeHome)
}

func testnetCmd(w *wiring) *cobra.Command {
	cmd := &cobra.Command{
		Use:                        "testnet",
		Short:                      "Make and run networks for tests",
		SuggestionsMinimumDistance: 2,
		RunE:                       client.ValidateCmd,
	}
	cmd.AddCommand(testnetInitCmd(w), testnetStartCmd(w))
	return cmd
}

func testnetInitCmd(w *wiring) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init-files",
		Short: "Write the folders of a network's validators",
		Long: "init-files writes one folder per validator: keys, genesis and configuration,\n" +
			"ready for 'cupeld start --home DIR'. With --single-host all listen on 127.0.0.1,\n" +
			"node i at the standard ports + 10 i, or from --starting-port on:\n" +
			"p2p, rpc, api, grpc, pprof and prometheus, in this order.",
		Example: "cupeld testnet init-files --v 4 --single-host --output-dir ./net",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := readTestnetFlags(cmd)
			if err != nil {
				return exit.Usage(err)
			}
			if err := writeTestnet(cmd, w, config); err != nil {
				return err
			}
			cmd.PrintErrf("Wrote %d validators to %s\n", config.validators, config.outputDir)
			return nil
		},
	}
	addTestnetFlags(cmd)
	cmd.Flags().String(flagStartingIP, "192.168.0.1", "address of the first validator, the others follow (ignored with --single-host)")
	cmd.Flags().Bool(flagSingleHost, false, "all validators on this machine, each with ports of its own")
	return cmd
}

func addTestnetFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Int(flagValidators, 4, "number of validators")
	f.StringP(flagOutputDir, "o", "./.testnets", "folder to write the validators' folders to")
	f.String(flagNodePrefix, "node", "prefix of a validator's folder")
	f.String(flagNodeHome, nodeHome, "folder of the node below the validator's folder")
	f.String(flags.FlagChainID, defaultChainID, "chain id of the genesis")
	f.String(flags.FlagKeyringBackend, keyring.BackendTest, "keyring for the validators' keys (file|test)")
	f.String(server.FlagMinGasPrices, minGasPrices, "gas price below which a validator refuses transactions")
	f.Int(flagStartingPort, 0, "first port of the first validator (0: the standard ports)")
	f.Duration(flagCommitTimeout, time.Second, "how long to wait for late votes after a commit")
	f.StringArray(flagFund, nil, "ADDRESS=COINS to put into the genesis (repeatable)")
}

func readTestnetFlags(cmd *cobra.Command) (testnetConfig, error) {
	f := cmd.Flags()
	var config testnetConfig
	var funds []string
	// A flag that is not defined is a bug of this file, not of the caller: the
	// zero value then fails the checks below.
	config.validators, _ = f.GetInt(flagValidators)
	config.outputDir, _ = f.GetString(flagOutputDir)
	config.nodePrefix, _ = f.GetString(flagNodePrefix)
	config.nodeHome, _ = f.GetString(flagNodeHome)
	config.chainID, _ = f.GetString(flags.FlagChainID)
	config.keyringBackend, _ = f.GetString(flags.FlagKeyringBackend)
	config.minGasPrices, _ = f.GetString(server.FlagMinGasPrices)
	config.startingPort, _ = f.GetInt(flagStartingPort)
	config.commitTimeout, _ = f.GetDuration(flagCommitTimeout)
	funds, _ = f.GetStringArray(flagFund)

	if config.validators < 1 {
		return config, fmt.Errorf("--%s %d: a network has at least one validator", flagValidators, config.validators)
	}
	if last := config.startingPort + config.validators*portStep; config.startingPort < 0 || last > 65536 {
		return config, fmt.Errorf("--%s %d: the ports of %d validators do not fit below 65536", flagStartingPort, config.startingPort, config.validators)
	}
	if f.Lookup(flagSingleHost) != nil && f.Lookup(flagSingleHost).Value.String() == "false" {
		text, _ := f.GetString(flagStartingIP)
		config.startingIP = net.ParseIP(text).To4()
		if config.startingIP == nil || int(config.startingIP[3])+config.validators > 256 {
			return config, fmt.Errorf("--%s %q: not an IPv4 address with %d addresses from it on", flagStartingIP, text, config.validators)
		}
	}
	for _, text := range funds {
		fund, err := parseFund(text)
		if err != nil {
			return config, err
		}
		config.funds = append(config.funds, fund)
	}
	return config, nil
}

func parseFund(text string) (genesisFund, error) {
	address, coins, ok := strings.Cut(text, "=")
	if !ok {
		return genesisFund{}, fmt.Errorf("--%s %q: write ADDRESS=COINS", flagFund, text)
	}
	var fund genesisFund
	var err error
	if fund.address, err = sdk.AccAddressFromBech32(address); err != nil {
		return genesisFund{}, fmt.Errorf("--%s %q: %w", flagFund, text, err)
	}
	if fund.coins, err = sdk.ParseCoinsNormalized(coins); err != nil {
		return genesisFund{}, fmt.Errorf("--%s %q: %w", flagFund, text, err)
	}
	return fund, nil
}
