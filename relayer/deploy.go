// SPDX-License-Identifier: Apache-2.0

package relayer

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"

	"github.com/cupel-network/cupel/relayer/evm"
	"github.com/cupel-network/cupel/relayer/evm/contract"
	"github.com/cupel-network/cupel/relayer/mirror"
)

// Deployment says who owns a new mirror and how long its sets count.
type Deployment struct {
	// Owner installs sets when the attestors cannot; Guardian may pause.
	Owner, Guardian common.Address
	// MaxSetAge is at most half of the home chain's unbonding time.
	MaxSetAge  time.Duration
	OwnerDelay time.Duration
}

// Deployed is a mirror that is in a block.
type Deployed struct {
	Contract    common.Address `json:"contract"`
	DeployBlock uint64         `json:"deploy_block"`
	Transaction common.Hash    `json:"transaction"`
	GasUsed     uint64         `json:"gas_used"`
}

// Deploy deploys a CupelMirror to an EVM target from home's anchor and returns
// once it is in a block. The key of the target pays.
func Deploy(ctx context.Context, cfg Config, t TargetConfig, d Deployment) (Deployed, error) {
	if t.Type != TypeEVM || t.EVM == nil {
		return Deployed{}, fmt.Errorf("%s is not an EVM target: only those have a contract", t.Name)
	}
	anchor, err := LoadAnchor(cfg, cfg.Home.Anchor)
	if err != nil {
		return Deployed{}, err
	}
	signer, err := evmSigner(ctx, cfg, t.Key)
	if err != nil {
		return Deployed{}, err
	}
	client, err := deployClient(ctx, t)
	if err != nil {
		return Deployed{}, err
	}
	defer client.Close()
	opts := &bind.TransactOpts{From: signer.Address(), Context: ctx, Signer: func(_ common.Address, tx *types.Transaction) (*types.Transaction, error) {
		if limit := t.sender().MaxFeeCap; tx.GasFeeCap().Cmp(limit) > 0 {
			return nil, fmt.Errorf("%w: the endpoint asks for a fee cap of %s wei per gas, evm.max_fee_gwei allows %s", mirror.ErrFeeTooHigh, tx.GasFeeCap(), limit)
		}
		// What is handed in names no chain yet.
		return signer.Sign(ctx, types.NewTx(&types.DynamicFeeTx{
			ChainID: new(big.Int).SetUint64(t.EVM.ChainID), Nonce: tx.Nonce(), GasTipCap: tx.GasTipCap(), GasFeeCap: tx.GasFeeCap(),
			Gas: tx.Gas(), Value: tx.Value(), Data: tx.Data(),
		}))
	}}
	address, tx, err := contract.Deploy(opts, client, contract.Deployment{
		HomeChain: cfg.Home.ChainID, Nonce: anchor.Nonce, Root: anchor.Root, Set: anchor.Set,
		MaxSetAge: d.MaxSetAge, OwnerDelay: d.OwnerDelay, Owner: d.Owner, Guardian: d.Guardian,
	})
	if err != nil {
		return Deployed{}, fmt.Errorf("deploy to %s: %w", t.Name, evm.Redact(err))
	}
	receipt, err := bind.WaitMined(ctx, client, tx.Hash())
	if err != nil {
		return Deployed{}, fmt.Errorf("transaction %s may still land: %w", tx.Hash(), evm.Redact(err))
	}
	if receipt.Status != types.ReceiptStatusSuccessful {
		return Deployed{}, fmt.Errorf("the deployment in transaction %s was reverted", tx.Hash())
	}
	code, err := client.CodeAt(ctx, address, receipt.BlockNumber)
	if err == nil {
		err = contract.VerifyCode(code)
	}
	return Deployed{address, receipt.BlockNumber.Uint64(), tx.Hash(), receipt.GasUsed}, err
}

// deployClient returns the first endpoint that is of the target's chain.
func deployClient(ctx context.Context, t TargetConfig) (*ethclient.Client, error) {
	var errs []error
	for _, url := range t.RPC {
		client, err := ethclient.DialContext(ctx, url)
		if err != nil {
			errs = append(errs, evm.Redact(err))
			continue
		}
		id, err := client.ChainID(ctx)
		if err == nil && id.Uint64() == t.EVM.ChainID {
			return client, nil
		}
		client.Close()
		if err == nil {
			err = fmt.Errorf("%w: an endpoint of %s is of chain %d, configured is %d", mirror.ErrWrongChain, t.Name, id, t.EVM.ChainID)
		}
		errs = append(errs, evm.Redact(err))
	}
	return nil, fmt.Errorf("%w: no endpoint of %s can be used: %w", mirror.ErrUnknown, t.Name, errors.Join(errs...))
}
