// SPDX-License-Identifier: Apache-2.0

// Package tee asks the trusted execution environment that this machine runs in
// for a quote.
package tee

import (
	"errors"
	"fmt"

	sevclient "github.com/google/go-sev-guest/client"
	tdxclient "github.com/google/go-tdx-guest/client"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// ErrNone is a machine without a device that makes quotes.
var ErrNone = errors.New("this machine is no TDX or SEV-SNP guest: it has neither /sys/kernel/config/tsm/report nor /dev/tdx_guest nor /dev/sev-guest")

// Machine makes quotes.
type Machine struct {
	Kind markettypes.TEE
	// Quote returns a quote over 64 bytes of report data, with its certificates.
	Quote func(data [64]byte) ([]byte, error)
}

// Find returns the device of this machine, or ErrNone.
func Find() (Machine, error) {
	if p, err := tdxclient.GetQuoteProvider(); err == nil && p.IsSupported() == nil {
		return Machine{Kind: markettypes.TEETDX, Quote: p.GetRawQuote}, nil
	}
	if p, err := sevclient.GetQuoteProvider(); err == nil && p.IsSupported() {
		return Machine{Kind: markettypes.TEESEVSNP, Quote: p.GetRawQuote}, nil
	}
	d, err := tdxclient.OpenDevice()
	if err != nil {
		return Machine{}, ErrNone
	}
	return Machine{Kind: markettypes.TEETDX, Quote: func(data [64]byte) (raw []byte, err error) {
		defer func() { err = errors.Join(err, d.Close()) }()
		if raw, err = tdxclient.GetRawQuote(d, data); err != nil {
			err = fmt.Errorf("ask /dev/tdx_guest: %w", err)
		}
		return raw, err
	}}, nil
}
