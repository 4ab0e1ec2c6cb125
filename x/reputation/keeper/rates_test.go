// SPDX-License-Identifier: Apache-2.0

package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAuditRates(t *testing.T) {
	f := newFixture(t)
	rates, err := f.k.AuditRates(f.ctx)
	require.NoError(t, err)
	require.Equal(t, []uint32{10_000, 2_500, 1_000, 500}, rates)
}
