// SPDX-License-Identifier: Apache-2.0

package attestor

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/types/bech32"

	"github.com/cupel-network/cupel/cmd/cupeld/attestor/signing"
	"github.com/cupel-network/cupel/x/oracle/types"
)

var operatorBytes = bytes.Repeat([]byte{7}, 20)

// withBeacon gives a fixture its secret and a slot in an epoch that began at its
// height.
func withBeacon(t *testing.T, f *fixture, epoch uint64) {
	t.Helper()
	secret, err := signing.OpenSecret(f.home)
	require.NoError(t, err)
	f.Shares = secret
	operator, err := bech32.ConvertAndEncode("cupel", operatorBytes)
	require.NoError(t, err)
	f.node.beacon = &types.BeaconDuty{Epoch: epoch, StartHeight: f.node.height, Blocks: 30, Operator: operator, Commit: true}
	f.node.height++
	f.at = f.at.Add(30 * time.Second)
}

func TestBeaconRound(t *testing.T) {
	f := newFixture(t)
	withBeacon(t, f, 7)
	f.round(t.Context())
	require.Len(t, f.post.beacon, 1)
	commitment := f.post.beacon[0]
	require.Equal(t, types.MsgBeacon{Account: account, Epoch: 7, Commitment: commitment.Commitment}, commitment)
	f.round(t.Context())
	require.Len(t, f.post.beacon, 1, "it waits for a block")

	// The next epoch: the share opens the commitment, and another is made.
	withBeacon(t, f, 8)
	f.node.beacon.Commitment = commitment.Commitment
	f.round(t.Context())
	require.Len(t, f.post.beacon, 3)
	share, next := f.post.beacon[1], f.post.beacon[2]
	require.Equal(t, types.MsgBeacon{Account: account, Epoch: 8, Share: share.Share}, share)
	require.Equal(t, commitment.Commitment, types.BeaconCommitment(chainID, 7, operatorBytes, share.Share))
	require.EqualValues(t, 8, next.Epoch)
	require.NotEqual(t, commitment.Commitment, next.Commitment)

	// What is in no block some blocks later is sent again, the same.
	f.node.height += beaconAgain
	f.round(t.Context())
	require.Equal(t, f.post.beacon[1:3], f.post.beacon[3:])
	// What is done is not.
	f.node.height += beaconAgain
	f.node.beacon.Commit, f.node.beacon.Commitment = false, nil
	f.round(t.Context())
	require.Len(t, f.post.beacon, 5)
	require.True(t, f.Metrics.Health().Node)
}

// TestBeaconWaits: nothing is sent before the block after the first of an epoch.
func TestBeaconWaits(t *testing.T) {
	f := newFixture(t)
	withBeacon(t, f, 7)
	f.node.beacon.StartHeight = f.node.head()
	f.node.beacon.Commitment = types.BeaconCommitment(chainID, 6, operatorBytes, f.Shares.Share(chainID, 6))
	f.round(t.Context())
	require.Empty(t, f.post.beacon)
	f.node.height++
	f.round(t.Context())
	require.Len(t, f.post.beacon, 2)
}

// TestBeaconRefused: a refusal is tried again, and holds no signature up.
func TestBeaconRefused(t *testing.T) {
	f := newFixture(t)
	withBeacon(t, f, 7)
	f.post.err = errors.New("the slot is filled")
	f.round(t.Context())
	require.Zero(t, f.pause)
	f.post.err = nil
	f.node.height += beaconAgain
	f.round(t.Context())
	require.Len(t, f.post.beacon, 1)
}

func TestOnlyReveal(t *testing.T) {
	f := newFixture(t)
	withBeacon(t, f, 7)
	f.OnlyReveal = true
	f.node.beacon.Commitment = types.BeaconCommitment(chainID, 6, operatorBytes, f.Shares.Share(chainID, 6))
	f.round(t.Context())
	require.Len(t, f.post.beacon, 1)
	require.NotEmpty(t, f.post.beacon[0].Share)
}

// TestShortEpochs: who would see the next epoch too late does not commit.
func TestShortEpochs(t *testing.T) {
	f := newFixture(t)
	f.Poll = 10 * time.Second
	withBeacon(t, f, 7) // 30 seconds an epoch
	f.node.beacon.Commit = false
	f.round(t.Context())
	withBeacon(t, f, 8)
	f.round(t.Context())
	require.Empty(t, f.post.beacon)
	f.Poll = 7 * time.Second
	withBeacon(t, f, 9)
	f.round(t.Context())
	require.Len(t, f.post.beacon, 1)
}

// TestLostSecret: a share that cannot be made is said, not sent.
func TestLostSecret(t *testing.T) {
	f := newFixture(t)
	withBeacon(t, f, 7)
	f.node.beacon.Commit = false
	f.node.beacon.Commitment = bytes.Repeat([]byte{1}, types.ShareSize)
	f.round(t.Context())
	require.Empty(t, f.post.beacon)
	require.Equal(t, 1, f.Metrics.Health().LostShares)
	require.False(t, f.Metrics.Health().OK)
}

// TestSecret: it is made once, survives a half-written one, and shares of other
// epochs and chains are others.
func TestSecret(t *testing.T) {
	home := t.TempDir()
	require.NoError(t, os.MkdirAll(signing.KeysDir(home), 0o700))
	require.NoError(t, os.WriteFile(signing.SecretPath(home)+".new", []byte("ha"), 0o600))
	secret, err := signing.OpenSecret(home)
	require.NoError(t, err)
	again, err := signing.OpenSecret(home)
	require.NoError(t, err)
	require.Equal(t, secret, again)
	require.Equal(t, secret.Share(chainID, 7), again.Share(chainID, 7))
	require.Len(t, secret.Share(chainID, 7), types.ShareSize)
	require.NotEqual(t, secret.Share(chainID, 7), secret.Share(chainID, 8))
	require.NotEqual(t, secret.Share(chainID, 7), secret.Share("other", 7))
	other, err := signing.OpenSecret(t.TempDir())
	require.NoError(t, err)
	require.NotEqual(t, secret.Share(chainID, 7), other.Share(chainID, 7))

	require.NoError(t, os.Chmod(signing.SecretPath(home), 0o644))
	_, err = signing.OpenSecret(home)
	require.ErrorContains(t, err, "may be read by others")
	require.NoError(t, os.WriteFile(signing.SecretPath(home), []byte("short"), 0o600))
	require.NoError(t, os.Chmod(signing.SecretPath(home), 0o600))
	_, err = signing.OpenSecret(home)
	require.ErrorContains(t, err, "is not 64 hex digits")
	require.NotContains(t, err.Error(), "short")
}
