// SPDX-License-Identifier: Apache-2.0

package relayer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/mirror"
)

const validConfig = `
home:
  chain_id: cupel-1
  rpc: [http://127.0.0.1:26657, tcp://127.0.0.1:26658]
targets:
  - name: base
    preset: base
    key: {file: keys/base.json, password_env: PASSWORD}
    balance_floor: "5"
    evm: {contract: "0x00000000000000000000000000000000000000aA", max_fee_gwei: 1.5}
  - name: own-chain
    type: evm
    rpc: [https://rpc.example.com/secret-key]
    key: {remote: http://127.0.0.1:9000, address: "0x00000000000000000000000000000000000000Bb"}
    evm: {chain_id: 777, contract: "0x00000000000000000000000000000000000000aA", max_head_age: -1s}
  - name: solana
    preset: solana
    key: {file: keys/solana.json}
`

func load(t *testing.T, text string) (Config, error) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, ConfigName), []byte(text), 0o600))
	return LoadConfig(dir)
}

func TestConfig(t *testing.T) {
	cfg, err := load(t, validConfig)
	require.NoError(t, err)
	require.Equal(t, uint64(8453), cfg.Targets[0].EVM.ChainID)
	require.Equal(t, TypeEVM, cfg.Targets[0].Type)
	require.Equal(t, []string{"https://mainnet.base.org"}, cfg.Targets[0].RPC)
	require.Equal(t, "1500000000", cfg.Targets[0].sender().MaxFeeCap.String())
	require.Equal(t, "5", cfg.Targets[0].sender().BalanceFloor.String())
	require.Equal(t, presets["solana"].GenesisHash, cfg.Targets[2].Solana.GenesisHash)
	require.Equal(t, 252*time.Hour, cfg.Targets[2].Solana.MaxSetAge)
	require.NoError(t, cfg.Targets[0].sender().Validate())
	_, err = cfg.Target("own-chain")
	require.NoError(t, err)
	_, err = cfg.Target("other")
	require.ErrorContains(t, err, "base own-chain solana")
	require.Equal(t, filepath.Join(cfg.Dir, "a"), cfg.Path("a"))
	require.Equal(t, "/a", cfg.Path("/a"))
}

func TestUnknownFieldNamesItsLine(t *testing.T) {
	_, err := load(t, strings.Replace(validConfig, "chain_id: cupel-1", "chain_idd: cupel-1", 1))
	require.ErrorContains(t, err, "line 3")
	require.ErrorContains(t, err, "chain_idd")
	_, err = load(t, strings.Replace(validConfig, "chain_id: cupel-1", "chain_id: cupel-1\n  timeout: 5", 1))
	require.ErrorContains(t, err, "into a duration, such as 4s")
	_, err = load(t, "home: [")
	require.Error(t, err)
	_, err = LoadConfig(t.TempDir())
	require.ErrorContains(t, err, "cupel-relayer init")
}

