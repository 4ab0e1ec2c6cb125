// SPDX-License-Identifier: Apache-2.0

package session

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"
)

// Config is the section `sessions` of the worker's configuration. The front is
// off while Listen is empty.
type Config struct {
	Listen string `yaml:"listen"`
	// TLS is empty for plain HTTP.
	TLS TLSConfig `yaml:"tls,omitempty"`
	// Class is the hardware class whose price sessions pin.
	Class    string         `yaml:"class"`
	Denom    string         `yaml:"denom"`
	Upstream UpstreamConfig `yaml:"upstream"`
	Models   []Model        `yaml:"models,omitempty"`
	Limits   LimitsConfig   `yaml:"limits"`
	Redeem   RedeemConfig   `yaml:"redeem"`
}

// UpstreamConfig says where the inference server is.
type UpstreamConfig struct {
	// URL up to and with /v1.
	URL string `yaml:"url"`
	// KeyFile holds the bearer key that the server wants, or is empty.
	KeyFile string `yaml:"key_file"`
	// FirstByte and Total bound the wait for an answer to begin and to end.
	FirstByte time.Duration `yaml:"first_byte"`
	Total     time.Duration `yaml:"total"`
}

// Model is one model on sale. Prices are in base units of the denom per 1,000
// tokens; a session never pays more than the price that it pinned.
type Model struct {
	Name string `yaml:"name"`
	// Upstream is its name at the inference server; empty means Name.
	Upstream string `yaml:"upstream"`
	Input    uint64 `yaml:"input"`
	Output   uint64 `yaml:"output"`
	// Context is the most tokens of a prompt, MaxOutput of an answer.
	Context   uint64 `yaml:"context"`
	MaxOutput uint64 `yaml:"max_output"`
}

// LimitsConfig bounds what clients may ask for.
type LimitsConfig struct {
	BodyKiB int64 `yaml:"body_kib"`
	// Calls at once: of all sessions, and of one.
	Calls      int `yaml:"calls"`
	PerSession int `yaml:"per_session"`
	// PerMinute is the most calls that one session may begin in a minute.
	PerMinute int `yaml:"per_minute"`
	// MinOutput is how many tokens of output a voucher must cover at least
	// when the client names no limit.
	MinOutput uint64 `yaml:"min_output"`
}

// RedeemConfig says when vouchers go to the chain. Amounts are in base units.
type RedeemConfig struct {
	Every time.Duration `yaml:"every"`
	// Above is the unredeemed amount of a session that is redeemed at once.
	Above uint64 `yaml:"above"`
	// Least is the amount below which a redeem is not worth its fee.
	Least uint64 `yaml:"least"`
	// BeforeExpiry is how long before a session's end it is redeemed.
	BeforeExpiry time.Duration `yaml:"before_expiry"`
}

// tokenScale is the number of tokens that prices are for.
const tokenScale = 1000

// Bounds of the configuration: a price times the tokens of a call fits 63 bits.
const (
	maxPrice  = 1_000_000_000
	maxTokens = 16_000_000
)

// DefaultConfig is a front that is off, with every limit set.
func DefaultConfig(denom string) Config {
	return Config{
		Denom:    denom,
		Upstream: UpstreamConfig{FirstByte: 2 * time.Minute, Total: 10 * time.Minute},
		Limits:   LimitsConfig{BodyKiB: 1024, Calls: 64, PerSession: 8, PerMinute: 240, MinOutput: 64},
		Redeem:   RedeemConfig{Every: time.Hour, Above: 5_000_000, Least: 1_000, BeforeExpiry: time.Hour},
	}
}

// Enabled reports whether the front is configured.
func (c Config) Enabled() bool { return c.Listen != "" }

