// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/crypt"
)

func TestEncryptionKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	status := func() Level { return EncryptionKey(path).Run(t.Context())[0].Level }
	require.Equal(t, Warn, status())
	require.NoError(t, crypt.Create(path))
	require.Equal(t, OK, status())
	require.NoError(t, os.Chmod(path, 0o644))
	require.Equal(t, Fail, status())
	require.NoError(t, os.Chmod(path, 0o600))
	require.NoError(t, os.WriteFile(path, []byte("nonsense"), 0o600))
	require.Equal(t, Fail, status())
}
