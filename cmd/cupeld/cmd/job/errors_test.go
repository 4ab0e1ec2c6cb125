// SPDX-License-Identifier: Apache-2.0

package job

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRefusalOfAStoppedMessage(t *testing.T) {
	require.ErrorContains(t, refusal("undefined", 1, "tx type not allowed"), "stopped this message for now")
	require.EqualError(t, refusal("market", 22, "failed to execute message; message index: 0: no"), "the chain refuses: no (market 22)")
}
