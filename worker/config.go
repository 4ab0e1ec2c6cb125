// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"gopkg.in/yaml.v3"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/session"
)

// ConfigName is the file of the configuration in a worker's home.
const ConfigName = "config.yaml"

// Config is what config.yaml says. Relative paths are below the home.
type Config struct {
	// Home is where the file is; it is not in the file.
	Home string `yaml:"-"`

	Chain     ChainConfig    `yaml:"chain"`
	Key       KeyConfig      `yaml:"key"`
	Work      WorkConfig     `yaml:"work"`
	Engines   EnginesConfig  `yaml:"engines"`
	Artifacts ArtifactConfig `yaml:"artifacts"`
	HTTP      HTTPConfig     `yaml:"http"`
	Fees      FeesConfig     `yaml:"fees"`
	Policy    PolicyConfig   `yaml:"policy"`
	Appeal    AppealConfig   `yaml:"appeal"`
	Sessions  session.Config `yaml:"sessions,omitempty"`
	Log       LogConfig      `yaml:"log"`
}

// ChainConfig says which chain is worked for and how it is reached.
type ChainConfig struct {
	ID           string        `yaml:"id"`
	RPC          []string      `yaml:"rpc"`
	Poll         time.Duration `yaml:"poll"`
	Timeout      time.Duration `yaml:"timeout"`
	MaxLagBlocks int64         `yaml:"max_lag_blocks"`
	// Agree is the number of endpoints that must give the same answer; 0 means
	// more than half of three or more, and one of fewer.
	Agree int `yaml:"agree"`
}

// KeyConfig names the hot key.
type KeyConfig struct {
	// Remote and Token belong to the backend "remote"; Next is the key that
	// takes over once the chain names it.
	Remote string `yaml:"remote,omitempty"`
	Token  string `yaml:"token,omitempty"`
	Next   string `yaml:"next,omitempty"`

	Backend string `yaml:"backend"`
	Dir     string `yaml:"dir"`
	Name    string `yaml:"name"`
	Secret  string `yaml:"secret"`
	// Encryption is the file of the age identities.
	Encryption string `yaml:"encryption"`
}

// WorkConfig bounds what is done at once.
type WorkConfig struct {
	Slots     int           `yaml:"slots"`
	FetchFor  time.Duration `yaml:"fetch_for"`
	Grace     time.Duration `yaml:"grace"`
	Retention time.Duration `yaml:"retention"`
}

// EnginesConfig configures the built-in engines.
type EnginesConfig struct {
	WASM      WASMConfig      `yaml:"wasm"`
	Container ContainerConfig `yaml:"container"`
	Slurm     SlurmConfig     `yaml:"slurm"`
}

// WASMConfig configures the WebAssembly engine.
type WASMConfig struct {
	Enabled  bool  `yaml:"enabled"`
	CacheMiB int64 `yaml:"cache_mib"`
	// Fleet is where the jobs run: see FleetSlurm.
	Fleet string `yaml:"fleet"`
}

// ArtifactConfig says what is fetched and kept.
type ArtifactConfig struct {
	FileRoots    []string      `yaml:"file_roots"`
	PrivateHosts bool          `yaml:"private_hosts"`
	MaxMiB       int64         `yaml:"max_mib"`
	CacheMiB     int64         `yaml:"cache_mib"`
	Timeout      time.Duration `yaml:"timeout"`
	// S3 are the buckets that s3:// may name.
	S3 []BucketConfig `yaml:"s3,omitempty"`
	// IPFSGateways are trustless gateways for ipfs://, tried in order.
	IPFSGateways []string `yaml:"ipfs_gateways,omitempty"`
}

// HTTPConfig says where artifacts are served. Endpoint is the URL that is
// registered on chain. Metrics and status are on Listen too unless Operations
// names another address.
type HTTPConfig struct {
	Listen     string `yaml:"listen"`
	Endpoint   string `yaml:"endpoint"`
	Operations string `yaml:"operations"`
}

// FeesConfig bounds what the worker spends.
type FeesConfig struct {
	GasPrice   string        `yaml:"gas_price"`
	PerHour    uint64        `yaml:"per_hour"`
	MinBalance uint64        `yaml:"min_balance"`
	Granter    string        `yaml:"granter"`
	TTL        time.Duration `yaml:"ttl"`
	MaxTxGas   uint64        `yaml:"max_tx_gas"`
}