// Validate checks every field of a front that is on and names all that are
// wrong.
func (c Config) Validate() error {
	if !c.Enabled() {
		return nil
	}
	var all []error
	_, _, err := net.SplitHostPort(c.Listen)
	check(&all, err == nil, "sessions.listen %q is not host:port", c.Listen)
	check(&all, (c.TLS.Cert == "") == (c.TLS.Key == ""), "sessions.tls needs both cert and key, or neither for plain HTTP")
	check(&all, c.Class != "", "sessions.class is empty: give the registered class that is paid per 1000 tokens")
	check(&all, c.Denom != "", "sessions.denom is empty: give the denom of the prices, such as ucupel")
	u, err := url.Parse(c.Upstream.URL)
	ok := err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
	check(&all, ok, "sessions.upstream.url %q is not an http:// or https:// URL such as http://127.0.0.1:8000/v1", c.Upstream.URL)
	check(&all, c.Upstream.FirstByte >= time.Second, "sessions.upstream.first_byte is %s, at least 1s is needed", c.Upstream.FirstByte)
	check(&all, c.Upstream.Total >= c.Upstream.FirstByte, "sessions.upstream.total is %s, less than first_byte", c.Upstream.Total)
	check(&all, len(c.Models) > 0, "sessions.models is empty: name at least one model")
	seen := make(map[string]bool)
	for _, m := range c.Models {
		check(&all, !seen[m.Name], "sessions.models names %q twice", m.Name)
		seen[m.Name] = true
		all = append(all, m.validate())
	}
	return errors.Join(append(all, c.Limits.validate(), c.Redeem.validate())...)
}

func (m Model) validate() error {
	var all []error
	check(&all, m.Name != "" && len(m.Name) <= 200, "sessions.models: a name has 1 to 200 characters, not %d", len(m.Name))
	check(&all, m.Input <= maxPrice && m.Output <= maxPrice && m.Output > 0,
		"sessions.models %q: prices are %d and %d per 1000 tokens, allowed are 0 to %d, and output above 0", m.Name, m.Input, m.Output, maxPrice)
	check(&all, m.Context >= 16 && m.Context <= maxTokens, "sessions.models %q: context is %d, allowed are 16 to %d tokens", m.Name, m.Context, maxTokens)
	check(&all, m.MaxOutput >= 1 && m.MaxOutput <= m.Context, "sessions.models %q: max_output is %d, allowed are 1 to context", m.Name, m.MaxOutput)
	return errors.Join(all...)
}

func (c LimitsConfig) validate() error {
	var all []error
	check(&all, c.BodyKiB >= 1 && c.BodyKiB <= 64<<10, "sessions.limits.body_kib is %d, allowed are 1 to 65536", c.BodyKiB)
	check(&all, c.Calls >= 1, "sessions.limits.calls is %d, at least 1 is needed", c.Calls)
	check(&all, c.PerSession >= 1 && c.PerSession <= c.Calls, "sessions.limits.per_session is %d, allowed are 1 to calls (%d)", c.PerSession, c.Calls)
	check(&all, c.PerMinute >= 1, "sessions.limits.per_minute is %d, at least 1 is needed", c.PerMinute)
	check(&all, c.MinOutput >= 1, "sessions.limits.min_output is %d, at least 1 is needed", c.MinOutput)
	return errors.Join(all...)
}

func (c RedeemConfig) validate() error {
	var all []error
	check(&all, c.Every >= time.Second && c.Every <= 12*time.Hour, "sessions.redeem.every is %s, allowed are 1s to 12h", c.Every)
	check(&all, c.Above >= c.Least && c.Above > 0, "sessions.redeem.above is %d, less than least (%d) or 0", c.Above, c.Least)
	check(&all, c.BeforeExpiry >= 0, "sessions.redeem.before_expiry is negative")
	return errors.Join(all...)
}

// UpstreamName is the name that the inference server knows the model by.
func (m Model) UpstreamName() string {
	if m.Upstream != "" {
		return m.Upstream
	}
	return m.Name
}

// priceFor is the cost of tokens in thousandths of a base unit. A session
// never pays more per 1,000 tokens than it pinned.
func (m Model) priceFor(in, out, pinned uint64) uint64 {
	return in*min(m.Input, pinned) + out*min(m.Output, pinned)
}

func check(all *[]error, ok bool, format string, args ...any) {
	if !ok {
		*all = append(*all, fmt.Errorf(format, args...))
	}
}
