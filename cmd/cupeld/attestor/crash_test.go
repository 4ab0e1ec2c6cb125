// SPDX-License-Identifier: Apache-2.0

//go:build cupelcrash

package attestor

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/types/bech32"

	"github.com/cupel-network/cupel/cmd/cupeld/attestor/signing"
	"github.com/cupel-network/cupel/x/oracle/types"
)

// filePost appends what is sent to a file, as a node's mempool outlives the
// attestor.
type filePost struct {
	*post
	path string
}

func (p filePost) SendBeacon(_ context.Context, msg types.MsgBeacon, _ time.Time) error {
	f, err := os.OpenFile(p.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(json.NewEncoder(f).Encode(msg), f.Close())
}

func sentBy(t *testing.T, path string) (out []types.MsgBeacon) {
	t.Helper()
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	require.NoError(t, err)
	defer f.Close()
	for d := json.NewDecoder(f); d.More(); {
		var msg types.MsgBeacon
		require.NoError(t, d.Decode(&msg))
		out = append(out, msg)
	}
	return out
}

// beaconProcess is one life of the attestor: a round in an epoch, in which a
// commitment of the one before may be due.
func beaconProcess(t *testing.T, home string) {
	secret, err := signing.OpenSecret(home)
	require.NoError(t, err)
	var duty types.BeaconDuty
	require.NoError(t, json.Unmarshal([]byte(os.Getenv("CUPEL_DUTY")), &duty))
	n := newNode([20]byte{1})
	n.height, n.beacon = duty.StartHeight+1, &duty
	a := New(Options{
		ChainID: chainID, Account: account, Poll: time.Millisecond, Node: n, Shares: secret,
		Sender: filePost{&post{}, filepath.Join(home, "sent")}, Metrics: NewMetrics(), Log: quiet,
	})
	a.round(t.Context())
}

// TestBeaconCrash kills the process around every step: no epoch gets two
// commitments, and what was committed to can be revealed by the next process.
func TestBeaconCrash(t *testing.T) {
	if home := os.Getenv("CUPEL_BEACON_HOME"); home != "" {
		beaconProcess(t, home)
		return
	}
	operator, err := bech32.ConvertAndEncode("cupel", operatorBytes)
	require.NoError(t, err)
	for _, point := range []string{"committing", "committed", "revealing"} {
		t.Run(point, func(t *testing.T) {
			home := t.TempDir()
			live := func(crashAt string, duty types.BeaconDuty) {
				raw, err := json.Marshal(duty)
				require.NoError(t, err)
				cmd := exec.Command(os.Args[0], "-test.run=^TestBeaconCrash$")
				cmd.Env = append(os.Environ(), "CUPEL_BEACON_HOME="+home, "CUPEL_DUTY="+string(raw), CrashEnv+"="+crashAt)
				out, err := cmd.CombinedOutput()
				if crashAt == "" {
					require.NoError(t, err, "%s", out)
					return
				}
				var exit *exec.ExitError
				require.ErrorAs(t, err, &exit, "%s", out)
				status, ok := exit.Sys().(syscall.WaitStatus)
				require.True(t, ok)
				require.Equal(t, syscall.SIGKILL, status.Signal())
			}
			commit := types.BeaconDuty{Epoch: 5, StartHeight: 100, Blocks: 30, Operator: operator, Commit: true}
			if point == "revealing" {
				live("", commit)
			} else {
				live(point, commit)
				live("", commit) // the chain has not got it yet
			}
			sent := sentBy(t, filepath.Join(home, "sent"))
			require.NotEmpty(t, sent)
			for _, msg := range sent {
				require.Equal(t, sent[0], msg, "two commitments of one epoch")
			}
			reveal := types.BeaconDuty{Epoch: 6, StartHeight: 130, Blocks: 30, Operator: operator, Commitment: sent[0].Commitment}
			if point == "revealing" {
				live(point, reveal)
			}
			live("", reveal)
			all := sentBy(t, filepath.Join(home, "sent"))
			share := all[len(all)-1].Share
			require.Equal(t, sent[0].Commitment, types.BeaconCommitment(chainID, 5, operatorBytes, share))
		})
	}
}
