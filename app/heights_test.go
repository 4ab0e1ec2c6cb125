// SPDX-License-Identifier: Apache-2.0

package app

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/cosmos/gogoproto/proto"
)

// TestOnlyTheOracleRebasesHeights: a genesis field that is a height must be
// rebased, which prepareZeroHeight does for the oracle's, or be history that
// nothing counts from: the height that attestors have signed in a header, that
// at which a circuit came, and those at which lots and cases have settled. A
// round of the beacon is one of commits and one of reveals.
func TestOnlyTheOracleRebasesHeights(t *testing.T) {
	files, err := proto.MergedRegistry()
	require.NoError(t, err)
	var heights []string
	for _, module := range ownModules() {
		root, err := files.FindDescriptorByName(protoreflect.FullName("cupel." + module + ".v1.GenesisState"))
		require.NoError(t, err)
		heights = append(heights, heightFields(root.(protoreflect.MessageDescriptor))...)
	}
	require.ElementsMatch(t, []string{
		"cupel.market.v1.Case.settled_height",
		"cupel.market.v1.Lot.settled_height",
		"cupel.oracle.v1.Attestor.registered_height",
		"cupel.oracle.v1.AttestorSet.height",
		"cupel.oracle.v1.BeaconRound.height",
		"cupel.oracle.v1.BeaconRound.height",
		"cupel.oracle.v1.Checkpoint.sealed_height",
		"cupel.oracle.v1.Circuit.height",
		"cupel.oracle.v1.Epoch.start_height",
		"cupel.oracle.v1.Header.height",
		"cupel.oracle.v1.LeafBlock.height",
		"cupel.oracle.v1.Line.last_height",
	}, heights)
}

func heightFields(m protoreflect.MessageDescriptor) (found []string) {
	for i := range m.Fields().Len() {
		field := m.Fields().Get(i)
		if strings.Contains(string(field.Name()), "height") {
			found = append(found, string(field.FullName()))
		}
		if field.Message() != nil {
			found = append(found, heightFields(field.Message())...)
		}
	}
	return found
}
