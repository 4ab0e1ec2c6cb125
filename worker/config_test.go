// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

func valid() Config {
	cfg := DefaultConfig("/home/worker")
	cfg.Chain.ID, cfg.Chain.RPC = "cupel-1", []string{"http://127.0.0.1:26657"}
	return cfg
}

func TestValidate(t *testing.T) {
	tests := map[string]struct {
		edit func(*Config)
		want string
	}{
		"default":            {func(*Config) {}, ""},
		"no chain id":        {func(c *Config) { c.Chain.ID = "" }, "chain.id"},
		"no endpoint":        {func(c *Config) { c.Chain.RPC = nil }, "chain.rpc"},
		"endpoint is a path": {func(c *Config) { c.Chain.RPC = []string{"/tmp/socket"} }, "chain.rpc"},
		"tcp endpoint":       {func(c *Config) { c.Chain.RPC = []string{"tcp://host:26657"} }, ""},
		"poll too fast":      {func(c *Config) { c.Chain.Poll = 49 * time.Millisecond }, "chain.poll"},
		"poll at the bound":  {func(c *Config) { c.Chain.Poll = 50 * time.Millisecond }, ""},
		"no timeout":         {func(c *Config) { c.Chain.Timeout = 0 }, "chain.timeout"},
		"no lag":             {func(c *Config) { c.Chain.MaxLagBlocks = 0 }, "chain.max_lag_blocks"},
		"memory keyring":     {func(c *Config) { c.Key.Backend = "memory" }, "key.backend"},
		"no key":             {func(c *Config) { c.Key.Name = "" }, "key.name"},
		"no secret":          {func(c *Config) { c.Key.Secret = "" }, "key.secret"},
		"no slots":           {func(c *Config) { c.Work.Slots = 0 }, "work.slots"},
		"1024 slots":         {func(c *Config) { c.Work.Slots = 1024 }, ""},
		"1025 slots":         {func(c *Config) { c.Work.Slots = 1025 }, "work.slots"},
		"no fetching":        {func(c *Config) { c.Work.FetchFor = 0 }, "work.fetch_for"},
		"no grace":           {func(c *Config) { c.Work.Grace = 0 }, ""},
		"negative grace":     {func(c *Config) { c.Work.Grace = -1 }, "work.grace"},
		"no retention":       {func(c *Config) { c.Work.Retention = 0 }, "work.retention"},
		"small module cache": {func(c *Config) { c.Engines.WASM.CacheMiB = 63 }, "engines.wasm"},
		"engine off":         {func(c *Config) { c.Engines.WASM = WASMConfig{} }, ""},
		"relative root":      {func(c *Config) { c.Artifacts.FileRoots = []string{"data"} }, "file_roots"},
		"whole machine":      {func(c *Config) { c.Artifacts.FileRoots = []string{"/"} }, "file_roots"},
		"whole machine, too": {func(c *Config) { c.Artifacts.FileRoots = []string{"/data/.."} }, "file_roots"},
		"cache below a file": {func(c *Config) { c.Artifacts.CacheMiB = c.Artifacts.MaxMiB - 1 }, "cache_mib"},
		"no max":             {func(c *Config) { c.Artifacts.MaxMiB = 0 }, "max_mib"},
		"no fetch timeout":   {func(c *Config) { c.Artifacts.Timeout = 0 }, "artifacts.timeout"},
		"no port":            {func(c *Config) { c.HTTP.Listen = "localhost" }, "http.listen"},
		"no listener":        {func(c *Config) { c.HTTP.Listen = "" }, "http.listen"},
		"one listener":       {func(c *Config) { c.HTTP.Operations = "" }, ""},
		"bad operations":     {func(c *Config) { c.HTTP.Operations = "x" }, "http.operations"},
		"no endpoint url":    {func(c *Config) { c.HTTP.Endpoint = "host:80" }, "http.endpoint"},
		"no gas price":       {func(c *Config) { c.Fees.GasPrice = "1" }, "fees.gas_price"},
		"bad granter":        {func(c *Config) { c.Fees.Granter = "cosmos1abc" }, "fees.granter"},
		"ttl too long":       {func(c *Config) { c.Fees.TTL = 5*time.Minute + 1 }, "fees.ttl"},
		"ttl at the bound":   {func(c *Config) { c.Fees.TTL = 5 * time.Minute }, ""},
		"little gas":         {func(c *Config) { c.Fees.MaxTxGas = 1 }, "fees.max_tx_gas"},
		"bad level":          {func(c *Config) { c.Log.Level = "loud" }, "log.level"},
		"bad format":         {func(c *Config) { c.Log.Format = "xml" }, "log.format"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := valid()
			tc.edit(&cfg)
			err := cfg.Validate()
			if tc.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestEveryMistakeIsNamed(t *testing.T) {
	cfg := valid()
	cfg.Chain.ID, cfg.Work.Slots, cfg.Log.Format = "", 0, ""
	err := cfg.Validate()
	for _, want := range []string{"chain.id", "work.slots", "log.format"} {
		require.ErrorContains(t, err, want)
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	home := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(home, ConfigName), []byte(text), 0o600))
	return home
}

func TestLoadConfig(t *testing.T) {
	raw, err := yaml.Marshal(valid())
	require.NoError(t, err)
	home := write(t, string(raw))
	cfg, err := LoadConfig(home)
	require.NoError(t, err)
	want := valid()
	want.Home, want.Artifacts.FileRoots = home, []string{}
	require.Equal(t, want, cfg, "what is written is what is read")

	cfg, err = LoadConfig(write(t, "chain: {id: cupel-1, rpc: [http://h:1], poll: 1s}\n"))
	require.NoError(t, err)
	require.Equal(t, time.Second, cfg.Chain.Poll)
	require.Equal(t, 2, cfg.Work.Slots, "what is not said is the default")
}

func TestLoadConfigRefuses(t *testing.T) {
	_, err := LoadConfig(t.TempDir())
	require.ErrorIs(t, err, fs.ErrNotExist)
	for name, text := range map[string]string{
		"unknown section": "chains: {}\n", "unknown field": "chain: {id: a, rpcs: []}\n", "not yaml": "\t:",
		"wrong type": "work: {slots: many}\n", "empty": "", "no unit": "chain: {poll: 3}\n",
	} {
		_, err := LoadConfig(write(t, text))
		require.Error(t, err, name)
	}
}

func TestPath(t *testing.T) {
	cfg := valid()
	require.Equal(t, "/home/worker/secret", cfg.Path("secret"))
	require.Equal(t, "/etc/secret", cfg.Path("/etc/secret"))
}