// TestBadConfigs breaks one thing of a valid configuration at a time.
func TestBadConfigs(t *testing.T) {
	for name, tc := range map[string]struct{ old, replacement, want string }{
		"no chain":            {"chain_id: cupel-1", "", "home.chain_id"},
		"no node":             {"rpc: [http://127.0.0.1:26657, tcp://127.0.0.1:26658]", "", "home.rpc"},
		"node scheme":         {"tcp://127.0.0.1:26658", "ftp://x", "home.rpc[1]"},
		"name":                {"name: base", "name: Base!", "Base!"},
		"two of a name":       {"name: own-chain", "name: base", "two of that name"},
		"unknown preset":      {"preset: base", "preset: bass", "bass"},
		"preset of a type":    {"name: base\n", "name: base\n    type: solana\n", "of type evm"},
		"type":                {"type: evm", "type: cosmos", "cosmos"},
		"no rpc":              {"rpc: [https://rpc.example.com/secret-key]", "", "rpc is empty"},
		"rpc scheme":          {"https://rpc.example.com/secret-key", "rpc.example.com/secret-key", "rpc[0]"},
		"quorum":              {"type: evm", "type: evm\n    quorum: 3", "quorum"},
		"poll":                {"type: evm", "type: evm\n    poll: 1ms", "poll"},
		"timeout":             {"type: evm", "type: evm\n    timeout: 1h", "timeout"},
		"submit timeout":      {"type: evm", "type: evm\n    submit_timeout: 2h", "submit_timeout"},
		"floor":               {`balance_floor: "5"`, `balance_floor: "5.5"`, "balance_floor"},
		"negative floor":      {`balance_floor: "5"`, `balance_floor: "-5"`, "balance_floor"},
		"zero contract":       {`evm: {contract: "0x00000000000000000000000000000000000000aA", max`, `evm: {contract: "0x0000000000000000000000000000000000000000", max`, "evm.contract"},
		"no evm":              {`    evm: {contract: "0x00000000000000000000000000000000000000aA", max_fee_gwei: 1.5}`, "", "evm is missing"},
		"chain id":            {"chain_id: 777, ", "", "evm.chain_id"},
		"fee":                 {"max_fee_gwei: 1.5", "max_fee_gwei: -1", "max_fee_gwei"},
		"no key":              {"key: {file: keys/base.json, password_env: PASSWORD}", "", "key needs"},
		"two keys":            {"key: {file: keys/base.json, ", "key: {file: keys/base.json, remote: http://x, ", "key needs"},
		"no password":         {", password_env: PASSWORD", "", "password"},
		"remote address":      {`address: "0x00000000000000000000000000000000000000Bb"`, "", "key.address"},
		"no solana key":       {"key: {file: keys/solana.json}", "", "key.file"},
		"genesis":             {"key: {file: keys/solana.json}", "key: {file: k}\n    solana: {genesis_hash: 0xff}", "genesis_hash"},
		"solana on evm":       {"type: evm", "type: evm\n    solana: {}", "solana settings"},
		"evm on solana":       {"preset: solana", "preset: solana\n    evm: {}", "evm settings"},
		"negative age of set": {"key: {file: keys/solana.json}", "key: {file: k}\n    solana: {max_set_age: -1s}", "max_set_age"},
		"no target":           {"targets:", "x:", "x"},
		"metrics":             {"targets:", "metrics: {listen: nine}\ntargets:", "metrics.listen"},
		"log format":          {"targets:", "log: {format: xml}\ntargets:", "log.format"},
		"log level":           {"targets:", "log: {level: loud}\ntargets:", "log.level"},
		"max lag":             {"chain_id: cupel-1", "chain_id: cupel-1\n  max_lag_blocks: 0", "max_lag_blocks"},
		"home timeout":        {"chain_id: cupel-1", "chain_id: cupel-1\n  timeout: 0s", "home.timeout"},
		"no anchor":           {"chain_id: cupel-1", `chain_id: cupel-1` + "\n  anchor: \"\"", "home.anchor"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(validConfig, tc.old, tc.replacement, 1)
			require.NotEqual(t, validConfig, text)
			_, err := load(t, text)
			require.ErrorContains(t, err, tc.want)
			require.NotContains(t, err.Error(), "secret-key", "URLs may hold keys")
		})
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	text := strings.NewReplacer("chain_id: cupel-1", "", "name: base", "name: B", "preset: solana", "preset: solan").Replace(validConfig)
	_, err := load(t, text)
	require.GreaterOrEqual(t, strings.Count(err.Error(), "\n"), 3)
}

func TestPauses(t *testing.T) {
	p := NewPauses(filepath.Join(t.TempDir(), "home"))
	_, paused, err := p.Paused("base")
	require.NoError(t, err)
	require.False(t, paused)
	require.NoError(t, p.Set("base", Pause{Reason: "keys", Since: time.Unix(1, 0)}))
	require.NoError(t, p.Set("base", Pause{Reason: "more", Since: time.Unix(2, 0)}))
	reason, paused, err := p.Paused("base")
	require.NoError(t, err)
	require.True(t, paused)
	require.Contains(t, reason, "more")
	require.NoError(t, os.WriteFile(p.path("base"), []byte("{"), 0o600))
	_, paused, err = p.Paused("base")
	require.Error(t, err)
	require.True(t, paused)
	require.NoError(t, p.Clear("base"))
	require.NoError(t, p.Clear("base"), "resuming twice is no error")
	_, paused, err = p.Paused("base")
	require.NoError(t, err)
	require.False(t, paused)
	files, err := os.ReadDir(p.dir)
	require.NoError(t, err)
	require.Empty(t, files, "no file is left behind")
}

