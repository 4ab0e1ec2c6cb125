// SPDX-License-Identifier: Apache-2.0

package jobfile_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/crypt"
	"github.com/cupel-network/cupel/worker/jobfile"
)

func TestEncryptRefuses(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	zero := strings.Repeat("0", 64)
	for name, tc := range map[string]struct{ more, says string }{
		"unknown field":    {"encrypt: {module: true}", "module"},
		"no recipients":    {"encrypt: {results_to: []}", "0 recipients"},
		"a private key":    {"encrypt: {results_to: ['" + id.String() + "']}", "is not an age X25519 recipient"},
		"not a flag":       {"encrypt: {inputs: yes please}", "is not true or false"},
		"encrypted module": {"module: {uri: 'https://a/b', sha256: " + zero + ", size: 1, encrypted: true}", "module is encrypted"},
	} {
		text := valid
		if strings.HasPrefix(tc.more, "module") {
			text = edit("module", tc.more)
		} else {
			text += tc.more + "\n"
		}
		_, err := jobfile.Parse([]byte(text))
		requireSentence(t, err, tc.says)
		require.NotContains(t, err.Error(), "encrypt.results_to: ok", name)
	}
	_, err = build(t, jobDir(t), valid+"encrypt: {inputs: true}\nstdin: {uri: 'https://a/b', sha256: "+zero+", size: 1}\n", jobfile.Options{})
	requireSentence(t, err, "encrypted: true")
	_, err = build(t, jobDir(t), valid+"encrypt: {inputs: true}\nstdin: {path: input/a.json}\n", jobfile.Options{Store: true})
	requireSentence(t, err, "no provider has a key")
}

// TestEncryptedInputs are encrypted once each, beside the job file; what is
// encrypted already is left as it is.
func TestEncryptedInputs(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	dir := jobDir(t)
	text := valid + `encrypt: {inputs: true}
stdin: {path: input/a.json}
inputs:
  - {path: input/a.json, mount: /in/a}
  - {path: inner, mount: /in/link}
  - {uri: 's3://bucket/key', sha256: ` + strings.Repeat("0", 64) + `, size: 7, encrypted: true, mount: /in/s3}
`
	job, err := build(t, dir, text, jobfile.Options{Store: true, Recipients: []string{id.Recipient().String()}})
	require.NoError(t, err)
	run := job.Manifest.Task(0)
	require.True(t, run.Stdin.Encrypted)
	require.Equal(t, *run.Stdin, run.Inputs[0].Ref)
	require.Equal(t, *run.Stdin, run.Inputs[1].Ref)
	require.True(t, run.Inputs[2].Encrypted)
	require.Equal(t, "s3://bucket/key", run.Inputs[2].URI)
	require.False(t, job.Manifest.Module.Encrypted)
	stored, err := filepath.Glob(filepath.Join(dir, ".cupel", "*"))
	require.NoError(t, err)
	require.Len(t, stored, 1)
	raw, err := os.ReadFile(stored[0])
	require.NoError(t, err)
	require.Equal(t, hashOf(string(raw)), run.Stdin.SHA256)
	var plain bytes.Buffer
	require.NoError(t, crypt.Decrypt(&plain, bytes.NewReader(raw), id))
	require.Equal(t, "a", plain.String())
}
