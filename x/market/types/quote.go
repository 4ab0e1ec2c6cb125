// SPDX-License-Identifier: Apache-2.0

package types

import sdk "github.com/cosmos/cosmos-sdk/types"

// Validate checks the fields of a quote in an epoch.
func (m MsgSubmitQuote) Validate(epoch uint64, p CommitteeParams) error {
	switch {
	case m.Tee != TEETDX && m.Tee != TEESEVSNP:
		return ErrInvalidQuote.Wrapf("%s", m.Tee)
	case len(m.Sha256) != HashSize:
		return ErrInvalidQuote.Wrapf("its sha256 has %d bytes, must be %d", len(m.Sha256), HashSize)
	case len(m.Uri) > MaxManifestURI || !isURI(m.Uri):
		return ErrInvalidQuote.Wrapf("uri %.64q is not http://, https:// or file:// with at most %d printable ASCII characters", m.Uri, MaxManifestURI)
	case m.Epoch > epoch || epoch-m.Epoch > uint64(p.QuoteEpochs):
		return ErrInvalidQuote.Wrapf("it binds epoch %d, now is %d and it may be %d old", m.Epoch, epoch, p.QuoteEpochs)
	}
	return nil
}

// Flat events of committees.
const (
	EventFlatVerdictOpened  = "verdict_opened"
	EventFlatVerdictVoted   = "verdict_voted"
	EventFlatVerdictDecided = "verdict_decided"

	AttrVerdict = "verdict"
	AttrKind    = "kind"
	AttrVote    = "vote"
	AttrRound   = "round"
)

// VerdictEvent starts a flat event about a committee.
func VerdictEvent(name string, v Committee, more ...sdk.Attribute) sdk.Event {
	attrs := []sdk.Attribute{Attr(AttrVerdict, v.Id), sdk.NewAttribute(AttrKind, v.Kind.String())}
	if v.Task != 0 {
		attrs = append(attrs, Attr(AttrTaskID, v.Task))
	}
	if v.Provider != 0 {
		attrs = append(attrs, Attr(AttrProvider, uint64(v.Provider)))
	}
	return sdk.NewEvent(name, append(attrs, more...)...)
}
