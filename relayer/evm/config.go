// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"
)

// PoolConfig says when an endpoint's answers count.
type PoolConfig struct {
	// ChainID is the EIP-155 chain id that every endpoint must serve.
	ChainID uint64
	// Timeout bounds one call to one endpoint.
	Timeout time.Duration
	// Recheck is how long a checked chain id is believed, and how long an
	// endpoint that failed comes last.
	Recheck time.Duration
	// HeadTTL is how long an endpoint's newest block is taken as its newest.
	HeadTTL time.Duration
	// MaxHeadAge and MaxHeadSkew bound how old, and how far in the future, the
	// time of an endpoint's newest block may be. 0 is no limit.
	MaxHeadAge, MaxHeadSkew time.Duration
	// MaxLag is the number of blocks that an endpoint may be behind the best.
	MaxLag uint64
	// Quorum is the number of endpoints that must answer, at least 1.
	Quorum int
}

// SenderConfig holds the rules of the transaction manager. Fees are in wei.
type SenderConfig struct {
	// PollInterval is the time between two looks at the chain during a send.
	PollInterval time.Duration
	// ResubmitAfter is how long a transaction may stay unmined before its fees
	// are raised by FeeBumpPercent, at the same account nonce.
	ResubmitAfter  time.Duration
	FeeBumpPercent uint64
	// FeeLimitMultiplier bounds what raising leads to, as a multiple of the fee
	// that the chain suggests now. MaxFeeCap bounds every fee cap per gas.
	FeeLimitMultiplier uint64
	MaxFeeCap          *big.Int
	// MinTip is the least tip per gas; the chain's suggestion may be more.
	MinTip *big.Int
	// GasMarginPercent is added to the estimate of gas; above MaxGas nothing is
	// sent.
	GasMarginPercent, MaxGas uint64
	// MaxNonceTooLow is how often the account's nonce may turn out to be used
	// before a send ends and all is read anew.
	MaxNonceTooLow int
	// NotInMempool is how long no endpoint may have taken the transaction before
	// a send ends; SendTimeout how long a send may take. Both leave the
	// transaction in the journal.
	NotInMempool, SendTimeout time.Duration
	// RefusedBackoff is how long nothing is sent after a refusal. It doubles
	// with every further one up to MaxRefusedBackoff.
	RefusedBackoff, MaxRefusedBackoff time.Duration
	// BalanceFloor is the balance below which nothing is sent.
	BalanceFloor *big.Int
}

// Config is that of a target.
type Config struct {
	// Name of the target in logs and errors.
	Name string
	// HomeChain is the id of the Cupel chain that is mirrored.
	HomeChain string
	// Contract is the address of its CupelMirror.
	Contract common.Address
	Sender   SenderConfig
}

// DefaultPoolConfig returns the limits for a chain whose blocks come every few
// seconds.
func DefaultPoolConfig(chainID uint64) PoolConfig {
	return PoolConfig{
		ChainID: chainID, Timeout: 10 * time.Second, Recheck: 30 * time.Second, HeadTTL: time.Second,
		MaxHeadAge: 5 * time.Minute, MaxHeadSkew: 5 * time.Minute, MaxLag: 30, Quorum: 1,
	}
}

const gwei = 1_000_000_000

// DefaultSenderConfig returns the rules that the OP stack's services use, with
// a balance floor of 0.002 ether and a fee cap of 100 gwei.
func DefaultSenderConfig() SenderConfig {
	return SenderConfig{
		PollInterval: 2 * time.Second, ResubmitAfter: 48 * time.Second, FeeBumpPercent: 10,
		FeeLimitMultiplier: 5, MaxFeeCap: big.NewInt(100 * gwei), MinTip: big.NewInt(gwei / 1000),
		GasMarginPercent: 20, MaxGas: 5_000_000, MaxNonceTooLow: 3,
		NotInMempool: 2 * time.Minute, SendTimeout: 10 * time.Minute,
		RefusedBackoff: 30 * time.Second, MaxRefusedBackoff: 15 * time.Minute,
		BalanceFloor: big.NewInt(2_000_000 * gwei),
	}
}

// Validate reports all that is wrong.
func (c PoolConfig) Validate() error {
	var all []error
	if c.ChainID == 0 {
		all = append(all, errors.New("chain id is zero"))
	}
	if c.Timeout <= 0 || c.Recheck <= 0 {
		all = append(all, fmt.Errorf("timeout %s and recheck %s must be above zero", c.Timeout, c.Recheck))
	}
	if c.MaxHeadAge < 0 || c.MaxHeadSkew < 0 || c.HeadTTL < 0 {
		all = append(all, errors.New("head ttl and limits of the head's time must not be negative"))
	}
	if c.Quorum < 1 {
		all = append(all, fmt.Errorf("quorum is %d, it must be at least 1", c.Quorum))
	}
	return errors.Join(all...)
}

// Validate reports all that is wrong.
func (c SenderConfig) Validate() error {
	var all []error
	for name, d := range map[string]time.Duration{
		"poll interval": c.PollInterval, "resubmit after": c.ResubmitAfter, "not in mempool": c.NotInMempool,
		"send timeout": c.SendTimeout, "refused backoff": c.RefusedBackoff,
	} {
		if d <= 0 {
			all = append(all, fmt.Errorf("%s is %s, it must be above zero", name, d))
		}
	}
	for name, wei := range map[string]*big.Int{"max fee cap": c.MaxFeeCap, "min tip": c.MinTip, "balance floor": c.BalanceFloor} {
		if wei == nil || wei.Sign() < 0 {
			all = append(all, fmt.Errorf("%s is not set or negative", name))
		}
	}
	if c.MaxRefusedBackoff < c.RefusedBackoff {
		all = append(all, fmt.Errorf("max refused backoff %s is below refused backoff %s", c.MaxRefusedBackoff, c.RefusedBackoff))
	}
	if c.FeeBumpPercent < minBumpPercent {
		all = append(all, fmt.Errorf("fee bump of %d %% is below the %d %% that nodes ask for", c.FeeBumpPercent, minBumpPercent))
	}
	if c.FeeLimitMultiplier < 1 || c.MaxGas == 0 || c.MaxNonceTooLow < 1 {
		all = append(all, errors.New("fee limit multiplier, max gas and max nonce too low must be at least 1"))
	}
	return errors.Join(all...)
}

// Validate reports all that is wrong.
func (c Config) Validate() error {
	var all []error
	if c.Name == "" || c.HomeChain == "" {
		all = append(all, errors.New("name or home chain is empty"))
	}
	if c.Contract == (common.Address{}) {
		all = append(all, errors.New("contract address is zero"))
	}
	return errors.Join(append(all, c.Sender.Validate())...)
}
