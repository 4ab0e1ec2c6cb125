// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/registry/types"
)

const profileYAML = `
worker: w
bond: 100000000ucupel
region: eu-west
endpoint: https://worker.example.com
resources:
  - class: nvidia/h100-80gb
    count: 8
    vram_mib: 81559
    compute_capability: 90
    driver: 550.54.15
    price: 90
`

const profileJSON = `{"worker": "w", "bond": "100000000ucupel", "region": "eu-west", "endpoint": "https://worker.example.com",
"resources": [{"class": "nvidia/h100-80gb", "count": 8, "vram_mib": 81559, "compute_capability": 90, "driver": "550.54.15", "price": 90}]}`

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "provider.yaml")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestReadProfile(t *testing.T) {
	fromYAML, err := ReadProfile(write(t, profileYAML))
	require.NoError(t, err)
	fromJSON, err := ReadProfile(write(t, profileJSON))
	require.NoError(t, err)
	require.Equal(t, fromYAML, fromJSON)

	msg, err := fromYAML.register("op")
	require.NoError(t, err)
	require.Equal(t, &types.MsgRegister{
		Operator: "op", Worker: "w", Bond: types.Coins(100_000_000)[0], Region: "eu-west", Endpoint: "https://worker.example.com",
		Resources: []types.Resource{{Class: "nvidia/h100-80gb", Count: 8, VramMib: 81_559, ComputeCapability: 90, Driver: "550.54.15", Price: 90}},
	}, msg)

	_, err = fromYAML.update("op")
	require.ErrorContains(t, err, "rotate-worker")
	fromYAML.Worker, fromYAML.Bond = "", ""
	update, err := fromYAML.update("op")
	require.NoError(t, err)
	require.Equal(t, msg.Resources, update.Resources)
	_, err = fromYAML.register("op")
	require.ErrorContains(t, err, "worker is empty")
	fromYAML.Worker, fromYAML.Bond = "w", "5uatom"
	_, err = fromYAML.register("op")
	require.ErrorIs(t, err, types.ErrInvalidAmount)
	fromYAML.Bond = "many"
	_, err = fromYAML.register("op")
	require.ErrorContains(t, err, "bond \"many\"")
}

func TestReadBadProfile(t *testing.T) {
	tests := map[string]string{
		"nothing":           "",
		"not YAML":          "{",
		"an unknown field":  profileYAML + "tier: 3\n",
		"a wrong type":      "resources: 5",
		"a negative count":  "resources: [{class: wasm/v1, count: -1}]",
		"no resources":      "endpoint: https://a",
		"an invalid region": "region: EU\n",
	}
	for name, content := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := ReadProfile(write(t, content))
			require.Error(t, err)
		})
	}
	_, err := ReadProfile("does-not-exist.yaml")
	require.ErrorIs(t, err, os.ErrNotExist)
}
