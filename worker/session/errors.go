// SPDX-License-Identifier: Apache-2.0

package session

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// Types of errors, as OpenAI's clients know them. payment_required is ours.
const (
	typeInvalid     = "invalid_request_error"
	typeAuth        = "authentication_error"
	typePayment     = "payment_required"
	typeRate        = "rate_limit_error"
	typeServer      = "server_error"
	typeUnavailable = "service_unavailable"
)

// Codes of answers with the status 402. They are an API: clients branch on
// them.
const (
	CodeShort      = "voucher_short"
	CodeSignature  = "voucher_signature"
	CodeTerms      = "voucher_terms"
	CodeOrder      = "voucher_order"
	CodeDeposit    = "deposit_exceeded"
	CodeChain      = "session_other_chain"
	CodeProvider   = "session_other_provider"
	CodeClass      = "session_other_class"
	CodeUnknown    = "session_unknown"
	CodeNotOpen    = "session_not_open"
	CodeNoVoucher  = "voucher_missing"
	CodeMalformed  = "voucher_malformed"
	codeUpstream   = "upstream_error"
	codeBadAnswer  = "upstream_invalid"
	codeNoUpstream = "upstream_unavailable"
)

// Payment says what a call needs. Amounts are decimal strings in base units.
type Payment struct {
	Session uint64 `json:"session,string"`
	Denom   string `json:"denom"`
	// Needed is the lowest cumulative amount that the voucher must sign.
	Needed uint64 `json:"needed_amount,string"`
	// Units is the lowest cumulative number of units for that amount.
	Units uint64 `json:"needed_units,string"`
	// Sequence is the lowest that follows the highest voucher kept.
	Sequence uint64 `json:"next_sequence,string"`
	// Used is what the session's calls have cost so far, rounded up.
	Used uint64 `json:"used_amount,string"`
	// Held is the amount of the highest voucher kept.
	Held    uint64 `json:"held_amount,string"`
	Deposit uint64 `json:"deposit,string"`
	How     string `json:"how"`
}

// apiError is an answer in the shape of OpenAI's errors.
type apiError struct {
	Status  int           `json:"-"`
	Retry   time.Duration `json:"-"`
	Message string        `json:"message"`
	Type    string        `json:"type"`
	Param   *string       `json:"param"`
	Code    string        `json:"code"`
	// Payment is in answers with the status 402.
	Payment *Payment `json:"cupel,omitempty"`
}

// Error implements error.
func (e *apiError) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message) }

func fail(status int, kind, code, format string, args ...any) *apiError {
	return &apiError{Status: status, Type: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// badRequest is about the field param of the body, if it is about one.
func badRequest(param, format string, args ...any) *apiError {
	e := fail(http.StatusBadRequest, typeInvalid, "invalid_request", format, args...)
	if param != "" {
		e.Param = &param
	}
	return e
}

func paymentRequired(code string, pay *Payment, format string, args ...any) *apiError {
	e := fail(http.StatusPaymentRequired, typePayment, code, format, args...)
	e.Payment = pay
	return e
}

// unauthorized answers a call without a voucher.
func unauthorized(code, format string, args ...any) *apiError {
	e := fail(http.StatusUnauthorized, typeAuth, code, format, args...)
	e.Message += ". Send a voucher of an open session with this provider in the header " + voucher.HeaderName + " or as the API key"
	return e
}

func tooMany(retry time.Duration, format string, args ...any) *apiError {
	e := fail(http.StatusTooManyRequests, typeRate, "rate_limit_exceeded", format, args...)
	e.Retry = retry
	return e
}

func unavailable(code, format string, args ...any) *apiError {
	e := fail(http.StatusServiceUnavailable, typeUnavailable, code, format, args...)
	e.Retry = 5 * time.Second
	return e
}

// body is the JSON of the error, also for the data line of a stream.
func (e *apiError) body() []byte {
	raw, err := json.Marshal(map[string]any{"error": e})
	if err != nil { // a struct of strings and numbers always encodes
		return []byte(`{"error":{"message":"internal error","type":"server_error","param":null,"code":"internal"}}`)
	}
	return raw
}

// write answers with the error. The client may be gone.
func (e *apiError) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	if e.Retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((e.Retry+time.Second-1)/time.Second)))
	}
	w.WriteHeader(e.Status)
	// The body is JSON, and nosniff is set.
	_, _ = w.Write(append(e.body(), '\n')) //nolint:gosec // G705: no browser takes JSON for a page
}
