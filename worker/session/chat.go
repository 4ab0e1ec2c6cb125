// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// Headers of answers. HeaderUsed and HeaderCharge are in base units.
const (
	// HeaderPrice quotes the prices of the call.
	HeaderPrice = "Cupel-Price"
	// HeaderMost is the most that the call may cost.
	HeaderMost = "Cupel-Most"
	// HeaderUsed is what the calls of the session have cost so far, rounded up.
	HeaderUsed = "Cupel-Used"
	// HeaderCharge is what this call has cost, in thousandths.
	HeaderCharge = "Cupel-Charge-Milli"
)

// call is one chat call that may be made.
type call struct {
	front *Front
	req   *request
	model Model
	info  Info
	hold  *hold
	meter meter
	// output is the limit of tokens of one choice.
	output uint64
}

// terms prices the call. Without a limit by the client the answer may be as
// long as the voucher covers.
func (c *call) terms(cover uint64) terms {
	pinned, n := c.info.Terms.Price, c.req.n
	in := min(c.req.bound, c.model.Context)
	output := c.model.MaxOutput
	least := min(c.front.cfg.Limits.MinOutput, output)
	if c.req.output > 0 {
		output = min(c.req.output, output)
		least = output
	}
	t := terms{least: c.model.priceFor(in, least*n, pinned)}
	if one := c.model.priceFor(0, n, pinned); one > 0 && cover > t.least {
		output = min(output, least+(cover-t.least)/one)
	}
	t.most = c.model.priceFor(in, output*n, pinned)
	c.output = output
	c.meter = meter{text: c.req.text, bound: in, output: output * n, stream: c.req.stream}
	return t
}

// cost of tokens, in thousandths.
func (c *call) cost(u usage) uint64 { return c.model.priceFor(u.In, u.Out, c.info.Terms.Price) }

// announce sets the headers that are known before the answer.
func (c *call) announce(h http.Header) {
	pinned := c.info.Terms.Price
	h.Set(HeaderPrice, fmt.Sprintf("input=%d; output=%d; per=%d; denom=%s", min(c.model.Input, pinned), min(c.model.Output, pinned), tokenScale, c.info.Denom))
	h.Set(HeaderMost, strconv.FormatUint((c.hold.most+tokenScale-1)/tokenScale, 10))
}

// serve makes the call and answers it. It returns what was charged for.
func (c *call) serve(ctx context.Context, w http.ResponseWriter) (usage, *apiError) {
	body, err := c.req.upstream(c.model.UpstreamName(), c.output)
	if err != nil {
		return usage{}, badRequest("", "the call cannot be encoded: %v", err)
	}
	res, problem := c.front.upstream.chat(ctx, body)
	if problem != nil {
		return usage{}, problem
	}
	defer res.Body.Close()
	c.announce(w.Header())
	if c.req.stream {
		return c.relay(ctx, w, res)
	}
	return c.whole(w, res)
}

// whole answers a call that is not a stream: it is charged on disk before it
// is sent.
func (c *call) whole(w http.ResponseWriter, res *http.Response) (usage, *apiError) {
	fields, problem := answer(res)
	if problem != nil {
		return usage{}, problem
	}
	var choices []struct {
		Message said `json:"message"`
	}
	if json.Unmarshal(fields["choices"], &choices) != nil || len(choices) == 0 {
		return usage{}, fail(http.StatusInternalServerError, typeServer, codeBadAnswer, "the inference server gave an answer without choices. Nothing was charged")
	}
	c.front.accounts.at(stepAnswer)
	for _, choice := range choices {
		c.meter.add(choice.Message.bytes())
	}
	c.meter.report(fields["usage"])
	u := c.metered()
	body, err := c.rewrite(fields, &u)
	if err != nil {
		return usage{}, fail(http.StatusInternalServerError, typeServer, codeBadAnswer, "the answer cannot be encoded again: %v. Nothing was charged", err)
	}
	milli, used, err := c.settle(u)
	if err != nil {
		return usage{}, fail(http.StatusInternalServerError, typeServer, "store_failed", "the charge could not be kept, the answer was not sent: %v", err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set(HeaderUsed, strconv.FormatUint(used, 10))
	h.Set(HeaderCharge, strconv.FormatUint(milli, 10))
	_, _ = w.Write(body) // the client is gone if this fails; it was charged
	c.front.accounts.at(stepSent)
	return u, nil
}

// metered is what the call is charged for.
func (c *call) metered() usage {
	u, trusted := c.meter.final()
	if !trusted && c.meter.reported != nil {
		c.front.log.Warn("usage of the inference server is not possible, own count taken", "model", c.model.Name,
			"reported_in", c.meter.reported.In, "reported_out", c.meter.reported.Out, "in", u.In, "out", u.Out)
	}
	return u
}

// settle charges the call durably. It returns the charge in thousandths and
// what the session has used.
func (c *call) settle(u usage) (milli, used uint64, err error) {
	milli = min(c.cost(u), c.hold.most)
	used, err = c.hold.charge(milli)
	return milli, used, err
}

// rewrite encodes an answer or a chunk under the public name of the model. A
// nil usage takes the field out.
func (c *call) rewrite(fields map[string]json.RawMessage, u *usage) ([]byte, error) {
	name, err := json.Marshal(c.model.Name)
	if err != nil {
		return nil, err
	}
	fields["model"] = name
	delete(fields, "usage")
	if u != nil {
		if fields["usage"], err = json.Marshal(u); err != nil {
			return nil, err
		}
	}
	return json.Marshal(fields)
}

// voucherOf reads the voucher of a call from its header or from the API key.
func voucherOf(r *http.Request) (voucher.Signed, *apiError) {
	value := r.Header.Get(voucher.HeaderName)
	if value == "" {
		value, _ = bearer(r.Header.Get("Authorization"))
	}
	if value == "" {
		return voucher.Signed{}, unauthorized(CodeNoVoucher, "the call carries no voucher")
	}
	v, err := voucher.ParseHeader(value)
	if err != nil {
		return v, unauthorized(CodeMalformed, "the voucher cannot be read: %v", err)
	}
	return v, nil
}

func bearer(value string) (string, bool) {
	const scheme = "Bearer "
	if len(value) < len(scheme) || !strings.EqualFold(value[:len(scheme)], scheme) {
		return "", false
	}
	return value[len(scheme):], true
}
