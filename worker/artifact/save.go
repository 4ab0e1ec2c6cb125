// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cupel-network/cupel/worker/crash"
)

// minRate is the least number of bytes a second that a source must send.
const minRate = 1 << 10

func hashOf(r io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// save appends in to the first have bytes of the part, hashing as it goes, and
// adopts the file when hash and size are right. After a short read the part is
// kept for a resume; after any other mistake, and if the disk is full, it is
// removed.
func (f *Fetcher) save(ctx context.Context, t transfer, in io.Reader, have int64) error {
	out, err := os.OpenFile(t.part, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := out.Truncate(have); err != nil {
		return err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(out, 0, have)); err != nil {
		return err
	}
	if _, err := out.Seek(have, io.SeekStart); err != nil {
		return err
	}
	n, err := io.Copy(io.MultiWriter(crash.Half(ctx, crash.InputHalf, out, t.limit), hash), io.LimitReader(&ctxReader{ctx, in}, t.limit-have+1))
	total := have + n
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return errors.Join(fmt.Errorf("the disk is full: %w", ErrNoRoom), t.drop())
	case err != nil:
		return err
	case total > t.limit:
		return errors.Join(fmt.Errorf("more than %d bytes: %w", t.limit, ErrTooLarge), t.drop())
	case t.src.Size > 0 && total < int64(t.src.Size):
		return fmt.Errorf("%d bytes of %d: %w", total, t.src.Size, io.ErrUnexpectedEOF)
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != t.src.SHA256 {
		return errors.Join(fmt.Errorf("sha256 is %s: %w", got, ErrMismatch), t.drop())
	}
	return f.store.Adopt(t.part, t.src.SHA256)
}

// ctxReader ends a copy when the context does.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (c *ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// pace returns in, and ends the attempt if too little of it arrives in any
// window of t.stall. Stop must be called.
func (t transfer) pace(ctx context.Context, in io.Reader) (paced io.Reader, stop func()) {
	ctx, end := context.WithCancel(ctx)
	c := &counter{r: in}
	go func() {
		tick := time.NewTicker(t.stall)
		defer tick.Stop()
		least := int64(t.stall.Seconds() * minRate)
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if c.n.Swap(0) < max(1, least) {
					t.cancel(ErrStalled)
					return
				}
			}
		}
	}()
	return c, end
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n atomic.Int64
}

// Read implements io.Reader.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}