// LogConfig says what is logged and how. File is empty for standard error; a
// file is rotated at MaxMiB, Keep old ones are kept, none longer than MaxAge.
type LogConfig struct {
	Level  string        `yaml:"level"`
	Format string        `yaml:"format"`
	File   string        `yaml:"file"`
	MaxMiB int64         `yaml:"max_mib"`
	Keep   int           `yaml:"keep"`
	MaxAge time.Duration `yaml:"max_age"`
}

// DefaultConfig is a configuration that is valid but for the chain's id and
// endpoints.
func DefaultConfig(home string) Config {
	return Config{
		Home:  home,
		Chain: ChainConfig{Poll: 300 * time.Millisecond, Timeout: 5 * time.Second, MaxLagBlocks: 10},
		Key:   KeyConfig{Backend: "file", Name: "worker", Secret: "secret", Encryption: "encryption.key"},
		Work:  WorkConfig{Slots: 2, FetchFor: 30 * time.Second, Grace: 30 * time.Second, Retention: 24 * time.Hour},
		Engines: EnginesConfig{
			WASM: WASMConfig{Enabled: true, CacheMiB: 2048}, Slurm: defaultSlurm(), Container: defaultContainer(),
		},
		Artifacts: ArtifactConfig{MaxMiB: 2048, CacheMiB: 16384, Timeout: 10 * time.Minute},
		HTTP:      HTTPConfig{Listen: "127.0.0.1:8080", Endpoint: "http://127.0.0.1:8080", Operations: "127.0.0.1:8081"},
		Fees:      FeesConfig{GasPrice: "0.001" + chain.Denom, PerHour: 5_000_000, MinBalance: 100_000, TTL: time.Minute, MaxTxGas: 20_000_000},
		Appeal:    AppealConfig{Enabled: true, MaxBond: 100_000_000, Confidence: 80},
		Sessions:  session.DefaultConfig(chain.Denom),
		Log:       LogConfig{Level: "info", Format: "text", MaxMiB: 64, Keep: 7, MaxAge: 30 * 24 * time.Hour},
	}
}

// LoadConfig reads and validates the configuration in home. A field that the
// program does not know is an error.
func LoadConfig(home string) (Config, error) {
	raw, err := os.ReadFile(filepath.Join(home, ConfigName))
	if err != nil {
		return Config{}, fmt.Errorf("read the configuration: %w (cupel-worker init makes one)", err)
	}
	cfg := DefaultConfig(home)
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&cfg); err != nil && !errors.Is(err, io.EOF) {
		return Config{}, fmt.Errorf("read %s: %w", ConfigName, err)
	}
	return cfg, cfg.Validate()
}

// Path returns where a path of the configuration is.
func (c Config) Path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.Home, p)
}

// Validate checks every field and names all that are wrong.
func (c Config) Validate() error {
	return errors.Join(c.Chain.validate(), c.Key.validate(), c.Work.validate(), c.Engines.validate(),
		c.Artifacts.validate(), c.HTTP.validate(), c.Fees.validate(), c.Appeal.validate(), c.Log.validate(), c.Sessions.Validate())
}

func (c ChainConfig) validate() error {
	var all []error
	check(&all, c.ID != "", "chain.id is empty: give the id of the chain, such as cupel-1")
	check(&all, len(c.RPC) > 0, "chain.rpc is empty: give at least one CometBFT RPC URL, such as http://127.0.0.1:26657")
	for _, raw := range c.RPC {
		u, err := url.Parse(raw)
		ok := err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "tcp")
		check(&all, ok, "chain.rpc %q is not an http://, https:// or tcp:// URL", raw)
	}
	check(&all, within(c.Poll, 50*time.Millisecond, time.Minute), "chain.poll is %s, allowed are 50ms to 1m", c.Poll)
	check(&all, within(c.Timeout, 100*time.Millisecond, time.Minute), "chain.timeout is %s, allowed are 100ms to 1m", c.Timeout)
	check(&all, c.Agree >= 0 && c.Agree <= len(c.RPC), "chain.agree is %d, but there are %d endpoints", c.Agree, len(c.RPC))
	check(&all, c.MaxLagBlocks >= 1, "chain.max_lag_blocks is %d, at least 1 is needed", c.MaxLagBlocks)
	return errors.Join(all...)
}

