// SPDX-License-Identifier: Apache-2.0

package circuits

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/test"
	"github.com/stretchr/testify/require"
)

// TestDigestHasOneEncoding adds the order of the curve to a digest: the same
// number in the field, and other 32 bytes.
func TestDigestHasOneEncoding(t *testing.T) {
	secret := append(make([]byte, 31), 7)
	digest := new(big.Int).SetBytes(Digest(secret))
	for name, tc := range map[string]struct {
		digest *big.Int
		right  bool
	}{
		"the digest":      {digest, true},
		"and the order":   {new(big.Int).Add(digest, ecc.BN254.ScalarField()), false},
		"another":         {new(big.Int).Add(digest, big.NewInt(1)), false},
		"its square root": {new(big.Int).SetBytes(Square(secret)), false},
	} {
		t.Run(name, func(t *testing.T) {
			d := tc.digest.FillBytes(make([]byte, 32))
			square := Square(secret)
			for _, assignment := range []struct{ circuit, values frontend.Circuit }{
				{&Cube{}, &Cube{
					BindingLow: 1, BindingHigh: 2, DigestLow: d[16:], DigestHigh: d[:16],
					StatementLow: secret[16:], StatementHigh: secret[:16],
				}},
				{&Root{}, &Root{
					BindingLow: 1, BindingHigh: 2, DigestLow: d[16:], DigestHigh: d[:16],
					StatementLow: square[16:], StatementHigh: square[:16], Secret: secret,
				}},
			} {
				err := test.IsSolved(assignment.circuit, assignment.values, ecc.BN254.ScalarField())
				require.Equal(t, tc.right, err == nil, "%v", err)
			}
		})
	}
}
