// SPDX-License-Identifier: Apache-2.0

package types

import (
	"cosmossdk.io/core/address"
	sdkmath "cosmossdk.io/math"
)

// DefaultGenesis is a registry with the default class and no provider.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams(), Classes: []Class{DefaultClass()}}
}

// TotalBonds is the sum of all bonds in ucupel.
func (g GenesisState) TotalBonds() sdkmath.Int {
	total := sdkmath.ZeroInt()
	for _, provider := range g.Providers {
		total = total.Add(sdkmath.NewIntFromUint64(provider.Bond))
	}
	return total
}

// Validate checks that the state is one that the module could have exported.
func (g GenesisState) Validate(addresses address.Codec) error {
	if err := g.Params.Validate(); err != nil {
		return err
	}
	if g.Tick > maxTicks {
		return ErrInvalidGenesis.Wrapf("tick %d is beyond %d", g.Tick, maxTicks)
	}
	names, err := validateClasses(g.Classes)
	if err != nil {
		return err
	}
	if len(g.Loads) != len(g.Providers) {
		return ErrInvalidGenesis.Wrapf("%d loads for %d providers: give one each", len(g.Loads), len(g.Providers))
	}
	book := addressBook{addresses: addresses, operators: map[string]bool{}, workers: map[string]bool{}}
	for i, provider := range g.Providers {
		if int(provider.Id) != i+1 {
			return ErrInvalidGenesis.Wrapf("provider %d is at position %d: ids are 1, 2, 3 …", provider.Id, i+1)
		}
		if err := validateProvider(provider, g.Tick, names); err != nil {
			return err
		}
		if err := validateLoad(provider, g.Loads[i], g.Tick); err != nil {
			return err
		}
		if err := book.add(provider); err != nil {
			return err
		}
	}
	if err := book.keysApart(g.Providers); err != nil {
		return err
	}
	if err := g.ValidateModels(); err != nil {
		return err
	}
	return validateUnbondings(g.Unbondings, g.Providers)
}

func validateClasses(classes []Class) (map[string]bool, error) {
	names := make(map[string]bool, len(classes))
	for i, class := range classes {
		if int(class.Id) != i+1 {
			return nil, ErrInvalidGenesis.Wrapf("class %d is at position %d: ids are 1, 2, 3 …", class.Id, i+1)
		}
		if err := class.Validate(); err != nil {
			return nil, err
		}
		if names[class.Name] {
			return nil, ErrInvalidGenesis.Wrapf("class %q is there twice", class.Name)
		}
		names[class.Name] = true
	}
	return names, nil
}

func validateProvider(provider Provider, tick uint64, classes map[string]bool) error {
	if err := ValidateProfile(provider.Region, provider.Endpoint, provider.EncryptionKey, provider.Resources); err != nil {
		return err
	}
	for _, resource := range provider.Resources {
		if !classes[resource.Class] {
			return ErrInvalidGenesis.Wrapf("provider %d offers class %q, which is not registered", provider.Id, resource.Class)
		}
	}
	if provider.Bond > MaxAmount || provider.Unbonding > provider.Bond || provider.Slashed > MaxAmount {
		return ErrInvalidGenesis.Wrapf("provider %d: bond %d, unbonding %d, slashed %d", provider.Id, provider.Bond, provider.Unbonding, provider.Slashed)
	}
	if provider.Joined > tick || provider.JailedUntil > tick+maxTicks {
		return ErrInvalidGenesis.Wrapf("provider %d joined at %d and is jailed until %d at tick %d", provider.Id, provider.Joined, provider.JailedUntil, tick)
	}
	switch provider.Status {
	case ProviderActive, ProviderDraining, ProviderJailed:
		return nil
	case ProviderUnbonding:
		if provider.Unbonding == provider.Bond && provider.Bond > 0 {
			return nil
		}
	case ProviderRetired:
		if provider.Bond == 0 {
			return nil
		}
	case ProviderUnspecified:
	}
	return ErrInvalidGenesis.Wrapf("provider %d: status %s with bond %d, unbonding %d", provider.Id, provider.Status, provider.Bond, provider.Unbonding)
}

func validateLoad(provider Provider, load Load, tick uint64) error {
	if load.LastSeen > tick || load.VoidClock > tick || load.BoundEpoch > tick || load.PendingSlash > MaxAmount ||
		load.BoundNow > MaxAmount || load.BoundBefore > MaxAmount {
		return ErrInvalidGenesis.Wrapf("provider %d: load %s at tick %d", provider.Id, load.String(), tick)
	}
	return nil
}

func validateUnbondings(unbondings []Unbonding, providers []Provider) error {
	sums := make([]uint64, len(providers))
	counts := make([]int, len(providers))
	var last Unbonding
	for _, entry := range unbondings {
		if entry.Provider == 0 || int(entry.Provider) > len(providers) || entry.Amount == 0 || entry.Amount > MaxAmount || entry.Release == 0 {
			return ErrInvalidGenesis.Wrapf("unbonding %s", entry.String())
		}
		if entry.Release < last.Release || entry.Release == last.Release && entry.Provider <= last.Provider {
			return ErrInvalidGenesis.Wrapf("unbonding %s is there twice or out of order", entry.String())
		}
		last = entry
		i := entry.Provider - 1
		if sums[i] += entry.Amount; sums[i] > MaxAmount {
			return ErrInvalidGenesis.Wrapf("provider %d: its unbondings exceed 2^63-1", entry.Provider)
		}
		if counts[i]++; counts[i] > MaxUnbondings {
			return ErrInvalidGenesis.Wrapf("provider %d has more than %d unbondings", entry.Provider, MaxUnbondings)
		}
	}
	for i, provider := range providers {
		if sums[i] != provider.Unbonding {
			return ErrInvalidGenesis.Wrapf("provider %d: unbonding is %d and its entries are %d", provider.Id, provider.Unbonding, sums[i])
		}
	}
	return nil
}

// addressBook finds addresses that two providers claim.
type addressBook struct {
	addresses address.Codec
	operators map[string]bool
	workers   map[string]bool
}

// add enters the addresses of a provider. A retired one holds none.
func (b addressBook) add(provider Provider) error {
	keys := make([]string, 0, 3)
	for _, text := range []string{provider.Operator, provider.Worker, provider.Payout} {
		key, err := b.addresses.StringToBytes(text)
		if err != nil {
			return ErrInvalidGenesis.Wrapf("provider %d: address %.128q: %s", provider.Id, text, err)
		}
		if canonical, err := b.addresses.BytesToString(key); err != nil || canonical != text {
			return ErrInvalidGenesis.Wrapf("provider %d: address %.128q is not in its usual spelling", provider.Id, text)
		}
		keys = append(keys, string(key))
	}
	if provider.Status == ProviderRetired {
		return nil
	}
	if b.operators[keys[0]] || b.workers[keys[1]] {
		return ErrInvalidGenesis.Wrapf("provider %d: operator or worker is another provider's", provider.Id)
	}
	b.operators[keys[0]] = true
	b.workers[keys[1]] = true
	return nil
}

// keysApart checks that no worker is an operator.
func (b addressBook) keysApart(providers []Provider) error {
	for _, provider := range providers {
		operator, err := b.addresses.StringToBytes(provider.Operator)
		if err != nil {
			return ErrInvalidGenesis.Wrapf("provider %d: operator: %s", provider.Id, err)
		}
		if provider.Status != ProviderRetired && b.workers[string(operator)] {
			return ErrInvalidGenesis.Wrapf("provider %d: its operator is a worker", provider.Id)
		}
	}
	return nil
}
