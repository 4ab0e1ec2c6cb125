// SPDX-License-Identifier: Apache-2.0

package container_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The first program of containers is what its source assembles to.
func TestInitIsItsSource(t *testing.T) {
	for _, tool := range []string{"as", "ld"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CUPEL_REQUIRE_ALL") != "" {
				t.Fatal(err)
			}
			t.Skip("binutils are not installed: ", err)
		}
	}
	dir := t.TempDir()
	object, program := filepath.Join(dir, "init.o"), filepath.Join(dir, "init.elf")
	out, err := exec.CommandContext(t.Context(), "as", "--64", "-o", object, "init_amd64.asm").CombinedOutput()
	require.NoError(t, err, string(out))
	out, err = exec.CommandContext(t.Context(), "ld", "-n", "-s", "-z", "noexecstack", "-z", "norelro", "--build-id=none", "-o", program, object).CombinedOutput()
	require.NoError(t, err, string(out))
	want, err := os.ReadFile(program)
	require.NoError(t, err)
	got, err := os.ReadFile("init_amd64.elf")
	require.NoError(t, err)
	require.Equal(t, want, got)
}
