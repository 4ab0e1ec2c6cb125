// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"context"
	"errors"
	"log/slog"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"

	"github.com/cupel-network/cupel/worker/chain"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// rotation looks this worker's provider up and moves to the next key when the
// chain names it: work goes on under the new key, because commitments bind the
// operator and salts the secret.
type rotation struct {
	*chain.Client
	signer *chain.Signer
	log    *slog.Logger
}

// Provider implements runner.Directory. Any address of this worker finds its
// provider, whichever of the two keys the chain knows.
func (r rotation) Provider(ctx context.Context, address string) (*registrytypes.QueryProviderResponse, error) {
	own := r.signer.Knows(address)
	if own {
		address = r.signer.Address()
	}
	res, err := r.Client.Provider(ctx, address)
	var answer *chain.AnswerError
	if !own || !errors.As(err, &answer) {
		return res, err
	}
	other, ok := r.signer.Other()
	if !ok {
		return res, err
	}
	next, nextErr := r.Client.Provider(ctx, other)
	if nextErr != nil {
		return res, err // only a provider under the other key is a reason
	}
	r.signer.Switch()
	r.log.Warn("the hot key was rotated: set key.name to the new key", "old", address, "new", other)
	return next, nil
}

// newSigner returns a signer with the key, and the next one if there is one.
func newSigner(cfg Config, ring keyring.Keyring) (*chain.Signer, error) {
	enc, err := chain.NewEncoding()
	if err != nil {
		return nil, err
	}
	signer, err := chain.NewSigner(enc, ring, cfg.Key.Name, cfg.Chain.ID, cfg.Fees.Granter)
	if err != nil || cfg.Key.Next == "" {
		return signer, err
	}
	return signer, signer.Add(cfg.Key.Next)
}

// directory finds providers; this worker's own under either of its keys.
func (s *Service) directory() rotation {
	return rotation{Client: s.chain, signer: s.signer, log: s.log.With("part", "key")}
}
