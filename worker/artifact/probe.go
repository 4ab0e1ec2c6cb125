// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Probe reports whether an http source sends the content, and keeps nothing:
// what is in the store already does not count. It is one attempt; an error says
// why not.
func (f *Fetcher) Probe(ctx context.Context, src Source, uri string) (err error) {
	loc, err := parseURI(uri)
	if err != nil {
		return err
	}
	if loc.url == nil {
		return fmt.Errorf("uri %.128q is not http: %w", uri, ErrForbidden)
	}
	ctx, done := context.WithTimeout(ctx, f.opts.Timeout)
	defer done()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer func() {
		if err != nil && errors.Is(context.Cause(ctx), ErrStalled) {
			err = ErrStalled
		}
	}()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, loc.url.String(), nil)
	if err != nil {
		return err
	}
	res, err := f.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("server answered %s", res.Status)
	}
	t := transfer{src: src, limit: f.limit(src), stall: f.opts.Stall, cancel: cancel}
	in, stop := t.pace(ctx, res.Body)
	defer stop()
	return t.check(in)
}

// check reads the content to its end.
func (t transfer) check(in io.Reader) error {
	hash := sha256.New()
	n, err := io.Copy(hash, io.LimitReader(in, t.limit+1))
	switch {
	case err != nil:
		return err
	case n > t.limit:
		return fmt.Errorf("more than %d bytes: %w", t.limit, ErrTooLarge)
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != t.src.SHA256 {
		return fmt.Errorf("sha256 is %s: %w", got, ErrMismatch)
	}
	return nil
}
