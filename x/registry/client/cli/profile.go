// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"gopkg.in/yaml.v3"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/x/registry/types"
)

// maxFile bounds what is read of a profile.
const maxFile = 1 << 20

// Profile is the file that an operator writes about its provider.
type Profile struct {
	Worker        string     `yaml:"worker"`
	Payout        string     `yaml:"payout"`
	Bond          string     `yaml:"bond"`
	Region        string     `yaml:"region"`
	Endpoint      string     `yaml:"endpoint"`
	EncryptionKey string     `yaml:"encryption_key"`
	Resources     []Resource `yaml:"resources"`
}

// Resource is what the provider offers in one class.
type Resource struct {
	Class             string `yaml:"class"`
	Count             uint32 `yaml:"count"`
	VramMib           uint32 `yaml:"vram_mib"`
	ComputeCapability uint32 `yaml:"compute_capability"`
	Driver            string `yaml:"driver"`
	Price             uint64 `yaml:"price"`
}

// ReadProfile reads a YAML or JSON file. A field it does not know is an error,
// and so is a value that the chain would refuse.
func ReadProfile(path string) (Profile, error) {
	file, err := os.Open(path)
	if err != nil {
		return Profile{}, err
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFile))
	if err := errors.Join(err, file.Close()); err != nil {
		return Profile{}, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	var profile Profile
	if err := decoder.Decode(&profile); err != nil {
		return Profile{}, fmt.Errorf("%s: %w", path, err)
	}
	if err := types.ValidateProfile(profile.Region, profile.Endpoint, profile.EncryptionKey, profile.resources()); err != nil {
		return Profile{}, fmt.Errorf("%s: %w", path, err)
	}
	return profile, nil
}

func (p Profile) register(operator string) (*types.MsgRegister, error) {
	if p.Worker == "" {
		return nil, errors.New("worker is empty: give the address of the worker's key, for example of `cupel-worker init`")
	}
	bond, err := sdk.ParseCoinNormalized(p.Bond)
	if err != nil {
		return nil, fmt.Errorf("bond %q: give an amount such as 100000000ucupel: %w", p.Bond, err)
	}
	if _, err := types.Amount(bond); err != nil {
		return nil, err
	}
	return &types.MsgRegister{
		Operator: operator, Worker: p.Worker, Payout: p.Payout, Bond: bond,
		Region: p.Region, Endpoint: p.Endpoint, EncryptionKey: p.EncryptionKey, Resources: p.resources(),
	}, nil
}

func (p Profile) update(operator string) (*types.MsgUpdateProvider, error) {
	if p.Worker != "" || p.Bond != "" {
		return nil, errors.New("worker or bond is set: use rotate-worker, bond and unbond to change them, and take them out of the file")
	}
	return &types.MsgUpdateProvider{
		Operator: operator, Payout: p.Payout,
		Region: p.Region, Endpoint: p.Endpoint, EncryptionKey: p.EncryptionKey, Resources: p.resources(),
	}, nil
}

func (p Profile) resources() []types.Resource {
	resources := make([]types.Resource, 0, len(p.Resources))
	for _, r := range p.Resources {
		resources = append(resources, types.Resource{
			Class: r.Class, Count: r.Count, VramMib: r.VramMib,
			ComputeCapability: r.ComputeCapability, Driver: r.Driver, Price: r.Price,
		})
	}
	return resources
}
