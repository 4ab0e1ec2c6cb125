// SPDX-License-Identifier: Apache-2.0

package jobfile

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// exampleProof is the proved example job.
func exampleProof(t *testing.T) (text, dir string) {
	t.Helper()
	source := filepath.Join("..", "..", "testutil", "jobs", "proof")
	raw, err := os.ReadFile(filepath.Join(source, "proof.yaml"))
	require.NoError(t, err)
	dir = t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(dir, "input"), os.DirFS(filepath.Join(source, "input"))))
	for name, content := range map[string][]byte{"proof.wasm": wasmHead, "circuit.r1cs": []byte("constraints"), "proving.key": []byte("key")} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	return string(raw), dir
}

func TestProofJob(t *testing.T) {
	text, dir := exampleProof(t)
	f, err := Parse([]byte(text))
	require.NoError(t, err)
	j, err := f.Build(Options{Dir: dir})
	require.NoError(t, err)
	require.EqualValues(t, 1, j.Msg.Circuit)
	require.Equal(t, append(make([]byte, 31), 49), j.Msg.Statement)
	require.Equal(t, markettypes.PolicyProof, j.Msg.Policy)
	require.EqualValues(t, 1, j.Msg.Replicas)
	require.NoError(t, j.Msg.WithDefaults().Validate(markettypes.DefaultParams()))
	require.EqualValues(t, 1, j.Manifest.Proof.Circuit)
	require.EqualValues(t, len("key"), j.Manifest.Proof.Key.Size)
	require.Len(t, j.Files, 4)

	other := strings.Repeat("02", 32)
	f, err = Parse([]byte(text + "sweep: [{statement: \"" + other + "\"}, {}]\n"))
	require.NoError(t, err)
	j, err = f.Build(Options{Dir: dir})
	require.NoError(t, err)
	require.Equal(t, append(bytes.Repeat([]byte{2}, 32), append(make([]byte, 31), 49)...), j.Msg.Statement)
}

func TestProofJobRefused(t *testing.T) {
	text, _ := exampleProof(t)
	const statement = `statement: "0000000000000000000000000000000000000000000000000000000000000031"`
	for name, tc := range map[string]struct{ old, replacement, text string }{
		"no policy":            {"policy: proof", "", "write policy: proof"},
		"another policy":       {"policy: proof", "policy: optimistic", "write policy: proof"},
		"another engine":       {"engine: groth16/v1", "engine: wasm/v1-amd64", "proves nothing"},
		"an unknown version":   {"engine: groth16/v1", "engine: groth16/v9", "write groth16/v1"},
		"replicas":             {"policy: proof", "policy: proof\nreplicas: 3", "runs 1 replica"},
		"no statement":         {statement, "", "task 0 has no statement"},
		"a statement too long": {"0031\"", "003131\"", "64 hex digits"},
		"no circuit":           {"  circuit: 1\n", "", "circuit: 1"},
		"circuit zero":         {"circuit: 1", "circuit: 0", "1 to"},
		"no proving key":       {"  key: {path: proving.key}\n", "", "proving.key"},
		"a secret proving key": {"{path: proving.key}", "{path: proving.key, encrypted: true}", "only stdin and inputs"},
		"a bond":               {"deadline: 10m", "value_at_stake: 5ucupel", "puts no bond"},
		"33 tasks":             {"deadline: 10m", "sweep: [" + strings.Repeat("{},", 32) + "{}]", "at most 32"},
		"private results": {
			"deadline: 10m", "encrypt: {results_to: [age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul66mv4q47ryef]}",
			"is on the chain",
		},
	} {
		t.Run(name, func(t *testing.T) {
			edited := strings.Replace(text, tc.old, tc.replacement, 1)
			require.NotEqual(t, text, edited)
			_, err := Parse([]byte(edited))
			require.ErrorContains(t, err, tc.text)
			require.NotContains(t, err.Error(), "\n")
		})
	}
	_, err := Parse([]byte("apiVersion: cupel/v1\nengine: wasm/v1-amd64\nmodule: {path: a.wasm}\nlimits: {fuel: 1}\nprice: {max: 1ucupel}\npolicy: proof\n"))
	require.ErrorContains(t, err, "is for engine groth16/v1")
}
