// SPDX-License-Identifier: Apache-2.0

package signing

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// remoteTimeout bounds one request.
const remoteTimeout = 15 * time.Second

// Remote is a signer that runs elsewhere. What it answers is checked.
type Remote struct {
	base   string
	chain  string
	domain checkpoint.Domain
	token  string
	client *http.Client
}

// RemoteOptions say how a remote signer is reached.
type RemoteOptions struct {
	// URL is unix:///path, https://host:port, or http://host:port on loopback.
	URL     string
	ChainID string
	// Token is sent as a bearer token if it is set.
	Token string
	// TLS is for https; nil means the system's roots and no client certificate.
	TLS *tls.Config
}

// NewRemote returns the client of a remote signer. It does not connect.
func NewRemote(o RemoteOptions) (*Remote, error) {
	address, err := url.Parse(o.URL)
	if err != nil {
		return nil, fmt.Errorf("signer %q: %w", o.URL, err)
	}
	r := &Remote{chain: o.ChainID, domain: checkpoint.NewDomain(o.ChainID), token: o.Token}
	transport := &http.Transport{TLSClientConfig: o.TLS, MaxIdleConns: 4, IdleConnTimeout: time.Minute}
	switch {
	case address.Scheme == "unix" && address.Path != "":
		r.base = "http://signer"
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", address.Path)
		}
	case address.Scheme == "http" && loopback(address.Hostname()), address.Scheme == "https" && address.Host != "":
		r.base = address.Scheme + "://" + address.Host
	case address.Scheme == "http":
		return nil, fmt.Errorf("signer %q: http goes no further than this machine: use https", o.URL)
	default:
		return nil, fmt.Errorf("signer %q is not unix:///PATH, http://127.0.0.1:PORT or https://HOST:PORT", o.URL)
	}
	r.client = &http.Client{Transport: transport, Timeout: remoteTimeout}
	return r, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// Keys implements Signer.
func (r *Remote) Keys(ctx context.Context) ([]checkpoint.Address, error) {
	var answer keysAnswer
	if err := r.do(ctx, http.MethodGet, pathKeys, nil, &answer); err != nil {
		return nil, err
	}
	if answer.ChainID != r.chain {
		return nil, fmt.Errorf("%w: it serves chain %q, not %q", ErrBadRequest, answer.ChainID, r.chain)
	}
	return answer.Keys, nil
}

// Sign implements Signer.
func (r *Remote) Sign(ctx context.Context, key checkpoint.Address, header checkpoint.Header) (checkpoint.Signature, error) {
	var answer signatureAnswer
	if err := r.do(ctx, http.MethodPost, pathSign, signRequest{r.chain, key, header}, &answer); err != nil {
		return checkpoint.Signature{}, err
	}
	return answer.Signature, checkSigner(answer.Signature, r.domain.Digest(header), key)
}

// Possession implements Signer.
func (r *Remote) Possession(ctx context.Context, key checkpoint.Address, operator []byte) (checkpoint.Signature, error) {
	var answer signatureAnswer
	if err := r.do(ctx, http.MethodPost, pathPossession, possessionRequest{r.chain, key, operator}, &answer); err != nil {
		return checkpoint.Signature{}, err
	}
	return answer.Signature, checkSigner(answer.Signature, r.domain.PossessionDigest(operator, key), key)
}

func (r *Remote) do(ctx context.Context, method, path string, body, into any) error {
	var content io.Reader = http.NoBody
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, r.base+path, content) //nolint:gosec // G704: the operator names the signer
	if err != nil {
		return err
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	res, err := r.client.Do(req) //nolint:gosec // G704: the operator names the signer
	if err != nil {
		return fmt.Errorf("ask the signer: %w", err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err != nil {
		return fmt.Errorf("read the signer's answer: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return remoteError(res.Status, raw)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("read the signer's answer: %w", err)
	}
	return nil
}

// remoteError gives a refusal the type that it had on the other side.
func remoteError(status string, raw []byte) error {
	var answer errorAnswer
	if err := json.Unmarshal(raw, &answer); err != nil || answer.Code == "" {
		return fmt.Errorf("the signer answers %s: is that address a signer?", status)
	}
	kinds := map[string]error{codeSecondDigest: ErrSecondDigest, codeUnknownKey: ErrUnknownKey, codeBadRequest: ErrBadRequest}
	if kind := kinds[answer.Code]; kind != nil {
		return &refusal{kind: kind, text: answer.Error}
	}
	return errors.New("the signer: " + answer.Error)
}

// refusal is an error of the other side.
type refusal struct {
	kind error
	text string
}

// Error implements error.
func (r *refusal) Error() string { return "remote signer: " + r.text }

// Unwrap returns the kind.
func (r *refusal) Unwrap() error { return r.kind }

var _ Signer = (*Remote)(nil)
