// SPDX-License-Identifier: Apache-2.0

package types_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cupel-network/cupel/x/registry/types"
)

const cupel = uint64(1_000_000)

func TestTiersAndTickets(t *testing.T) {
	tests := map[string]struct {
		bond           uint64
		slots, tickets uint32
	}{
		"nothing":              {0, 0, 0},
		"below Starter":        {100*cupel - 1, 0, 0},
		"Starter":              {100 * cupel, 1, 1},
		"two tickets":          {200 * cupel, 1, 2},
		"below Standard":       {1_000*cupel - 1, 1, 9},
		"Standard":             {1_000 * cupel, 3, 10},
		"Professional":         {10_000 * cupel, 10, 100},
		"below Enterprise":     {100_000*cupel - 1, 10, 999},
		"Enterprise":           {100_000 * cupel, math.MaxUint32, 1_000},
		"tickets are capped":   {1_000_000 * cupel, math.MaxUint32, 1_000},
		"the largest there is": {math.MaxUint64, math.MaxUint32, 1_000},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.slots, types.SlotLimit(types.DefaultParams(), tc.bond))
			require.Equal(t, tc.tickets, types.Tickets(types.DefaultParams(), tc.bond))
		})
	}
	require.Zero(t, types.Tickets(types.Params{}, cupel))
	require.Zero(t, types.SlotLimit(types.Params{}, cupel))
}

// Splitting a bond into identities gives no ticket more. See ADR-001.
func TestSplittingGivesNoTicket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Uint64Range(0, 40_000*cupel).Draw(t, "a")
		b := rapid.Uint64Range(0, 40_000*cupel).Draw(t, "b")
		params := types.DefaultParams()
		require.LessOrEqual(t, types.Tickets(params, a)+types.Tickets(params, b), types.Tickets(params, a+b))
	})
}

func TestTag(t *testing.T) {
	require.Equal(t, uint64(0xe3b0c44298fc1c14), types.Tag(""))
	require.Equal(t, uint64(0xba7816bf8f01cfea), types.Tag("abc"))
}

func TestSharesSite(t *testing.T) {
	entry := types.RosterEntry{PayoutTag: 1, EndpointTag: 2, RegionTag: 3}
	require.True(t, entry.SharesSite(types.RosterEntry{PayoutTag: 1}))
	require.True(t, entry.SharesSite(types.RosterEntry{EndpointTag: 2}))
	require.False(t, entry.SharesSite(types.RosterEntry{PayoutTag: 2, EndpointTag: 1, RegionTag: 3}))
}

func TestRosterEntry(t *testing.T) {
	provider := types.Provider{Id: 7, Status: types.ProviderActive, Bond: 1_300 * cupel, Unbonding: 100 * cupel, Payout: "p", Endpoint: "e", Region: "r"}
	entry, ok := types.NewRosterEntry(types.DefaultParams(), provider, types.Resource{Count: 2, Price: 5, VramMib: 6, ComputeCapability: 90})
	require.True(t, ok)
	require.Equal(t, types.RosterEntry{
		Provider: 7, Tickets: 12, Price: 5, Slots: 2, VramMib: 6, ComputeCapability: 90,
		RegionTag: types.Tag("r"), PayoutTag: types.Tag("p"), EndpointTag: types.Tag("e"), FreeBond: 1_200 * cupel,
	}, entry)

	for status := range types.ProviderStatus_name {
		provider.Status = types.ProviderStatus(status)
		_, ok = types.NewRosterEntry(types.DefaultParams(), provider, types.Resource{Count: 1})
		require.Equal(t, provider.Status == types.ProviderActive, ok, provider.Status)
	}
	provider.Status, provider.Unbonding = types.ProviderActive, 1_201*cupel
	_, ok = types.NewRosterEntry(types.DefaultParams(), provider, types.Resource{Count: 1})
	require.False(t, ok, "no ticket")
}

