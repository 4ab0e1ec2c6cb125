// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"fmt"

	signingtypes "github.com/cosmos/cosmos-sdk/types/tx/signing"
)

// SignBytes signs what is not a transaction with the worker's key and returns
// the public key too.
func (s *Signer) SignBytes(message []byte) (signature, publicKey []byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	signature, key, err := s.ring.Sign(s.key.name, message, signingtypes.SignMode_SIGN_MODE_LEGACY_AMINO_JSON)
	if err != nil {
		return nil, nil, fmt.Errorf("sign with key %q: %w", s.key.name, err)
	}
	return signature, key.Bytes(), nil
}
