// SPDX-License-Identifier: Apache-2.0

package relayer

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// targetName is what a target may be called: it is a label and a file name.
var targetName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// base58Hash is how Solana writes 32 bytes.
var base58Hash = regexp.MustCompile(`^[1-9A-HJ-NP-Za-km-z]{32,44}$`)

// Validate checks every field and names all that are wrong.
func (c Config) Validate() error {
	all := []error{c.Home.validate()}
	check(&all, len(c.Targets) > 0, "targets is empty: name at least one chain to mirror to")
	seen := make(map[string]bool)
	for i, t := range c.Targets {
		at := fmt.Sprintf("targets[%d]", i)
		if t.Name != "" {
			at = fmt.Sprintf("target %q", t.Name)
		}
		check(&all, !seen[t.Name], "%s: there are two of that name", at)
		seen[t.Name] = true
		all = append(all, t.validate(at))
	}
	_, _, err := net.SplitHostPort(c.Metrics.Listen)
	check(&all, err == nil, "metrics.listen %q is not host:port, such as 127.0.0.1:9464", c.Metrics.Listen)
	check(&all, c.Log.Format == "text" || c.Log.Format == "json", "log.format is %q, known are text and json", c.Log.Format)
	_, err = c.Log.level()
	check(&all, err == nil, "log.level is %q, known are debug, info, warn and error", c.Log.Level)
	return errors.Join(all...)
}

func (c HomeConfig) validate() error {
	var all []error
	check(&all, c.ChainID != "", "home.chain_id is empty: give the id of the chain, such as cupel-1")
	check(&all, len(c.RPC) > 0, "home.rpc is empty: give at least one CometBFT RPC URL, better two of different operators")
	checkURLs(&all, "home.rpc", c.RPC, "http", "https", "tcp")
	check(&all, within(c.Timeout, 100*time.Millisecond, time.Minute), "home.timeout is %s, allowed are 100ms to 1m", c.Timeout)
	check(&all, c.MaxLagBlocks >= 1, "home.max_lag_blocks is %d, at least 1 is needed", c.MaxLagBlocks)
	check(&all, c.Anchor != "", "home.anchor is empty: give the file that cupel-relayer anchor writes")
	return errors.Join(all...)
}

func (t TargetConfig) validate(at string) error {
	var all []error
	check(&all, targetName.MatchString(t.Name), "%s: name %q is not 1 to 32 of a-z, 0-9 and -", at, t.Name)
	if t.Preset != "" {
		preset, ok := presets[t.Preset]
		check(&all, ok, "%s: preset %q is not known; known are %s", at, t.Preset, strings.Join(PresetNames(), ", "))
		check(&all, !ok || preset.Type == t.Type, "%s: preset %s is of type %s, not %q", at, t.Preset, preset.Type, t.Type)
	}
	check(&all, len(t.RPC) > 0, "%s: rpc is empty: give at least one URL, better two of different operators", at)
	checkURLs(&all, at+": rpc", t.RPC, "http", "https")
	check(&all, t.Quorum >= 0 && t.Quorum <= max(len(t.RPC), 1), "%s: quorum is %d, allowed are 0 to the %d endpoints", at, t.Quorum, len(t.RPC))
	check(&all, within(t.Poll, 50*time.Millisecond, 10*time.Minute), "%s: poll is %s, allowed are 50ms to 10m", at, t.Poll)
	check(&all, within(t.Timeout, 100*time.Millisecond, time.Minute), "%s: timeout is %s, allowed are 100ms to 1m", at, t.Timeout)
	check(&all, within(t.SubmitTimeout, time.Second, time.Hour), "%s: submit_timeout is %s, allowed are 1s to 1h", at, t.SubmitTimeout)
	_, err := t.floor()
	check(&all, err == nil, "%s: balance_floor %q is not a whole number of wei or lamports", at, t.BalanceFloor)
	switch t.Type {
	case TypeEVM:
		check(&all, t.Solana == nil, "%s: solana settings on a target of type evm", at)
		all = append(all, t.EVM.validate(at), t.Key.validateEVM(at))
	case TypeSolana:
		check(&all, t.EVM == nil, "%s: evm settings on a target of type solana", at)
		all = append(all, t.Solana.validate(at), t.Key.validateSolana(at))
	default:
		check(&all, false, "%s: type is %q, known are evm and solana", at, t.Type)
	}
	return errors.Join(all...)
}

