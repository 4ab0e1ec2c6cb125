// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"errors"

	"github.com/cupel-network/cupel/worker/policy"
)

// AppealConfig says when the worker asks for a jury.
type AppealConfig struct {
	Enabled bool `yaml:"enabled"`
	// MaxBond is the most that open appeals hold together, in ucupel.
	MaxBond uint64 `yaml:"max_bond"`
	// Confidence is how likely a jury is thought to agree, in percent.
	Confidence uint32 `yaml:"confidence"`
}

func (c AppealConfig) validate() error {
	var all []error
	check(&all, c.Confidence <= 100, "appeal.confidence is %d, allowed are 0 to 100 percent", c.Confidence)
	check(&all, !c.Enabled || c.MaxBond > 0, "appeal.max_bond is 0: set appeal.enabled to false if nothing shall be staked")
	return errors.Join(all...)
}

// appeals are the terms on which the guard stakes bonds: the worker's own coins
// pay them, for a fee grant pays fees alone.
func (s *Service) appeals() policy.Appeals {
	return policy.Appeals{
		Enabled: s.cfg.Appeal.Enabled, MaxBond: s.cfg.Appeal.MaxBond, Confidence: s.cfg.Appeal.Confidence,
		Account: s.signer.Address, Keep: s.cfg.FeeReserve(),
	}
}

// FeeReserve is what the worker's own account keeps for fees, in ucupel: nothing
// if another one pays them.
func (c Config) FeeReserve() uint64 {
	if c.Fees.Granter != "" {
		return 0
	}
	return c.Fees.MinBalance
}
