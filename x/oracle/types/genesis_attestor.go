// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"

	"github.com/cosmos/cosmos-sdk/types/bech32"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// owners gives the registered keys by their address.
type owners map[checkpoint.Address]AttestorKey

func (gs GenesisState) validateKeys() (owners, error) {
	all := make(owners, len(gs.Keys))
	var before []byte
	for i, key := range gs.Keys {
		address, err := checkpoint.ToAddress(key.Key)
		if err != nil || address.IsZero() {
			return nil, ErrInvalidGenesis.Wrapf("key %d is no address: %x", i, key.Key)
		}
		if bytes.Compare(before, key.Key) >= 0 {
			return nil, ErrInvalidGenesis.Wrapf("key %s is not above the one before it", address)
		}
		if key.SetId > uint64(len(gs.Sets)) {
			return nil, ErrInvalidGenesis.Wrapf("key %s is in set %d of %d", address, key.SetId, len(gs.Sets))
		}
		before, all[address] = key.Key, key
	}
	return all, nil
}

func (gs GenesisState) validateAttestors(keys owners) error {
	var before []byte
	accounts, operators := map[string]bool{}, map[string]bool{}
	for _, a := range gs.Attestors {
		_, operator, err := bech32.DecodeAndConvert(a.Operator)
		if err != nil {
			return ErrInvalidGenesis.Wrapf("attestor %q: %s", a.Operator, err)
		}
		if _, _, err := bech32.DecodeAndConvert(a.Account); err != nil {
			return ErrInvalidGenesis.Wrapf("account %q of %s: %s", a.Account, a.Operator, err)
		}
		address, err := checkpoint.ToAddress(a.Key)
		switch {
		case bytes.Compare(before, operator) >= 0:
			return ErrInvalidGenesis.Wrapf("attestor %s is not above the one before it", a.Operator)
		case accounts[a.Account]:
			return ErrInvalidGenesis.Wrapf("account %s sends for two attestors", a.Account)
		case err != nil || keys[address].Operator != a.Operator:
			return ErrInvalidGenesis.Wrapf("key %x is not registered by %s", a.Key, a.Operator)
		case a.Active && a.Tombstoned:
			return ErrInvalidGenesis.Wrapf("%s is tombstoned and active", a.Operator)
		case a.RegisteredHeight < 0:
			return ErrInvalidGenesis.Wrapf("%s registered at height %d", a.Operator, a.RegisteredHeight)
		}
		before, accounts[a.Account], operators[a.Operator] = operator, true, true
	}
	for _, key := range gs.Keys {
		if !operators[key.Operator] {
			return ErrInvalidGenesis.Wrapf("key %x belongs to %s, which is no attestor", key.Key, key.Operator)
		}
	}
	return nil
}

// validateSets returns the sets in the order of their ids.
func (gs GenesisState) validateSets(keys owners) ([]checkpoint.Set, error) {
	newest := make(map[checkpoint.Address]uint64, len(keys))
	sets := make([]checkpoint.Set, 0, len(gs.Sets))
	var before AttestorSet
	for i, stored := range gs.Sets {
		set, err := stored.Decode()
		if err != nil {
			return nil, ErrInvalidGenesis.Wrap(err.Error())
		}
		if set.ID != uint64(i)+1 {
			return nil, ErrInvalidGenesis.Wrapf("set %d has the id %d", i+1, set.ID)
		}
		if (i == 0) != (stored.Nonce == 0) || stored.Nonce < before.Nonce || set.Time < before.Time || stored.Height < before.Height {
			return nil, ErrInvalidGenesis.Wrapf("set %d of nonce %d, height %d and time %d is not after the one before it", set.ID, stored.Nonce, stored.Height, set.Time)
		}
		if set.Total() > stored.Bonded {
			return nil, ErrInvalidGenesis.Wrapf("set %d has power %d of %d", set.ID, set.Total(), stored.Bonded)
		}
		for _, member := range set.Members {
			if keys[member.Address].Operator == "" {
				return nil, ErrInvalidGenesis.Wrapf("member %s of set %d is not registered", member.Address, set.ID)
			}
			newest[member.Address] = set.ID
		}
		before, sets = stored, append(sets, set)
	}
	for _, key := range gs.Keys {
		if address := checkpoint.Address(key.Key); newest[address] != key.SetId {
			return nil, ErrInvalidGenesis.Wrapf("key %s says set %d, its newest is %d", address, key.SetId, newest[address])
		}
	}
	return sets, nil
}