func TestKeys(t *testing.T) {
	dir := t.TempDir()
	made, err := AddKey(dir, "solana", TypeSolana, "")
	require.NoError(t, err)
	_, err = AddKey(dir, "solana", TypeSolana, "")
	require.ErrorContains(t, err, "exists", "a key is never overwritten")
	content, err := os.ReadFile(filepath.Join(dir, made.Path))
	require.NoError(t, err)
	again, err := ImportKey(dir, "copy", TypeSolana, "", content)
	require.NoError(t, err)
	require.Equal(t, made.Address, again.Address)
	evmKey, err := AddKey(dir, "base", TypeEVM, "secret")
	require.NoError(t, err)
	stored, err := os.ReadFile(filepath.Join(dir, evmKey.Path))
	require.NoError(t, err)
	evmCopy, err := ImportKey(dir, "base-copy", TypeEVM, "secret", stored)
	require.NoError(t, err)
	require.Equal(t, evmKey.Address, evmCopy.Address)

	keys, err := ListKeys(dir)
	require.NoError(t, err)
	require.Len(t, keys, 4)
	for _, k := range keys {
		info, err := os.Stat(filepath.Join(dir, k.Path))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}

	secret := strings.Repeat("5a", 31)
	for name, try := range map[string]func() error{
		"short hex":      func() error { _, err := ImportKey(dir, "x", TypeEVM, "p", []byte(secret)); return err },
		"wrong password": func() error { _, err := ImportKey(dir, "x", TypeEVM, "wrong", stored); return err },
		"no keypair":     func() error { _, err := ImportKey(dir, "x", TypeSolana, "", []byte(secret)); return err },
		"type":           func() error { _, err := ImportKey(dir, "x", "btc", "", []byte(secret)); return err },
		"new type":       func() error { _, err := AddKey(dir, "x", "btc", ""); return err },
		"path":           func() error { _, err := AddKey(dir, "../x", TypeEVM, "p"); return err },
		"empty password": func() error { _, err := AddKey(dir, "x", TypeEVM, ""); return err },
		"unknown":        func() error { _, err := ReadKey(dir, "none"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			err := try()
			require.Error(t, err)
			require.NotContains(t, err.Error(), "5a5a", "a secret is never quoted")
			_, err = os.Stat(filepath.Join(dir, KeyPath("x")))
			require.ErrorIs(t, err, os.ErrNotExist, "nothing is left behind")
		})
	}
}

func TestPassword(t *testing.T) {
	cfg := Config{Dir: t.TempDir()}
	path := cfg.Path("p")
	require.NoError(t, os.WriteFile(path, []byte("secret\r\n"), 0o600))
	got, err := KeyConfig{PasswordFile: "p"}.Password(cfg)
	require.NoError(t, err)
	require.Equal(t, "secret", got)
	require.NoError(t, os.Chmod(path, 0o644))
	_, err = KeyConfig{PasswordFile: "p"}.Password(cfg)
	require.ErrorContains(t, err, "chmod 600")
	_, err = KeyConfig{PasswordFile: "none"}.Password(cfg)
	require.Error(t, err)
	t.Setenv("CUPEL_TEST_PASSWORD", "other")
	got, err = KeyConfig{PasswordEnv: "CUPEL_TEST_PASSWORD"}.Password(cfg)
	require.NoError(t, err)
	require.Equal(t, "other", got)
	_, err = KeyConfig{PasswordEnv: "CUPEL_TEST_UNSET"}.Password(cfg)
	require.Error(t, err)
}

func TestPendingList(t *testing.T) {
	state := mirror.State{Name: "base", Head: 8, Progress: mirror.Progress{Sent: 5, Safe: 3, Final: 2}}
	p := NewTargetPending(state, []mirror.Pending{{Nonce: 5, Hash: "a"}, {Nonce: 6, Hash: "b"}, {Nonce: 6, Hash: "c"}})
	require.Equal(t, []PendingEntry{
		{Nonce: 3, State: "safe"},
		{Nonce: 4, State: "sent"},
		{Nonce: 5, State: "sent", Hashes: []string{"a"}},
		{Nonce: 6, State: "in_flight", Hashes: []string{"b", "c"}},
		{Nonce: 7, State: "waiting"},
		{Nonce: 8, State: "waiting"},
	}, p.Entries)
	state.Head = 1000
	p = NewTargetPending(state, nil)
	require.Len(t, p.Entries, maxPending)
	require.Equal(t, uint64(1000-2-maxPending), p.More)
}
