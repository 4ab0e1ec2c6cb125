// SPDX-License-Identifier: Apache-2.0

// Package judge decides what the members of a committee vote on: whether the
// evidence of a job holds, and whether the quote of a machine is genuine. It
// opens no connection, and the same bytes give the same vote everywhere. See
// worker/judge/README.md.
package judge

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	sevabi "github.com/google/go-sev-guest/abi"
	sevvalidate "github.com/google/go-sev-guest/validate"
	sevverify "github.com/google/go-sev-guest/verify"
	sevtrust "github.com/google/go-sev-guest/verify/trust"
	tdxabi "github.com/google/go-tdx-guest/abi"
	tdxpb "github.com/google/go-tdx-guest/proto/tdx"
	tdxverify "github.com/google/go-tdx-guest/verify"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// Reason says why a quote is not genuine. Numbers are votes: append only.
type Reason uint8

// The reasons.
const (
	// Genuine is a quote that holds.
	Genuine Reason = 0
	// Unfetched is a quote that could not be fetched by its hash.
	Unfetched Reason = 1
	// Malformed is something that is no quote of its kind.
	Malformed Reason = 2
	// Unsigned is a quote whose signature or certificates do not hold.
	Unsigned Reason = 3
	// OtherData is a quote that binds another chain, operator, worker or epoch.
	OtherData Reason = 4
	// Debug is a machine into which its host can look.
	Debug Reason = 5
)

var reasonNames = [...]string{"genuine", "not fetched", "malformed", "signature or certificates", "other report data", "debug mode"}

// String is for logs.
func (r Reason) String() string {
	if int(r) >= len(reasonNames) {
		return fmt.Sprintf("Reason(%d)", uint8(r))
	}
	return reasonNames[r]
}

// MaxQuote is the most bytes of a quote with its certificates.
const MaxQuote = 64 << 10

// tdDebug is the bit of TD attributes that opens a TD to its host.
const tdDebug = 1

// ReportDataSize is the size of the report data of both kinds.
const ReportDataSize = 64

// ReportData is what the report data of a quote must be: the hash that binds
// chain, operator, worker and epoch, and zeros. See ADR-010 of x/market.
func ReportData(chainID string, operator, worker []byte, epoch uint64) (data [ReportDataSize]byte) {
	copy(data[:], markettypes.QuoteData(chainID, operator, worker, epoch))
	return data
}

// Roots replace the certificates of Intel and AMD, for tests; nil means those
// that the libraries carry.
type Roots struct {
	TDX *x509.CertPool
	SEV map[string][]*sevtrust.AMDRootCerts
}

// Quote judges a quote at a time. It looks nothing up: a list of revoked
// certificates would not be the same for all members. The error says more about
// the reason and is nil for Genuine.
func Quote(tee markettypes.TEE, raw []byte, want [ReportDataSize]byte, at time.Time, roots Roots) (reason Reason, err error) {
	defer func() {
		if p := recover(); p != nil { // a parser of a library must not end the worker
			reason, err = Malformed, fmt.Errorf("the quote cannot be read: %v", p)
		}
	}()
	if len(raw) > MaxQuote {
		return Malformed, fmt.Errorf("quote has %d bytes, at most %d are read", len(raw), MaxQuote)
	}
	switch tee {
	case markettypes.TEETDX:
		return tdx(raw, want, at, roots.TDX)
	case markettypes.TEESEVSNP:
		return sev(raw, want, at, roots.SEV)
	default:
		return Malformed, fmt.Errorf("kind %s is not known", tee)
	}
}

var (
	errData  = errors.New("the report data binds something else")
	errDebug = errors.New("the machine is in debug mode: its host can look into it")
)

func tdx(raw []byte, want [ReportDataSize]byte, at time.Time, roots *x509.CertPool) (Reason, error) {
	parsed, err := tdxabi.QuoteToProto(raw)
	if err != nil {
		return Malformed, err
	}
	quote, ok := parsed.(*tdxpb.QuoteV4)
	if !ok {
		return Malformed, fmt.Errorf("quote is a %T, known is version 4", parsed)
	}
	if err := tdxverify.TdxQuote(quote, &tdxverify.Options{Now: at, TrustedRoots: roots}); err != nil {
		return Unsigned, err
	}
	body := quote.GetTdQuoteBody()
	switch attributes := body.GetTdAttributes(); {
	case !bytes.Equal(body.GetReportData(), want[:]):
		return OtherData, errData
	case len(attributes) == 0 || attributes[0]&tdDebug != 0:
		return Debug, errDebug
	}
	return Genuine, nil
}

// sev reads a report followed by the table of its certificates.
func sev(raw []byte, want [ReportDataSize]byte, at time.Time, roots map[string][]*sevtrust.AMDRootCerts) (Reason, error) {
	if len(raw) < sevabi.ReportSize {
		return Malformed, fmt.Errorf("report has %d bytes, must be %d and its certificates", len(raw), sevabi.ReportSize)
	}
	attestation, err := sevabi.ReportCertsToProto(raw)
	if err != nil {
		return Malformed, err
	}
	options := &sevverify.Options{Now: at, TrustedRoots: roots, DisableCertFetching: true}
	if err := sevverify.SnpAttestation(attestation, options); err != nil {
		return Unsigned, err
	}
	policy, err := sevabi.ParseSnpPolicy(attestation.GetReport().GetPolicy())
	switch {
	case err != nil:
		return Malformed, err
	case !bytes.Equal(attestation.GetReport().GetReportData(), want[:]):
		return OtherData, errData
	case policy.Debug:
		return Debug, errDebug
	}
	// The certificate is of this chip at this firmware, and no agent may move the guest.
	err = sevvalidate.SnpAttestation(attestation, &sevvalidate.Options{GuestPolicy: sevabi.SnpPolicy{SMT: true, CXLAllowed: true}})
	if err != nil {
		return Unsigned, err
	}
	return Genuine, nil
}
