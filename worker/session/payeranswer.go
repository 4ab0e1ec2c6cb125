// SPDX-License-Identifier: Apache-2.0

package session

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// modelsFresh is how long the prices of a provider are believed, and how often
// the chain is asked for the deposit.
const modelsFresh = time.Minute

// model returns a model at the prices that were quoted first: a provider that
// raises them is refused until the payer starts anew.
func (p *Payer) model(ctx context.Context, name string) (Model, *apiError) {
	p.mu.Lock()
	m, ok := p.models[name]
	fresh := time.Since(p.asked) < modelsFresh
	p.mu.Unlock()
	if ok && fresh {
		return m, nil
	}
	if err := p.refresh(ctx); err != nil {
		if ok {
			return m, nil // the provider refuses the call itself if it must
		}
		return m, unavailable("provider_unreachable", "the provider does not quote its prices: %v", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if m, ok = p.models[name]; !ok {
		param := "model"
		e := fail(http.StatusNotFound, typeInvalid, "model_not_found", "the provider does not sell the model %.100q", name)
		e.Param = &param
		return m, e
	}
	return m, nil
}

func (p *Payer) refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	info, err := p.opts.Terms(ctx)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.opts.URL+"/models", nil)
	if err != nil {
		return err
	}
	res, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var list struct {
		Data []listed `json:"data"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, payerBody)).Decode(&list); err != nil {
		return fmt.Errorf("%s/models: %w", p.opts.URL, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.info, p.asked = info, time.Now()
	for _, l := range list.Data {
		m := Model{Name: l.ID, Input: l.Cupel.Input, Output: l.Cupel.Output, Context: l.Cupel.Context, MaxOutput: l.Cupel.MaxOutput}
		if err := m.validate(); err != nil || l.Cupel.Denom != info.Denom {
			p.opts.Log.Warn("a model is quoted in a way that cannot be paid", "model", l.ID, "denom", l.Cupel.Denom, "err", err)
			continue
		}
		if known, ok := p.models[l.ID]; ok && (m.Input > known.Input || m.Output > known.Output) {
			p.opts.Log.Warn("the provider raised a price, the old one is paid", "model", l.ID, "input", m.Input, "output", m.Output)
			continue
		}
		p.models[l.ID] = m
	}
	return nil
}

func (p *Payer) send(ctx context.Context, body []byte, v voucher.Signed) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.opts.URL+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(voucher.HeaderName, v.Header())
	return p.client.Do(req)
}

// answer hands an answer on and returns what it has cost: what the provider
// says, or most if it does not say.
func (p *Payer) answer(w http.ResponseWriter, res *http.Response, request []byte, most uint64) outcome {
	defer res.Body.Close()
	copyHeader(w.Header(), res.Header)
	w.WriteHeader(res.StatusCode)
	hash := sha256.New()
	body := io.TeeReader(res.Body, hash)
	if res.StatusCode != http.StatusOK {
		_, _ = io.Copy(w, body) // the client is gone if this fails
		return outcome{}
	}
	said := spoken{outcome: outcome{charge: most}}
	if n, err := strconv.ParseUint(res.Header.Get(HeaderCharge), 10, 63); err == nil {
		said.charge = n
		said.used, _ = strconv.ParseUint(res.Header.Get(HeaderUsed), 10, 63) // 0 if it is not said
		_, _ = io.Copy(w, body)
	} else {
		copyStream(w, body, &said)
	}
	if said.charge > most {
		p.opts.Log.Warn("the provider charged more than the call may cost", "session", p.opts.Session, "charge", said.charge, "most", most)
	}
	p.receipt(voucher.Receipt{Request: sha256.Sum256(request), Response: [32]byte(hash.Sum(nil)), Units: said.units})
	return said.outcome
}

// spoken is what a stream says of its cost.
type spoken struct {
	outcome
	units uint64
}

// receipt goes into the vouchers from the next one on.
func (p *Payer) receipt(r voucher.Receipt) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.st.Receipts = r.Chain(p.st.Receipts)
}

// copyStream hands events on as they come and reads the charge from the
// comment at the end.
func copyStream(w http.ResponseWriter, body io.Reader, said *spoken) {
	control := http.NewResponseController(w)
	in := bufio.NewReaderSize(body, 64<<10)
	for {
		line, err := in.ReadSlice('\n')
		if _, failed := w.Write(line); failed != nil {
			return
		}
		if rest, ok := bytes.CutPrefix(line, []byte(": cupel ")); ok {
			said.read(string(rest))
		}
		if len(line) <= 2 && control.Flush() != nil {
			return
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

// read takes in the comment: "charge_milli=1 used=2 input=3 output=4".
func (s *spoken) read(text string) {
	for _, field := range strings.Fields(text) {
		name, value, _ := strings.Cut(field, "=")
		n, err := strconv.ParseUint(value, 10, 63)
		switch {
		case err != nil:
		case name == "charge_milli":
			s.charge = n
		case name == "used":
			s.used = n
		case name == "input" || name == "output":
			s.units += n
		}
	}
}

// copyHeader copies what concerns the client, not the connection.
func copyHeader(to, from http.Header) {
	for name, values := range from {
		switch name {
		case "Connection", "Content-Length", "Transfer-Encoding", "Keep-Alive", "Date":
		default:
			to[name] = values
		}
	}
}