// TestBounds checks the generations of ADR-002: a bound holds for its reach
// after it was raised, and at most twice as long again.
func TestBounds(t *testing.T) {
	at := func(tick uint64) types.Horizon { return types.Horizon{Tick: tick, Reach: 10} }
	var l types.Load
	l.RaiseBound(5, at(10))
	l.RaiseBound(3, at(19))
	require.Equal(t, types.Load{BoundNow: 5, BoundEpoch: 10}, l)
	require.Equal(t, []uint64{5, 5, 5, 0}, []uint64{l.Bound(at(19)), l.Bound(at(20)), l.Bound(at(29)), l.Bound(at(30))})
	l.RaiseBound(3, at(25))
	require.Equal(t, types.Load{BoundNow: 3, BoundBefore: 5, BoundEpoch: 25}, l)
	require.Equal(t, []uint64{5, 3, 3, 0}, []uint64{l.Bound(at(34)), l.Bound(at(35)), l.Bound(at(44)), l.Bound(at(45))})
	l.RaiseBound(9, at(45))
	require.Equal(t, types.Load{BoundNow: 9, BoundEpoch: 45}, l)
	l.RaiseBound(10, at(3))
	require.Equal(t, []uint64{10, 10}, []uint64{l.Bound(at(45)), l.Bound(at(1))}, "a clock that stands back takes nothing off")
	require.Equal(t, uint64(10), l.Bound(types.Horizon{Tick: 1_000, Reach: 1_000}), "a longer reach holds it longer")
}

// TestBoundsCoverTheirReach: Bound is at least every bound whose reach is not
// over, whatever the reach was when it was raised, and forgets in the end.
func TestBoundsCoverTheirReach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type raised struct{ bound, until uint64 }
		var l types.Load
		var all []raised
		h := types.Horizon{Reach: 1}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			h.Tick += rapid.Uint64Range(0, 30).Draw(t, "later")
			h.Reach += rapid.Uint64Range(0, 1).Draw(t, "raise") * rapid.Uint64Range(0, 20).Draw(t, "by")
			var want uint64
			for _, r := range all {
				if r.until > h.Tick {
					want = max(want, r.bound)
				}
			}
			require.GreaterOrEqual(t, l.Bound(h), want)
			bound := rapid.Uint64Range(0, 100).Draw(t, "bound")
			l.RaiseBound(bound, h)
			all = append(all, raised{bound, h.Tick + h.Reach})
			require.GreaterOrEqual(t, l.Bound(h), max(want, bound))
			require.Zero(t, l.Bound(types.Horizon{Tick: h.Tick + 2*h.Reach, Reach: h.Reach}))
		}
	})
}

func TestEndpoints(t *testing.T) {
	valid := []string{
		"http://a", "https://worker.example.com", "https://10.0.0.1:8443", "http://[::1]:26657", "http://[2001:db8::1]",
		"https://a.b/c/D-e_f~1.2", "http://localhost:65535", "https://a/" + strings.Repeat("b", 118),
	}
	invalid := []string{
		"", "a", "http:", "http:/a", "http://", "https:///a", "ftp://a", "HTTP://a", "http://A", "http://a/", "http://a//b",
		"http://a/..", "http://a/./b", "http://a?b", "http://a#b", "http://u@a", "http://u:p@a", "http://a:", "http://a:0",
		"http://a:080", "http://a:65536", "http://a:-1", "http://a:+1", "http://a b", "http://a.", "http://.a", "http://-a", "http://a-",
		"http://a..b", "http://[::1", "http://::1]", "http://[]", "http://[a]", "http://[::1]x", "http://[::1%eth0]",
		"http://a\n", "http://a/%2e", "http://ä", "http://a_b", " http://a", "https://a/" + strings.Repeat("b", 119),
	}
	resources := []types.Resource{{Class: "wasm/v1-amd64", Count: 1, Price: 1}}
	for _, endpoint := range valid {
		require.NoError(t, types.ValidateProfile("", endpoint, "", resources), endpoint)
	}
	for _, endpoint := range invalid {
		require.ErrorIs(t, types.ValidateProfile("", endpoint, "", resources), types.ErrInvalidEndpoint, endpoint)
	}
}

// FuzzValidateProfile checks that no text makes the rules panic.
func FuzzValidateProfile(f *testing.F) {
	f.Add("eu", "http://[::1]:80/a", "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", "wasm/v1")
	f.Fuzz(func(_ *testing.T, region, endpoint, key, class string) {
		_ = types.ValidateProfile(region, endpoint, key, []types.Resource{{Class: class, Count: 1, Price: 1, Driver: region}})
	})
}
