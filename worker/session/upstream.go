// SPDX-License-Identifier: Apache-2.0

package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Limits of what the inference server answers.
const (
	maxAnswer  = 32 << 20
	maxProblem = 64 << 10
	maxQuote   = 500
)

// upstream is the inference server.
type upstream struct {
	url    string
	key    string
	client *http.Client
}

func newUpstream(c UpstreamConfig) (*upstream, error) {
	u := &upstream{url: strings.TrimRight(c.URL, "/")}
	if c.KeyFile != "" {
		raw, err := os.ReadFile(c.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("read sessions.upstream.key_file: %w", err)
		}
		u.key = strings.TrimSpace(string(raw))
	}
	u.client = &http.Client{
		Transport: &http.Transport{
			DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			ResponseHeaderTimeout: c.FirstByte,
			MaxIdleConnsPerHost:   64,
			IdleConnTimeout:       time.Minute,
			DisableCompression:    true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return u, nil
}

// probeTimeout bounds the look at the server's models.
const probeTimeout = 15 * time.Second

// UpstreamModels asks the inference server for the names of its models, as doctor
// does before anybody pays.
func UpstreamModels(ctx context.Context, cfg UpstreamConfig) ([]string, error) {
	u, err := newUpstream(cfg)
	if err != nil {
		return nil, err
	}
	defer u.client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.url+"/models", nil)
	if err != nil {
		return nil, err
	}
	if u.key != "" {
		req.Header.Set("Authorization", "Bearer "+u.key)
	}
	res, err := u.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s/models answers %s", u.url, res.Status)
	}
	var list struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(&list); err != nil {
		return nil, fmt.Errorf("GET %s/models is no list of models: %w", u.url, err)
	}
	names := make([]string, 0, len(list.Data))
	for _, m := range list.Data {
		names = append(names, m.ID)
	}
	return names, nil
}

// chat sends a call. The caller closes the body of an answer with the status
// 200; everything else is an error in the client's terms.
func (u *upstream) chat(ctx context.Context, body []byte) (*http.Response, *apiError) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.url+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return nil, fail(http.StatusInternalServerError, typeServer, codeUpstream, "the call could not be made")
	}
	req.Header.Set("Content-Type", "application/json")
	if u.key != "" {
		req.Header.Set("Authorization", "Bearer "+u.key)
	}
	res, err := u.client.Do(req)
	if err != nil {
		return nil, unreachable(err)
	}
	if res.StatusCode == http.StatusOK {
		return res, nil
	}
	defer res.Body.Close()
	return nil, refused(res)
}

// unreachable does not say where the server is.
func unreachable(err error) *apiError {
	var e *url.Error
	if errors.As(err, &e) && e.Timeout() {
		return unavailable(codeNoUpstream, "the inference server took too long. Nothing was charged; try again")
	}
	return unavailable(codeNoUpstream, "the inference server does not answer. Nothing was charged; try again")
}

// refused turns an error of the server into one for the client. Only what the
// client did wrong is quoted.
func refused(res *http.Response) *apiError {
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxProblem))
	if err != nil {
		raw = nil
	}
	switch code := res.StatusCode; code {
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge:
		return fail(http.StatusBadRequest, typeInvalid, "invalid_request", "%s", quote(raw))
	case http.StatusTooManyRequests:
		return tooMany(retryAfter(res.Header), "the inference server is busy. Nothing was charged; try again")
	case http.StatusServiceUnavailable:
		e := unavailable(codeNoUpstream, "the inference server is not ready. Nothing was charged; try again")
		e.Retry = retryAfter(res.Header)
		return e
	default:
		return fail(http.StatusInternalServerError, typeServer, codeUpstream, "the inference server failed with the status %d. Nothing was charged", code)
	}
}

// quote is the message of an error in OpenAI's shape or in vLLM's older one.
func quote(raw []byte) string {
	var shaped struct {
		Message string          `json:"message"`
		Error   json.RawMessage `json:"error"`
	}
	var inner struct {
		Message string `json:"message"`
	}
	text := "the inference server refused the call as invalid"
	if json.Unmarshal(raw, &shaped) == nil {
		if shaped.Message != "" {
			text = shaped.Message
		}
		if json.Unmarshal(shaped.Error, &inner) == nil && inner.Message != "" {
			text = inner.Message
		}
	}
	if len(text) > maxQuote {
		text = strings.ToValidUTF8(text[:maxQuote], "") + "…"
	}
	return text
}

func retryAfter(h http.Header) time.Duration {
	d, err := time.ParseDuration(h.Get("Retry-After") + "s")
	if err != nil || d <= 0 || d > time.Hour {
		return 5 * time.Second
	}
	return d
}

// answer reads a whole answer that is not a stream.
func answer(res *http.Response) (map[string]json.RawMessage, *apiError) {
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return nil, unreachable(err)
	}
	var fields map[string]json.RawMessage
	if len(raw) > maxAnswer || json.Unmarshal(raw, &fields) != nil || fields == nil {
		return nil, fail(http.StatusInternalServerError, typeServer, codeBadAnswer, "the inference server gave no answer that can be read. Nothing was charged")
	}
	return fields, nil
}
