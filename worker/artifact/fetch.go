// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Errors of Fetch that no retry can mend.
var (
	// ErrForbidden is a source that this worker does not read.
	ErrForbidden = errors.New("source is not allowed")
	// ErrTooLarge is content beyond the worker's limit.
	ErrTooLarge = errors.New("content is too large")
)

// ErrStalled is a source that sends too slowly to be waited for.
var ErrStalled = errors.New("source sends too slowly")

// Source names content by hash and says where it may be.
type Source struct {
	// SHA256 is 64 lower-case hex digits.
	SHA256 string
	// Size in bytes; 0 means that it is not known.
	Size uint64
	// Limit in bytes where it is below that of the fetcher; 0 means that.
	Limit int64
	// URIs are tried in order.
	URIs []string
}

// FetchOptions bound what a Fetcher does.
type FetchOptions struct {
	// FileRoots are the directories from which file:// may be read.
	FileRoots []string
	// PrivateHosts allows http to loopback, private and link-local addresses.
	PrivateHosts bool
	// MaxBytes bounds one file.
	MaxBytes int64
	// Timeout bounds one attempt at one URI.
	Timeout time.Duration
	// Stall is the time in which at least 1 KiB a second must arrive; 0 means
	// 30 seconds.
	Stall time.Duration
	// Buckets are those that s3:// may name.
	Buckets []Bucket
	// Gateways are the trustless IPFS gateways, tried in order. What they send
	// is verified.
	Gateways []string
}

// Fetcher brings content into a store.
type Fetcher struct {
	store    *Store
	opts     FetchOptions
	client   *http.Client
	buckets  map[string]*bucketClient
	gateways []gateway

	mu   sync.Mutex
	busy map[string]*flight
}

// NewFetcher returns a Fetcher into store. An error is a bucket or a gateway
// that is not usable.
func NewFetcher(store *Store, opts FetchOptions) (*Fetcher, error) {
	if opts.Stall == 0 {
		opts.Stall = 30 * time.Second
	}
	f := &Fetcher{store: store, opts: opts, client: newHTTPClient(opts.PrivateHosts, ""), busy: make(map[string]*flight)}
	var err error
	if f.buckets, err = openBuckets(opts.Buckets); err != nil {
		return nil, err
	}
	f.gateways, err = openGateways(opts.Gateways, opts.PrivateHosts)
	return f, err
}

// Hold keeps content in the store, now or once it is there, until it is
// released.
func (f *Fetcher) Hold(digest string) (release func()) { return f.store.Hold(digest) }

// limit is the most bytes that are read for a source.
func (f *Fetcher) limit(src Source) int64 {
	most := f.opts.MaxBytes
	if src.Limit > 0 {
		most = min(most, src.Limit)
	}
	if src.Size > 0 && src.Size < uint64(most) {
		most = int64(src.Size)
	}
	return most
}

// transfer is one attempt at one URI.
type transfer struct {
	src    Source
	part   string
	limit  int64
	stall  time.Duration
	cancel context.CancelCauseFunc
}

// have is how much an earlier attempt left.
func (t transfer) have() int64 {
	info, err := os.Stat(t.part)
	if err != nil {
		return 0
	}
	return info.Size()
}

// drop starts over. It is a no-op if there is nothing.
func (t transfer) drop() error {
	if err := os.Remove(t.part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// attempt downloads from one URI, on from what is there. If the whole has
// another hash, what was there may be to blame: then once more from the start.
func (f *Fetcher) attempt(ctx context.Context, src Source, uri string) error {
	loc, err := parseURI(uri)
	if err != nil {
		return err
	}
	ctx, done := context.WithTimeout(ctx, f.opts.Timeout)
	defer done()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	t := transfer{src: src, part: filepath.Join(f.store.dir, src.SHA256+partSuffix), limit: f.limit(src), stall: f.opts.Stall, cancel: cancel}
	before := t.have()
	if before > t.limit || src.Size > 0 && before == int64(src.Size) {
		if err := f.finish(t); err == nil {
			return nil
		}
		before = 0
	}
	err = f.transfer(ctx, t, loc)
	if before > 0 && errors.Is(err, ErrMismatch) && ctx.Err() == nil {
		err = f.transfer(ctx, t, loc)
	}
	if err != nil && errors.Is(context.Cause(ctx), ErrStalled) {
		return ErrStalled
	}
	return err
}

// finish adopts a part that is complete already, or drops it.
func (f *Fetcher) finish(t transfer) error {
	in, err := os.Open(t.part)
	if err != nil {
		return err
	}
	defer in.Close()
	sum, err := hashOf(io.LimitReader(in, t.limit+1))
	if err != nil || sum != t.src.SHA256 {
		return errors.Join(ErrMismatch, err, t.drop())
	}
	return f.store.Adopt(t.part, t.src.SHA256)
}

func (f *Fetcher) transfer(ctx context.Context, t transfer, loc location) error {
	switch loc.scheme {
	case "file":
		return f.fetchFile(ctx, t, loc.path)
	case "http", "https":
		return f.fetchHTTP(ctx, t, loc.url)
	case "s3":
		return f.fetchS3(ctx, t, loc)
	case "ipfs":
		return f.fetchIPFS(ctx, t, loc)
	}
	return fmt.Errorf("scheme %q: %w", loc.scheme, ErrForbidden)
}
