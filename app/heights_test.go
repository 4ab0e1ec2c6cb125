// SPDX-License-Identifier: Apache-2.0

package app

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/cosmos/gogoproto/proto"
)

// TestOnlyTheOracleKeepsHeights: a genesis field that is a height must be
// rebased, which prepareZeroHeight does for those listed here.
func TestOnlyTheOracleKeepsHeights(t *testing.T) {
	files, err := proto.MergedRegistry()
	require.NoError(t, err)
	var heights []string
	for _, module := range ownModules() {
		root, err := files.FindDescriptorByName(protoreflect.FullName("cupel." + module + ".v1.GenesisState"))
		require.NoError(t, err)
		heights = append(heights, heightFields(root.(protoreflect.MessageDescriptor))...)
	}
	require.Equal(t, []string{"cupel.oracle.v1.Epoch.start_height"}, heights)
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
