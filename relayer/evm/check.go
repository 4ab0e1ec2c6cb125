// SPDX-License-Identifier: Apache-2.0

package evm

import (
	"context"
	"fmt"
	"strings"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/cupel-network/cupel/relayer/evm/contract"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// Deployed is what the contract says of itself in the newest block.
type Deployed struct {
	Nonce   uint64          `json:"nonce,string"`
	Root    checkpoint.Hash `json:"root"`
	SetHash checkpoint.Hash `json:"set_hash"`
	// SetTime is when the current set was frozen, in Unix seconds.
	SetTime uint64 `json:"set_time,string"`
	Paused  bool   `json:"paused"`
}

// Check returns what is deployed. It is mirror.ErrWrongChain unless the code is
// that of CupelMirror and its domain that of the configured home chain.
func (t *Target) Check(ctx context.Context) (Deployed, error) {
	return check(ctx, t.pool, t.abi, t.cfg.Contract, t.domain)
}

func check(ctx context.Context, p *Pool, abi *contract.CupelMirror, address common.Address, domain checkpoint.Domain) (Deployed, error) {
	return ask(ctx, p, func(ctx context.Context, c Client, head *types.Header) (Deployed, error) {
		return checkAt(ctx, c, abi, address, domain, head.Hash())
	})
}

// checkAt checks code and domain at a block.
func checkAt(ctx context.Context, c Reader, abi *contract.CupelMirror, address common.Address, domain checkpoint.Domain, block common.Hash) (Deployed, error) {
	code, err := c.CodeAtHash(ctx, address, block)
	if err != nil {
		return Deployed{}, err
	}
	if err := contract.VerifyCode(code); err != nil {
		return Deployed{}, fmt.Errorf("%w: contract %s: %w", mirror.ErrWrongChain, address, err)
	}
	call := func(data []byte) ([]byte, error) {
		return c.CallContractAtHash(ctx, ethereum.CallMsg{To: &address, Data: data}, block)
	}
	out, err := call(abi.PackDomainSeparator())
	if err != nil {
		return Deployed{}, err
	}
	separator, err := abi.UnpackDomainSeparator(out)
	if err != nil {
		return Deployed{}, err
	}
	if separator != domain.Separator() {
		return Deployed{}, fmt.Errorf("%w: contract %s mirrors a chain with the domain separator %#x, want %s", mirror.ErrWrongChain, address, separator, domain.Separator())
	}
	if out, err = call(abi.PackState()); err != nil {
		return Deployed{}, err
	}
	s, err := abi.UnpackState(out)
	if err != nil {
		return Deployed{}, err
	}
	return Deployed{Nonce: s.Nonce, Root: s.Root, SetHash: s.SetHash, SetTime: s.SetTime, Paused: s.Paused}, nil
}

// newRevertError returns the name and the arguments of a decoded custom error.
func newRevertError(custom any) *RevertError {
	name := strings.TrimPrefix(fmt.Sprintf("%T", custom), "*contract.CupelMirror")
	args := strings.TrimPrefix(fmt.Sprintf("%+v", custom), "&")
	return &RevertError{Name: name, Args: args}
}
