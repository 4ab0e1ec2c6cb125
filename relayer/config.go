// SPDX-License-Identifier: Apache-2.0

// Package relayer is the daemon that mirrors the sealed headers of a Cupel
// chain to other chains. It can delay a mirror, never forge one.
package relayer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// ConfigName is the file of the configuration in a relayer's home.
const ConfigName = "config.yaml"

// Kinds of targets.
const (
	TypeEVM    = "evm"
	TypeSolana = "solana"
)

// Config is what config.yaml says. Relative paths are below the home.
type Config struct {
	// Dir is the relayer's home, where the file is; it is not in the file.
	Dir string `yaml:"-"`

	Home    HomeConfig     `yaml:"home"`
	Targets []TargetConfig `yaml:"targets"`
	Metrics MetricsConfig  `yaml:"metrics"`
	Log     LogConfig      `yaml:"log"`
}

// HomeConfig says which Cupel chain is mirrored, through which nodes, and from
// where on its headers are checked.
type HomeConfig struct {
	ChainID      string        `yaml:"chain_id"`
	RPC          []string      `yaml:"rpc"`
	Timeout      time.Duration `yaml:"timeout"`
	MaxLagBlocks int64         `yaml:"max_lag_blocks"`
	// Anchor is the file of the Anchor.
	Anchor string `yaml:"anchor"`
}

// TargetConfig is one chain that is mirrored to.
type TargetConfig struct {
	Name string `yaml:"name"`
	Type string `yaml:"type"`
	// Preset names a known chain: its id, and its public endpoints if RPC is
	// empty.
	Preset string   `yaml:"preset,omitempty"`
	RPC    []string `yaml:"rpc,omitempty"`
	// Quorum is how many endpoints must answer alike; 0 is one of an EVM chain
	// and more than half on Solana.
	Quorum int           `yaml:"quorum,omitempty"`
	Poll   time.Duration `yaml:"poll,omitempty"`
	// Timeout bounds one call to one endpoint.
	Timeout time.Duration `yaml:"timeout,omitempty"`
	// SubmitTimeout bounds the wait for one entry to be recorded.
	SubmitTimeout time.Duration `yaml:"submit_timeout,omitempty"`
	Key           KeyConfig     `yaml:"key"`
	// BalanceFloor is in wei or lamports.
	BalanceFloor string `yaml:"balance_floor,omitempty"`

	EVM    *EVMConfig    `yaml:"evm,omitempty"`
	Solana *SolanaConfig `yaml:"solana,omitempty"`
}

// EVMConfig is what only EVM chains need.
type EVMConfig struct {
	ChainID  uint64 `yaml:"chain_id,omitempty"`
	Contract string `yaml:"contract"`
	// DeployBlock is the block of the contract's deployment, from which verify
	// reads.
	DeployBlock uint64 `yaml:"deploy_block,omitempty"`
	// MaxFeeGwei bounds the fee cap per gas, MinTipGwei is the least tip.
	MaxFeeGwei float64 `yaml:"max_fee_gwei,omitempty"`
	MinTipGwei float64 `yaml:"min_tip_gwei,omitempty"`
	MaxGas     uint64  `yaml:"max_gas,omitempty"`
	// ResubmitAfter is how long a transaction may stay unmined before its fee is
	// raised.
	ResubmitAfter time.Duration `yaml:"resubmit_after,omitempty"`
	// MaxHeadAge is how old an endpoint's newest block may be; 0 is the default,
	// a negative value no limit.
	MaxHeadAge time.Duration `yaml:"max_head_age,omitempty"`
}

// SolanaConfig is what only Solana needs.
type SolanaConfig struct {
	GenesisHash string `yaml:"genesis_hash,omitempty"`
	// UnitPrice is the priority fee in micro-lamports per compute unit.
	UnitPrice uint64 `yaml:"unit_price,omitempty"`
	// MaxSetAge is the age from which a set's records do not count: half of the
	// home chain's unbonding time. The default is half of 21 days.
	MaxSetAge time.Duration `yaml:"max_set_age,omitempty"`
	// Anchor is the file of the anchor where the records begin, if it is another
	// than that of home.
	Anchor string `yaml:"anchor,omitempty"`
}

// KeyConfig names the key that pays. It holds no secret: files do.
type KeyConfig struct {
	// File is an encrypted keystore (evm) or a keypair file (solana).
	File string `yaml:"file,omitempty"`
	// PasswordFile or PasswordEnv hold the password of a keystore.
	PasswordFile string `yaml:"password_file,omitempty"`
	PasswordEnv  string `yaml:"password_env,omitempty"`
	// Remote is the URL of a remote signer that signs for Address (evm).
	Remote  string `yaml:"remote,omitempty"`
	Address string `yaml:"address,omitempty"`
}