func (c KeyConfig) validate() error {
	var all []error
	c.validateBackend(&all)
	check(&all, c.Name != "", "key.name is empty: give the name of the worker's key")
	check(&all, c.Secret != "", "key.secret is empty: give the file of the salt secret")
	check(&all, c.Encryption != "", "key.encryption is empty: give the file of the age identities")
	return errors.Join(all...)
}

func (c WorkConfig) validate() error {
	var all []error
	check(&all, c.Slots >= 1 && c.Slots <= 1024, "work.slots is %d, allowed are 1 to 1024", c.Slots)
	check(&all, within(c.FetchFor, time.Second, time.Hour), "work.fetch_for is %s, allowed are 1s to 1h", c.FetchFor)
	check(&all, within(c.Grace, 0, 10*time.Minute), "work.grace is %s, allowed are 0s to 10m", c.Grace)
	check(&all, c.Retention >= time.Second, "work.retention is %s, at least 1s is needed", c.Retention)
	return errors.Join(all...)
}

func (c EnginesConfig) validate() error {
	var all []error
	check(&all, !c.WASM.Enabled || c.WASM.CacheMiB >= 64, "engines.wasm.cache_mib is %d, at least 64 are needed", c.WASM.CacheMiB)
	return errors.Join(append(all, validateFleet("wasm", c.WASM.Fleet), c.Slurm.validate(), c.Container.validate())...)
}

func (c ArtifactConfig) validate() error {
	var all []error
	for _, root := range c.FileRoots {
		check(&all, filepath.IsAbs(root) && filepath.Clean(root) != "/", "artifacts.file_roots %q is not an absolute path below /", root)
	}
	check(&all, c.MaxMiB >= 1, "artifacts.max_mib is %d, at least 1 is needed", c.MaxMiB)
	check(&all, c.CacheMiB >= c.MaxMiB, "artifacts.cache_mib is %d, less than artifacts.max_mib (%d)", c.CacheMiB, c.MaxMiB)
	check(&all, c.Timeout >= time.Second, "artifacts.timeout is %s, at least 1s is needed", c.Timeout)
	return errors.Join(append(all, c.validateSources())...)
}

func (c HTTPConfig) validate() error {
	var all []error
	for name, addr := range map[string]string{"listen": c.Listen, "operations": c.Operations} {
		if addr == "" && name == "operations" {
			continue
		}
		_, _, err := net.SplitHostPort(addr)
		check(&all, err == nil, "http.%s %q is not host:port", name, addr)
	}
	u, err := url.Parse(c.Endpoint)
	ok := err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
	check(&all, ok, "http.endpoint %q is not an http:// or https:// URL", c.Endpoint)
	return errors.Join(all...)
}

func (c FeesConfig) validate() error {
	var all []error
	_, err := sdk.ParseDecCoin(c.GasPrice)
	check(&all, err == nil, "fees.gas_price %q is not a price such as 0.001ucupel", c.GasPrice)
	if c.Granter != "" {
		_, err := chain.ParseAddress(c.Granter)
		check(&all, err == nil, "fees.granter %q is not a cupel address", c.Granter)
	}
	check(&all, within(c.TTL, 5*time.Second, 5*time.Minute), "fees.ttl is %s, allowed are 5s to 5m", c.TTL)
	check(&all, c.MaxTxGas >= 500_000, "fees.max_tx_gas is %d, at least 500000 are needed", c.MaxTxGas)
	return errors.Join(all...)
}

func (c LogConfig) validate() error {
	var all []error
	check(&all, c.Format == "text" || c.Format == "json", "log.format is %q, known are text and json", c.Format)
	c.validateFile(&all)
	_, err := c.level()
	check(&all, err == nil, "log.level is %q, known are debug, info, warn and error", c.Level)
	return errors.Join(all...)
}

func check(all *[]error, ok bool, format string, args ...any) {
	if !ok {
		*all = append(*all, fmt.Errorf(format, args...))
	}
}

func within(d, least, most time.Duration) bool { return d >= least && d <= most }
