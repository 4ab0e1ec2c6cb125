// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
)

var contentRange = regexp.MustCompile(`^bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)$`)

// fetchHTTP downloads, from where an earlier attempt stopped if the server can.
func (f *Fetcher) fetchHTTP(ctx context.Context, t transfer, u *url.URL) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	have := t.have()
	if have > 0 {
		req.Header.Set("Range", "bytes="+strconv.FormatInt(have, 10)+"-")
	}
	res, err := f.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return f.receive(ctx, t, res.StatusCode, res.Header, res.ContentLength, res.Body, have)
}

// receive checks the head of an answer and saves its body.
func (f *Fetcher) receive(ctx context.Context, t transfer, status int, h http.Header, length int64, body io.Reader, have int64) error {
	switch {
	case status == http.StatusOK:
		have = 0
	case status == http.StatusPartialContent && have > 0:
		if err := t.continues(h.Get("Content-Range"), have); err != nil {
			return errors.Join(err, t.drop()) // a range that does not fit starts over next time
		}
	case have > 0 && (status == http.StatusRequestedRangeNotSatisfiable || status == http.StatusPartialContent):
		return errors.Join(fmt.Errorf("server answered %d to a range", status), t.drop())
	default:
		return fmt.Errorf("server answered %d %s", status, http.StatusText(status))
	}
	if length > t.limit-have {
		return fmt.Errorf("server sends %d bytes, at most %d are read: %w", length, t.limit-have, ErrTooLarge)
	}
	in, stop := t.pace(ctx, body)
	defer stop()
	return f.save(ctx, t, in, have)
}

// continues checks that the range goes on where the part ends, of a whole that
// has the right size.
func (t transfer) continues(text string, have int64) error {
	m := contentRange.FindStringSubmatch(text)
	if m == nil || m[1] != strconv.FormatInt(have, 10) {
		return fmt.Errorf("server answered with range %.64q, asked for from %d", text, have)
	}
	if m[3] != "*" && t.src.Size > 0 && m[3] != strconv.FormatUint(t.src.Size, 10) {
		return fmt.Errorf("server has %s bytes instead of %d: %w", m[3], t.src.Size, ErrMismatch)
	}
	return nil
}
