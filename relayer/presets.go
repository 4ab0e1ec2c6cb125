// SPDX-License-Identifier: Apache-2.0

package relayer

import (
	"fmt"
	"slices"
	"strings"
)

// Preset is a chain that is known by its name.
type Preset struct {
	Type string
	// ChainID of an EVM chain, GenesisHash of a Solana cluster.
	ChainID     uint64
	GenesisHash string
	// RPC are public endpoints. They limit requests: operators add their own.
	RPC []string
}

// presets are the chains that a target may name instead of its id. Any other
// chain is configured by chain_id or genesis_hash.
var presets = map[string]Preset{
	"base":             {Type: TypeEVM, ChainID: 8453, RPC: []string{"https://mainnet.base.org"}},
	"base-sepolia":     {Type: TypeEVM, ChainID: 84532, RPC: []string{"https://sepolia.base.org"}},
	"ethereum":         {Type: TypeEVM, ChainID: 1, RPC: []string{"https://ethereum-rpc.publicnode.com"}},
	"sepolia":          {Type: TypeEVM, ChainID: 11155111, RPC: []string{"https://ethereum-sepolia-rpc.publicnode.com"}},
	"arbitrum":         {Type: TypeEVM, ChainID: 42161, RPC: []string{"https://arb1.arbitrum.io/rpc"}},
	"arbitrum-sepolia": {Type: TypeEVM, ChainID: 421614, RPC: []string{"https://sepolia-rollup.arbitrum.io/rpc"}},
	"bnb":              {Type: TypeEVM, ChainID: 56, RPC: []string{"https://bsc-dataseed.bnbchain.org"}},
	"bnb-testnet":      {Type: TypeEVM, ChainID: 97, RPC: []string{"https://bsc-testnet-dataseed.bnbchain.org"}},
	"solana":           {Type: TypeSolana, GenesisHash: "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d", RPC: []string{"https://api.mainnet-beta.solana.com"}},
	"solana-devnet":    {Type: TypeSolana, GenesisHash: "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG", RPC: []string{"https://api.devnet.solana.com"}},
	"solana-testnet":   {Type: TypeSolana, GenesisHash: "4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY", RPC: []string{"https://api.testnet.solana.com"}},
}

// PresetNames lists the names of the presets in order.
func PresetNames() []string {
	names := make([]string, 0, len(presets))
	for name := range presets {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// PresetType returns the type of a preset.
func PresetType(name string) (string, error) {
	preset, ok := presets[name]
	if !ok {
		return "", fmt.Errorf("preset %q is not known; known are %s", name, strings.Join(PresetNames(), ", "))
	}
	return preset.Type, nil
}
