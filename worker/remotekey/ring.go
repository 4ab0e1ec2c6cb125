// SPDX-License-Identifier: Apache-2.0

package remotekey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	signingtypes "github.com/cosmos/cosmos-sdk/types/tx/signing"
)

// callTimeout bounds one call to the signer.
const callTimeout = 10 * time.Second

// Ring is a keyring with one key, which a remote signer holds. What a keyring
// can do besides showing and using that key finds nothing in it.
type Ring struct {
	keyring.Keyring
	base   string
	token  string
	client *http.Client
	name   string
	record *keyring.Record
	pub    cryptotypes.PubKey
}

// ValidURL says whether a signer can be at raw: unix:///PATH, https://, or
// http:// on this machine.
func ValidURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return err
	}
	switch {
	case u.Scheme == "unix" && u.Host == "" && u.Path != "":
		return nil
	case u.Scheme == "https" && u.Host != "":
		return nil
	case u.Scheme == "http":
		if a, err := netip.ParseAddr(u.Hostname()); u.Hostname() == "localhost" || err == nil && a.IsLoopback() {
			return nil
		}
		return errors.New("http:// is for this machine only: use https:// or a unix socket")
	}
	return fmt.Errorf("%q is not unix:///PATH, https://HOST or http://127.0.0.1:PORT", raw)
}

// Dial asks the signer at raw for its key, which is called name from then on.
func Dial(ctx context.Context, cdc codec.Codec, raw, token, name string) (*Ring, error) {
	if err := ValidURL(raw); err != nil {
		return nil, fmt.Errorf("key.remote: %w", err)
	}
	r := &Ring{Keyring: keyring.NewInMemory(cdc), base: raw, token: token, name: name, client: &http.Client{Timeout: callTimeout}}
	if u, err := url.Parse(raw); err == nil && u.Scheme == "unix" {
		r.base = "http://signer"
		r.client.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", u.Path)
		}}
	}
	var key keyResponse
	if err := r.call(ctx, http.MethodGet, "/v1/key", nil, &key); err != nil {
		return nil, fmt.Errorf("ask the remote signer at %s for its key (cupel-worker signer starts one): %w", raw, err)
	}
	if key.Type != (&secp256k1.PubKey{}).Type() || len(key.PubKey) != secp256k1.PubKeySize {
		return nil, fmt.Errorf("the remote signer has a key of type %q, secp256k1 is needed", key.Type)
	}
	r.pub = &secp256k1.PubKey{Key: key.PubKey}
	var err error
	r.record, err = keyring.NewOfflineRecord(name, r.pub)
	return r, err
}

// Key implements keyring.Keyring.
func (r *Ring) Key(uid string) (*keyring.Record, error) {
	if uid != r.name {
		return r.Keyring.Key(uid)
	}
	return r.record, nil
}

// KeyByAddress implements keyring.Keyring.
func (r *Ring) KeyByAddress(address sdk.Address) (*keyring.Record, error) {
	if !bytes.Equal(address.Bytes(), r.pub.Address()) {
		return r.Keyring.KeyByAddress(address)
	}
	return r.record, nil
}

// Sign implements keyring.Keyring. It refuses a signature that is not valid.
func (r *Ring) Sign(uid string, msg []byte, mode signingtypes.SignMode) ([]byte, cryptotypes.PubKey, error) {
	if uid != r.name {
		return r.Keyring.Sign(uid, msg, mode)
	}
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	var out signResponse
	if err := r.call(ctx, http.MethodPost, "/v1/sign", signRequest{Doc: msg}, &out); err != nil {
		return nil, nil, fmt.Errorf("remote signer: %w", err)
	}
	if !r.pub.VerifySignature(msg, out.Signature) {
		return nil, nil, errors.New("remote signer: the signature does not fit the key that it named at the start: restart the worker if the key was changed")
	}
	return out.Signature, r.pub, nil
}

// SignByAddress implements keyring.Keyring.
func (r *Ring) SignByAddress(address sdk.Address, msg []byte, mode signingtypes.SignMode) ([]byte, cryptotypes.PubKey, error) {
	if !bytes.Equal(address.Bytes(), r.pub.Address()) {
		return r.Keyring.SignByAddress(address, msg, mode)
	}
	return r.Sign(r.name, msg, mode)
}

func (r *Ring) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, r.base+path, body)
	if err != nil {
		return err
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	res, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	limited := io.LimitReader(res.Body, 1<<20)
	if res.StatusCode == http.StatusOK {
		return json.NewDecoder(limited).Decode(out)
	}
	var failed errorResponse
	if err := json.NewDecoder(limited).Decode(&failed); err != nil || failed.Error == "" {
		return fmt.Errorf("it answers %s", res.Status)
	}
	if res.StatusCode == http.StatusForbidden {
		return fmt.Errorf("%w: %s", ErrRefused, failed.Error)
	}
	return errors.New(failed.Error)
}
