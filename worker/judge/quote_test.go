// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	sevabi "github.com/google/go-sev-guest/abi"
	sevtest "github.com/google/go-sev-guest/testing"
	sevtrust "github.com/google/go-sev-guest/verify/trust"
	tdxtest "github.com/google/go-tdx-guest/testing/testdata"
	"github.com/stretchr/testify/require"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// Where report data are in a TDX quote of version 4 and in an SEV-SNP report.
const (
	tdxData   = 48 + 520
	sevData   = 0x50
	sevPolicy = 0x08
)

// whenTDX is a time at which the certificates in the quote of the library hold.
var whenTDX = time.Date(2023, time.July, 1, 1, 0, 0, 0, time.UTC)

// TestRealTDXQuote judges the quote of a production machine that the library
// carries, against Intel's own root.
func TestRealTDXQuote(t *testing.T) {
	raw := slices.Clone(tdxtest.RawQuote)
	data := [ReportDataSize]byte(raw[tdxData : tdxData+ReportDataSize])
	tests := map[string]struct {
		edit   func(raw []byte) []byte
		want   [ReportDataSize]byte
		at     time.Time
		reason Reason
	}{
		"holds":                        {nil, data, whenTDX, Genuine},
		"binds something else":         {nil, ReportData("c", []byte("o"), []byte("w"), 1), whenTDX, OtherData},
		"after its certificates":       {nil, data, whenTDX.AddDate(60, 0, 0), Unsigned},
		"before its certificates":      {nil, data, whenTDX.AddDate(-60, 0, 0), Unsigned},
		"other report data, as wanted": {func(raw []byte) []byte { raw[tdxData] ^= 1; return raw }, func() [ReportDataSize]byte { d := data; d[0] ^= 1; return d }(), whenTDX, Unsigned},
		"other measurement":            {func(raw []byte) []byte { raw[48+150] ^= 1; return raw }, data, whenTDX, Unsigned},
		"cut short":                    {func(raw []byte) []byte { return raw[:500] }, data, whenTDX, Malformed},
		"empty":                        {func([]byte) []byte { return nil }, data, whenTDX, Malformed},
		"too long":                     {func(raw []byte) []byte { return append(raw, make([]byte, MaxQuote)...) }, data, whenTDX, Malformed},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			q := slices.Clone(raw)
			if tc.edit != nil {
				q = tc.edit(q)
			}
			reason, err := Quote(markettypes.TEETDX, q, tc.want, tc.at, Roots{})
			require.Equal(t, tc.reason, reason, "%v", err)
			require.Equal(t, reason == Genuine, err == nil)
		})
	}
	reason, _ := Quote(markettypes.TEESEVSNP, raw, data, whenTDX, Roots{})
	require.NotEqual(t, Genuine, reason, "a quote of another kind")
	reason, _ = Quote(markettypes.TEEUnspecified, raw, data, whenTDX, Roots{})
	require.Equal(t, Malformed, reason)
}

// newSEV is a report with the report data, signed by keys of the library's tests.
func newSEV(t testing.TB, data [ReportDataSize]byte, policy sevabi.SnpPolicy) ([]byte, Roots) {
	t.Helper()
	signer, err := sevtest.DefaultTestOnlyCertChain("Milan-B1", whenTDX)
	require.NoError(t, err)
	report := sevtest.TestRawReport(data)
	raw := report[:sevabi.ReportSize]
	binary.LittleEndian.PutUint64(raw[sevPolicy:], sevabi.SnpPolicyToBytes(policy))
	r, s, err := signer.Sign(sevabi.SignedComponent(raw))
	require.NoError(t, err)
	require.NoError(t, sevabi.SetSignature(r, s, raw))
	certs, err := signer.CertTableBytes()
	require.NoError(t, err)
	root := sevtrust.AMDRootCertsProduct("Milan")
	root.ProductCerts = &sevtrust.ProductCerts{Ark: signer.Ark, Ask: signer.Ask, Asvk: signer.Asvk}
	return append(bytes.Clone(raw), certs...), Roots{SEV: map[string][]*sevtrust.AMDRootCerts{"Milan": {root}}}
}

// TestSEVReport judges reports that bind what MsgSubmitQuote asks for.
func TestSEVReport(t *testing.T) {
	operator, worker := bytes.Repeat([]byte{1}, 20), bytes.Repeat([]byte{2}, 20)
	want := ReportData("cupel-1", operator, worker, 7)
	good, roots := newSEV(t, want, sevabi.SnpPolicy{SMT: true})
	at := whenTDX.Add(time.Hour)
	judge := func(raw []byte, want [ReportDataSize]byte, roots Roots) Reason {
		reason, err := Quote(markettypes.TEESEVSNP, raw, want, at, roots)
		require.Equal(t, reason == Genuine, err == nil, "%v", err)
		return reason
	}
	require.Equal(t, Genuine, judge(good, want, roots))
	for name, other := range map[string][ReportDataSize]byte{
		"another chain":    ReportData("cupel-2", operator, worker, 7),
		"another operator": ReportData("cupel-1", worker, worker, 7),
		"another worker":   ReportData("cupel-1", operator, operator, 7),
		"another epoch":    ReportData("cupel-1", operator, worker, 8),
	} {
		require.Equal(t, OtherData, judge(good, other, roots), name)
	}
	require.Equal(t, Unsigned, judge(good, want, Roots{}), "not AMD's root")
	for _, at := range []int{sevData, sevData + 63, 0x90, 0x2a0} {
		forged := bytes.Clone(good)
		forged[at] ^= 1
		require.NotEqual(t, Genuine, judge(forged, ReportData("cupel-1", operator, worker, 7), roots), "byte %d", at)
	}
	require.Equal(t, Malformed, judge(good[:100], want, roots))
	require.NotEqual(t, Genuine, judge(good[:sevabi.ReportSize], want, roots), "without its certificates")
	debug, roots := newSEV(t, want, sevabi.SnpPolicy{Debug: true})
	require.Equal(t, Debug, judge(debug, want, roots))
	moved, roots := newSEV(t, want, sevabi.SnpPolicy{MigrateMA: true})
	require.Equal(t, Unsigned, judge(moved, want, roots))
	late, err := Quote(markettypes.TEESEVSNP, good, want, at.AddDate(60, 0, 0), roots)
	require.Equal(t, Unsigned, late, "%v", err)
}

func TestReasons(t *testing.T) {
	require.Equal(t, "genuine", Genuine.String())
	require.Equal(t, "debug mode", Debug.String())
	require.Equal(t, "Reason(9)", Reason(9).String())
}

// FuzzQuote: no bytes end the worker, and what is not the quote is not genuine.
func FuzzQuote(f *testing.F) {
	var want [ReportDataSize]byte
	good, roots := newSEV(f, want, sevabi.SnpPolicy{SMT: true})
	f.Add(true, tdxtest.RawQuote)
	f.Add(false, good)
	f.Add(false, good[:sevabi.ReportSize])
	f.Fuzz(func(t *testing.T, tdx bool, raw []byte) {
		tee := markettypes.TEESEVSNP
		if tdx {
			tee = markettypes.TEETDX
		}
		reason, err := Quote(tee, raw, want, whenTDX.Add(time.Hour), roots)
		if (reason == Genuine) != (err == nil) {
			t.Fatalf("%s with error %v", reason, err)
		}
		if reason == Genuine && !bytes.Equal(raw[:0x2a0], good[:0x2a0]) {
			t.Fatal("a forgery is genuine")
		}
	})
}
