// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/artifact"
	"github.com/cupel-network/cupel/worker/journal"
	markettypes "github.com/cupel-network/cupel/x/market/types"
)

func TestSourcesOfInputs(t *testing.T) {
	good := func() ArtifactConfig {
		c := DefaultConfig("/home").Artifacts
		c.S3 = []BucketConfig{{Bucket: "models", Endpoint: "https://s3.example.com", AccessKey: "a", SecretFile: "s3.secret"}, {Bucket: "open", Endpoint: "http://10.0.0.1:9000"}}
		c.IPFSGateways = []string{"https://trustless-gateway.link"}
		return c
	}
	require.NoError(t, good().validate())
	for name, edit := range map[string]func(*ArtifactConfig){
		"no name":             func(c *ArtifactConfig) { c.S3[0].Bucket = "" },
		"twice":               func(c *ArtifactConfig) { c.S3[1].Bucket = "models" },
		"no secret":           func(c *ArtifactConfig) { c.S3[0].SecretFile = "" },
		"no access key":       func(c *ArtifactConfig) { c.S3[0].AccessKey = "" },
		"endpoint of nothing": func(c *ArtifactConfig) { c.S3[0].Endpoint = "s3.example.com" },
		"endpoint and path":   func(c *ArtifactConfig) { c.S3[0].Endpoint += "/models" },
		"gateway of nothing":  func(c *ArtifactConfig) { c.IPFSGateways[0] = "trustless" },
	} {
		c := good()
		edit(&c)
		require.Error(t, c.validate(), name)
	}
}

func TestSecretOfABucket(t *testing.T) {
	home := t.TempDir()
	cfg := DefaultConfig(home)
	cfg.Artifacts.S3 = []BucketConfig{{Bucket: "models", Endpoint: "https://s3.example.com", AccessKey: "a", SecretFile: "s3.secret"}}
	inputs, err := artifact.Open(filepath.Join(home, "inputs"), 0)
	require.NoError(t, err)
	open := func() error {
		_, err := (&Service{cfg: cfg, inputs: inputs}).openFetcher()
		return err
	}
	path := filepath.Join(home, "s3.secret")
	require.ErrorIs(t, open(), os.ErrNotExist)
	require.NoError(t, os.WriteFile(path, []byte("a-secret\n"), 0o600))
	require.NoError(t, open())
	require.NoError(t, os.Chmod(path, 0o644))
	err = open()
	require.ErrorContains(t, err, "chmod 600")
	require.NotContains(t, err.Error(), "a-secret")
	require.NoError(t, os.Chmod(path, 0o600))
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.ErrorContains(t, open(), "holds no secret")
}

// TestProblemTellsNoOutcome: before the reveal only inputs are spoken of.
func TestProblemTellsNoOutcome(t *testing.T) {
	for _, outcome := range []markettypes.Outcome{markettypes.OutcomeOK, markettypes.OutcomeExit, markettypes.OutcomeTrap, markettypes.OutcomeHostError} {
		require.Empty(t, problem([]journal.Run{{Outcome: uint32(outcome), Detail: "detail"}}))
	}
	require.Equal(t, "detail", problem([]journal.Run{{Outcome: uint32(markettypes.OutcomeOK)}, {Outcome: uint32(markettypes.OutcomeInputUnavailable), Detail: "detail\nhttp://10.0.0.1: refused"}}))
}