func (c *EVMConfig) validate(at string) error {
	if c == nil {
		return fmt.Errorf("%s: evm is missing: give at least evm.contract", at)
	}
	var all []error
	check(&all, c.ChainID != 0, "%s: evm.chain_id is not set: give it, or a preset", at)
	var contract checkpoint.Address
	err := contract.UnmarshalText([]byte(strings.ToLower(c.Contract)))
	check(&all, err == nil && !contract.IsZero(), "%s: evm.contract %q is not the address of a CupelMirror: 0x and 40 hex digits", at, c.Contract)
	for field, gwei := range map[string]float64{"max_fee_gwei": c.MaxFeeGwei, "min_tip_gwei": c.MinTipGwei} {
		check(&all, gwei >= 0 && gwei <= 1e6 && !math.IsNaN(gwei), "%s: evm.%s is %v, allowed are 0 (the default) to 1000000", at, field, gwei)
	}
	check(&all, c.ResubmitAfter >= 0, "%s: evm.resubmit_after is %s, it must not be negative", at, c.ResubmitAfter)
	return errors.Join(all...)
}

func (c *SolanaConfig) validate(at string) error {
	if c == nil || c.GenesisHash == "" {
		return fmt.Errorf("%s: solana.genesis_hash is not set: give it, or a preset", at)
	}
	if !base58Hash.MatchString(c.GenesisHash) {
		return fmt.Errorf("%s: solana.genesis_hash %q is not a hash in base58", at, c.GenesisHash)
	}
	if c.MaxSetAge < 0 {
		return fmt.Errorf("%s: solana.max_set_age is %s, it must not be negative", at, c.MaxSetAge)
	}
	return nil
}

func (k KeyConfig) validateEVM(at string) error {
	var all []error
	check(&all, (k.File == "") != (k.Remote == ""), "%s: key needs either file (a keystore) or remote (the URL of a signer)", at)
	if k.File != "" {
		check(&all, (k.PasswordFile == "") != (k.PasswordEnv == ""), "%s: key.file needs either password_file or password_env", at)
	}
	if k.Remote != "" {
		checkURLs(&all, at+": key.remote", []string{k.Remote}, "http", "https")
		var address checkpoint.Address
		err := address.UnmarshalText([]byte(strings.ToLower(k.Address)))
		check(&all, err == nil && !address.IsZero(), "%s: key.address %q is not the account for which key.remote signs", at, k.Address)
	}
	return errors.Join(all...)
}

func (k KeyConfig) validateSolana(at string) error {
	if k.File == "" || k.Remote != "" {
		return fmt.Errorf("%s: key.file is needed: a keypair in the JSON format of the Solana tools", at)
	}
	return nil
}

// floor is the balance floor, nil if it is not set.
func (t TargetConfig) floor() (*big.Int, error) {
	if t.BalanceFloor == "" {
		return nil, nil //nolint:nilnil // not set is not an error: the target's default holds
	}
	n, ok := new(big.Int).SetString(t.BalanceFloor, 10)
	if !ok || n.Sign() < 0 {
		return nil, fmt.Errorf("%q is not a number of 0 or more", t.BalanceFloor)
	}
	return n, nil
}

// checkURLs does not print URLs: they often hold keys.
func checkURLs(all *[]error, field string, urls []string, schemes ...string) {
	for i, raw := range urls {
		u, err := url.Parse(raw)
		ok := err == nil && u.Host != ""
		known := false
		for _, scheme := range schemes {
			known = known || (ok && u.Scheme == scheme)
		}
		check(all, known, "%s[%d] is not a URL that begins with %s://", field, i, strings.Join(schemes, ":// or "))
	}
}

func check(all *[]error, ok bool, format string, args ...any) {
	if !ok {
		*all = append(*all, fmt.Errorf(format, args...))
	}
}

func within(d, least, most time.Duration) bool { return d >= least && d <= most }
