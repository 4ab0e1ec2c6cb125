// SPDX-License-Identifier: Apache-2.0

package relayer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/cupel-network/cupel/relayer/home"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// Anchor is the point of the line of headers that the operator trusts: the one
// that mirrors were deployed with, or a later one. Everything after it is
// proven by signatures.
type Anchor struct {
	ChainID string `json:"chain_id"`
	// Nonce and Root of the last header that is taken as given; of nonce 0 the
	// root is that of the chain's domain.
	Nonce uint64          `json:"nonce,string"`
	Root  checkpoint.Hash `json:"root"`
	// Set signs the header that follows.
	Set checkpoint.Set `json:"set"`
	// SetHash is the hash of Set, for people to compare.
	SetHash checkpoint.Hash `json:"set_hash"`
}

// Validate returns an error for an anchor that nothing can follow from.
func (a Anchor) Validate() error {
	switch {
	case a.ChainID == "":
		return errors.New("chain_id is empty")
	case a.Root.IsZero():
		return errors.New("root is zero")
	case a.Nonce == 0 && a.Root != checkpoint.NewDomain(a.ChainID).GenesisRoot():
		return fmt.Errorf("root of nonce 0 is %s, the domain of %s has %s", a.Root, a.ChainID, checkpoint.NewDomain(a.ChainID).GenesisRoot())
	}
	if err := a.Set.Validate(); err != nil {
		return fmt.Errorf("set: %w", err)
	}
	if a.Set.Hash() != a.SetHash {
		return fmt.Errorf("set_hash is %s, the set has %s", a.SetHash, a.Set.Hash())
	}
	return nil
}

// LoadAnchor reads the anchor file of a configuration; path is one of its
// fields.
func LoadAnchor(cfg Config, path string) (Anchor, error) {
	text, err := os.ReadFile(cfg.Path(path))
	if err != nil {
		return Anchor{}, fmt.Errorf("read the anchor: %w (cupel-relayer anchor makes one)", err)
	}
	var a Anchor
	if err := json.Unmarshal(text, &a); err != nil {
		return Anchor{}, fmt.Errorf("anchor %s: %w", path, err)
	}
	if err := a.Validate(); err != nil {
		return Anchor{}, fmt.Errorf("anchor %s: %w", path, err)
	}
	if a.ChainID != cfg.Home.ChainID {
		return Anchor{}, fmt.Errorf("anchor %s is of chain %q, home.chain_id is %q", path, a.ChainID, cfg.Home.ChainID)
	}
	return a, nil
}

// Write puts the anchor into a file.
func (a Anchor) Write(path string) error {
	if err := a.Validate(); err != nil {
		return err
	}
	text, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	return writeSynced(path, text)
}

// FetchAnchor asks the nodes for the anchor of a nonce. What they say is
// believed: the operator compares SetHash with what others publish.
func FetchAnchor(ctx context.Context, cfg Config, nonce uint64) (Anchor, error) {
	root, set, err := home.FetchAnchor(ctx, home.Options{
		ChainID: cfg.Home.ChainID, Endpoints: cfg.Home.RPC, Timeout: cfg.Home.Timeout, MaxLag: cfg.Home.MaxLagBlocks,
	}, nonce)
	if err != nil {
		return Anchor{}, err
	}
	a := Anchor{ChainID: cfg.Home.ChainID, Nonce: nonce, Root: root, Set: set, SetHash: set.Hash()}
	return a, a.Validate()
}

// NewSource returns the reader of the configured home nodes.
func NewSource(cfg Config) (*home.Source, error) {
	a, err := LoadAnchor(cfg, cfg.Home.Anchor)
	if err != nil {
		return nil, err
	}
	return home.New(home.Options{
		ChainID: cfg.Home.ChainID, Endpoints: cfg.Home.RPC, Timeout: cfg.Home.Timeout, MaxLag: cfg.Home.MaxLagBlocks,
		Anchor: home.Anchor{Nonce: a.Nonce, Root: a.Root, Set: a.SetHash},
	})
}
