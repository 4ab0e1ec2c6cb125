// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// ErrForeignCode is returned for code that is not CupelMirror's.
var ErrForeignCode = errors.New("code is not that of CupelMirror")

// Deployment is what a mirror is deployed with. All of it is fixed but the owner.
type Deployment struct {
	// HomeChain is the chain id of the Cupel chain.
	HomeChain string
	// Nonce and Root are the anchor: the last header that the mirror does not
	// check. Both zero mean the whole line, from nonce 1.
	Nonce uint64
	Root  checkpoint.Hash
	// Set signs the header after the anchor.
	Set checkpoint.Set
	// MaxSetAge is the age from which a set is refused: at most half of the
	// unbonding time of the Cupel chain.
	MaxSetAge time.Duration
	// OwnerDelay is how long a change of owner waits.
	OwnerDelay time.Duration
	// Owner and Guardian are different accounts.
	Owner, Guardian common.Address
}

// Validate returns an error for what the constructor would refuse, but for the
// time of the set, which depends on the block.
func (d Deployment) Validate() error {
	switch {
	case d.HomeChain == "":
		return errors.New("home chain is empty")
	case d.Nonce != 0 && d.Root.IsZero():
		return fmt.Errorf("root of the anchor at nonce %d is zero", d.Nonce)
	case d.Nonce == 0 && !d.Root.IsZero() && d.Root != checkpoint.NewDomain(d.HomeChain).GenesisRoot():
		return errors.New("root of the anchor at nonce 0 is not the domain separator: leave it out")
	case d.MaxSetAge < time.Second || d.OwnerDelay < time.Second:
		return errors.New("max set age or owner delay is below a second")
	case d.Owner == common.Address{} || d.Guardian == common.Address{} || d.Owner == d.Guardian:
		return errors.New("owner and guardian must be two accounts, none of them zero")
	}
	if err := d.Set.Validate(); err != nil {
		return fmt.Errorf("set: %w", err)
	}
	return nil
}

// arguments returns the constructor's arguments.
func (d Deployment) arguments() ([]byte, error) {
	if err := d.Validate(); err != nil {
		return nil, fmt.Errorf("deployment: %w", err)
	}
	domain := checkpoint.NewDomain(d.HomeChain)
	root := d.Root
	if root.IsZero() {
		root = domain.GenesisRoot()
	}
	parsed := NewCupelMirror().GetABI()
	return parsed.Pack("", [32]byte(domain.Salt()), d.Nonce, [32]byte(root), FromSet(d.Set),
		uint64(d.MaxSetAge/time.Second), big.NewInt(int64(d.OwnerDelay/time.Second)), d.Owner, d.Guardian) // #nosec G115 -- at least a second
}

// InitCode returns the data of the transaction that deploys the mirror.
func (d Deployment) InitCode() ([]byte, error) {
	arguments, err := d.arguments()
	if err != nil {
		return nil, err
	}
	return append(common.FromHex(CupelMirrorMetaData.Bin), arguments...), nil
}

// Deploy sends the transaction that deploys the mirror and returns the address
// that it will have. It does not wait.
func Deploy(opts *bind.TransactOpts, backend bind.ContractBackend, d Deployment) (common.Address, *types.Transaction, error) {
	arguments, err := d.arguments()
	if err != nil {
		return common.Address{}, nil, err
	}
	return bind.DeployContract(opts, common.FromHex(CupelMirrorMetaData.Bin), backend, arguments)
}

// VerifyCode returns ErrForeignCode unless the code at an address is that of
// CupelMirror. Immutables may have any value: read salt, maxSetAge and guardian.
func VerifyCode(code []byte) error {
	want, err := hex.DecodeString(runtimeCode)
	if err != nil {
		return err
	}
	if len(code) != len(want) {
		return fmt.Errorf("%w: it has %d bytes, want %d", ErrForeignCode, len(code), len(want))
	}
	masked := make([]byte, len(code))
	copy(masked, code)
	for _, at := range immutables {
		clear(masked[at[0] : at[0]+at[1]])
	}
	for i := range masked {
		if masked[i] != want[i] {
			return fmt.Errorf("%w: it differs at byte %d", ErrForeignCode, i)
		}
	}
	return nil
}