// MetricsConfig says where /metrics, /healthz and the answers to status and
// pending are served. They hold no secret, but are not for everybody.
type MetricsConfig struct {
	Listen string `yaml:"listen"`
}

// LogConfig says what is logged and how.
type LogConfig struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// DefaultConfig is a configuration that is valid but for what names the home
// chain and the targets.
func DefaultConfig(dir string) Config {
	return Config{
		Dir:     dir,
		Home:    HomeConfig{Timeout: 5 * time.Second, MaxLagBlocks: 10, Anchor: "anchor.json"},
		Metrics: MetricsConfig{Listen: "127.0.0.1:9464"},
		Log:     LogConfig{Level: "info", Format: "text"},
	}
}

// LoadConfig reads and validates the configuration in a home.
func LoadConfig(dir string) (Config, error) {
	cfg, err := ReadConfig(dir)
	if err != nil {
		return Config{}, err
	}
	return cfg, cfg.Validate()
}

// ReadConfig reads the configuration in a home without validating it. A field
// that the program does not know is an error that names its line.
func ReadConfig(dir string) (Config, error) {
	raw, err := os.ReadFile(filepath.Join(dir, ConfigName))
	if err != nil {
		return Config{}, fmt.Errorf("read the configuration: %w (cupel-relayer init makes one)", err)
	}
	cfg := DefaultConfig(dir)
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&cfg); err != nil && !errors.Is(err, io.EOF) {
		return Config{}, fmt.Errorf("read %s: %w", ConfigName, plain(err))
	}
	for i := range cfg.Targets {
		cfg.Targets[i].complete()
	}
	return cfg, nil
}

// plain names the types of fields as operators know them.
func plain(err error) error {
	var wrong *yaml.TypeError
	if !errors.As(err, &wrong) {
		return err
	}
	names := strings.NewReplacer("time.Duration", "a duration, such as 4s", "float64", "a number", "uint64", "a whole number of 0 or more",
		"int64", "a whole number", "[]string", "a list of texts")
	all := make([]error, len(wrong.Errors))
	for i, text := range wrong.Errors {
		all[i] = errors.New(names.Replace(text))
	}
	return errors.Join(all...)
}

// complete fills in what a preset knows and the defaults of a target.
func (t *TargetConfig) complete() {
	if t.Type == "" && presets[t.Preset].Type != "" {
		t.Type = presets[t.Preset].Type
	}
	if preset, ok := presets[t.Preset]; ok && preset.Type == t.Type {
		if len(t.RPC) == 0 {
			t.RPC = preset.RPC
		}
		if t.EVM != nil && t.EVM.ChainID == 0 {
			t.EVM.ChainID = preset.ChainID
		}
		if t.Type == TypeSolana && t.Solana == nil {
			t.Solana = &SolanaConfig{}
		}
		if t.Solana != nil && t.Solana.GenesisHash == "" {
			t.Solana.GenesisHash = preset.GenesisHash
		}
	}
	if t.Poll == 0 {
		t.Poll = 4 * time.Second
	}
	if t.Timeout == 0 {
		t.Timeout = 10 * time.Second
	}
	if t.SubmitTimeout == 0 {
		t.SubmitTimeout = 5 * time.Minute
	}
	if t.Solana != nil && t.Solana.MaxSetAge == 0 {
		t.Solana.MaxSetAge = 252 * time.Hour
	}
}

// Path returns where a path of the configuration is.
func (c Config) Path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.Dir, p)
}

// Target returns the configuration of a target.
func (c Config) Target(name string) (TargetConfig, error) {
	names := ""
	for _, t := range c.Targets {
		if t.Name == name {
			return t, nil
		}
		names += " " + t.Name
	}
	return TargetConfig{}, fmt.Errorf("no target is named %q: %s has%s", name, ConfigName, names)
}

// Logger writes as configured.
func (c LogConfig) Logger(w io.Writer) (*slog.Logger, error) {
	level, err := c.level()
	if err != nil {
		return nil, err
	}
	opts := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	}
	return slog.New(slog.NewTextHandler(w, opts)), nil
}

func (c LogConfig) level() (slog.Level, error) {
	var level slog.Level
	err := level.UnmarshalText([]byte(c.Level))
	return level, err
}
