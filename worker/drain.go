// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	sdkmath "cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cupel-network/cupel/worker/chain"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

const drainGas = 250_000

// Drain stops (or, with drain false, resumes) taking new work: it sends one
// transaction of the worker's key and waits until a block has it. It returns
// the status of the provider then.
func Drain(ctx context.Context, cfg Config, ring keyring.Keyring, drain bool) (registrytypes.ProviderStatus, error) {
	client, err := NewChain(cfg)
	if err != nil {
		return 0, err
	}
	enc, err := chain.NewEncoding()
	if err != nil {
		return 0, err
	}
	signer, err := chain.NewSigner(enc, ring, cfg.Key.Name, cfg.Chain.ID, cfg.Fees.Granter)
	if err != nil {
		return 0, err
	}
	if err := sendAndWait(ctx, cfg, client, signer, &registrytypes.MsgDrain{Signer: signer.Address(), Drain: drain}); err != nil {
		return 0, err
	}
	res, err := client.Provider(ctx, signer.Address())
	if err != nil {
		return 0, err
	}
	return res.Provider.Status, nil
}

// sendAndWait sends one message outside of a running worker.
func sendAndWait(ctx context.Context, cfg Config, client *chain.Client, signer *chain.Signer, msg sdk.Msg) error {
	head, err := client.Refresh(ctx)
	if err != nil {
		return err
	}
	account, err := client.AccountNumber(ctx, signer.Address())
	if errors.Is(err, chain.ErrNotFound) {
		return fmt.Errorf("account %s does not exist yet: send it coins or grant it a fee allowance: %w", signer.Address(), err)
	}
	if err != nil {
		return err
	}
	price, err := sdk.ParseDecCoin(cfg.Fees.GasPrice)
	if err != nil {
		return err
	}
	terms := chain.Terms{Account: account, Gas: drainGas, Timeout: head.Time.Add(cfg.Fees.TTL).Add(time.Duration(time.Now().Nanosecond()))}
	if fee := price.Amount.MulInt(sdkmath.NewInt(drainGas)).Ceil().TruncateInt(); fee.IsPositive() {
		terms.Fee = sdk.NewCoins(sdk.NewCoin(price.Denom, fee))
	}
	raw, err := signer.Sign(ctx, msg, terms)
	if err != nil {
		return err
	}
	if err := client.Broadcast(ctx, raw); err != nil {
		return err
	}
	return waitFor(ctx, cfg, client, raw)
}

func waitFor(ctx context.Context, cfg Config, client *chain.Client, raw []byte) error {
	hash := sha256.Sum256(raw)
	for {
		res, err := client.Tx(ctx, hash[:])
		switch {
		case err == nil && res.Code != 0:
			return &chain.AnswerError{Codespace: res.Codespace, Code: res.Code, Log: res.Log}
		case err == nil:
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("transaction %X is not in a block yet: %w", hash, ctx.Err())
		case <-time.After(cfg.Chain.Poll):
		}
	}
}
