// SPDX-License-Identifier: Apache-2.0

package session

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

func TestConfig(t *testing.T) {
	require.NoError(t, DefaultConfig("ucupel").Validate(), "a front that is off needs nothing")
	require.NoError(t, testConfig("http://127.0.0.1:8000/v1").Validate())
	tests := map[string]struct {
		edit func(*Config)
		want string
	}{
		"listen":        {func(c *Config) { c.Listen = "8082" }, "sessions.listen"},
		"tls":           {func(c *Config) { c.TLS.Cert = "cert.pem" }, "sessions.tls"},
		"class":         {func(c *Config) { c.Class = "" }, "sessions.class"},
		"denom":         {func(c *Config) { c.Denom = "" }, "sessions.denom"},
		"url":           {func(c *Config) { c.Upstream.URL = "127.0.0.1:8000" }, "sessions.upstream.url"},
		"first byte":    {func(c *Config) { c.Upstream.FirstByte = 0 }, "first_byte"},
		"total":         {func(c *Config) { c.Upstream.Total = time.Second }, "sessions.upstream.total"},
		"models":        {func(c *Config) { c.Models = nil }, "sessions.models is empty"},
		"twice":         {func(c *Config) { c.Models = append(c.Models, c.Models[0]) }, "twice"},
		"name":          {func(c *Config) { c.Models[0].Name = "" }, "a name has"},
		"free":          {func(c *Config) { c.Models[0].Output = 0 }, "prices are"},
		"price":         {func(c *Config) { c.Models[0].Input = maxPrice + 1 }, "prices are"},
		"context":       {func(c *Config) { c.Models[0].Context = 1 }, "context is"},
		"output":        {func(c *Config) { c.Models[0].MaxOutput = 5000 }, "max_output is"},
		"body":          {func(c *Config) { c.Limits.BodyKiB = 0 }, "body_kib"},
		"calls":         {func(c *Config) { c.Limits.Calls = 0 }, "limits.calls"},
		"per session":   {func(c *Config) { c.Limits.PerSession = 65 }, "per_session"},
		"per minute":    {func(c *Config) { c.Limits.PerMinute = 0 }, "per_minute"},
		"least output":  {func(c *Config) { c.Limits.MinOutput = 0 }, "min_output"},
		"every":         {func(c *Config) { c.Redeem.Every = 13 * time.Hour }, "redeem.every"},
		"above":         {func(c *Config) { c.Redeem.Above = 1 }, "redeem.above"},
		"before expiry": {func(c *Config) { c.Redeem.BeforeExpiry = -1 }, "before_expiry"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig("http://127.0.0.1:8000/v1")
			tc.edit(&cfg)
			require.ErrorContains(t, cfg.Validate(), tc.want)
			_, err := New(cfg, Deps{})
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	s, err := OpenStore(path, testChain)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	rec := Record{Session: sid, Voucher: pay(t, 3, 500).Header(), Amount: 500, Used: 20, Milli: 5, Redeemed: 100}
	require.NoError(t, s.Put(rec))
	for name, lower := range map[string]Record{
		"amount":   {Session: sid, Amount: 499, Used: 20, Redeemed: 100},
		"used":     {Session: sid, Amount: 500, Used: 19, Redeemed: 100},
		"redeemed": {Session: sid, Amount: 500, Used: 20, Redeemed: 99},
	} {
		require.ErrorIs(t, s.Put(lower), errLower, name)
	}
	_, err = OpenStore(path, testChain)
	require.ErrorIs(t, err, ErrLocked)
	require.NoError(t, s.Close())
	_, err = OpenStore(path, "cupel-2")
	require.ErrorContains(t, err, "belongs to chain")
	s, err = OpenStore(path, testChain)
	require.NoError(t, err)
	got, ok, err := s.Get(sid)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, rec, got)
	require.NoError(t, s.Delete(sid))
	_, ok, err = s.Get(sid)
	require.NoError(t, err)
	require.False(t, ok)
	require.NoError(t, s.Close())
}

// TestUnitsFor finds the lowest units whose price is at least the amount.
func TestUnitsFor(t *testing.T) {
	for _, price := range []uint64{1, 3, 30, 999, 1000, 1001, 7_000_000} {
		terms := voucher.Terms{Price: price, Scale: tokenScale, Deposit: 1 << 40}
		for _, amount := range []uint64{1, 2, 29, 30, 31, 1000, 123_457} {
			units := unitsFor(terms, amount)
			v := voucher.Voucher{Amount: amount, Units: units}
			require.NoError(t, terms.CheckPrice(v), "%d at %d", amount, price)
			if units > 1 {
				v.Units--
				require.Error(t, terms.CheckPrice(v), "%d at %d", amount, price)
			}
		}
	}
}
