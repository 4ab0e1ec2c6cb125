// SPDX-License-Identifier: Apache-2.0

package relayer

import (
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/relayer/home/hometest"
	"github.com/cupel-network/cupel/relayer/mirror"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// A header that another contract passed on counts if the home chain sealed the
// same one, and never without asking it.
func TestIndirectHeaders(t *testing.T) {
	history := hometest.NewHistory()
	history.Checkpoint(3)
	srv := httptest.NewServer(hometest.NewNode(history))
	defer srv.Close()
	cfg := DefaultConfig(t.TempDir())
	cfg.Home.ChainID, cfg.Home.RPC = hometest.ChainID, []string{srv.URL}
	a, err := FetchAnchor(t.Context(), cfg, 0)
	require.NoError(t, err)
	require.NoError(t, a.Write(cfg.Path(cfg.Home.Anchor)))
	source, err := NewSource(cfg)
	require.NoError(t, err)
	entry, err := source.Entry(t.Context(), 1)
	require.NoError(t, err)

	r := replay{headers: []checkpoint.Header{entry.Header}, indirect: []uint64{1}}
	require.NoError(t, signedAtHome(t.Context(), r, source))
	require.ErrorContains(t, signedAtHome(t.Context(), r, nil), "--compare")
	r.headers[0].Height++
	require.ErrorIs(t, signedAtHome(t.Context(), r, source), mirror.ErrForged)
	r.indirect = nil
	require.NoError(t, signedAtHome(t.Context(), r, nil), "it brings its own signatures")
}

// What goes wrong with a deployment is said without the endpoint's key, and a
// fee above the limit is not paid.
func TestDeployRefuses(t *testing.T) {
	w := newWorld(t)
	d := Deployment{Owner: common.Address{1}, Guardian: common.Address{2}, MaxSetAge: 252 * time.Hour, OwnerDelay: time.Hour}
	_, err := Deploy(t.Context(), w.cfg, w.cfg.Targets[1], d)
	require.ErrorContains(t, err, "not an EVM target")

	target, settings := w.cfg.Targets[0], *w.cfg.Targets[0].EVM
	target.EVM = &settings
	settings.MaxFeeGwei = 1e-9
	_, err = Deploy(t.Context(), w.cfg, target, d)
	require.ErrorIs(t, err, mirror.ErrFeeTooHigh)
	settings.MaxFeeGwei = 0
	made, err := Deploy(t.Context(), w.cfg, target, d)
	require.NoError(t, err)
	require.NotZero(t, made.DeployBlock)

	target.RPC = []string{"http://user:hidden@127.0.0.1:1/hidden"}
	_, err = Deploy(t.Context(), w.cfg, target, d)
	require.ErrorIs(t, err, mirror.ErrUnknown)
	require.NotContains(t, err.Error(), "hidden")

	target.Key.File = "keys/none.json"
	w.cfg.Targets = []TargetConfig{target}
	_, err = New(t.Context(), w.cfg, slog.New(slog.DiscardHandler))
	require.ErrorContains(t, err, "cupel-relayer keys add")
}
