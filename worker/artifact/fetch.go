// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
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

// Source names content by hash and says where it may be.
type Source struct {
	// SHA256 is 64 lower-case hex digits.
	SHA256 string
	// Size in bytes; 0 means that it is not known.
	Size uint64
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
}

// Fetcher brings content into a store.
type Fetcher struct {
	store  *Store
	opts   FetchOptions
	client *http.Client

	mu   sync.Mutex
	busy map[string]chan struct{}
}

// NewFetcher returns a Fetcher into store.
func NewFetcher(store *Store, opts FetchOptions) *Fetcher {
	return &Fetcher{store: store, opts: opts, client: newHTTPClient(opts.PrivateHosts), busy: make(map[string]chan struct{})}
}

// Fetch returns the file with the content. It is one attempt at every URI; an
// error joins what each of them gave. Content that is in the store is not
// fetched again, and one digest is fetched once however many ask.
func (f *Fetcher) Fetch(ctx context.Context, src Source) (string, error) {
	leave, err := f.enter(ctx, src.SHA256)
	if err != nil {
		return "", err
	}
	defer leave()
	path, err := f.store.Path(src.SHA256)
	if !errors.Is(err, fs.ErrNotExist) {
		return path, err
	}
	if src.Size > uint64(f.opts.MaxBytes) {
		return "", fmt.Errorf("%d bytes, at most %d are fetched: %w", src.Size, f.opts.MaxBytes, ErrTooLarge)
	}
	all := []error{fmt.Errorf("fetch %s", src.SHA256)}
	for _, uri := range src.URIs {
		err := f.fetch(ctx, src, uri)
		if err == nil {
			return f.store.Path(src.SHA256)
		}
		all = append(all, fmt.Errorf("%s: %w", uri, err))
	}
	return "", errors.Join(all...)
}

func (f *Fetcher) enter(ctx context.Context, digest string) (func(), error) {
	for {
		f.mu.Lock()
		wait, taken := f.busy[digest]
		if !taken {
			done := make(chan struct{})
			f.busy[digest] = done
			f.mu.Unlock()
			return func() {
				f.mu.Lock()
				delete(f.busy, digest)
				f.mu.Unlock()
				close(done)
			}, nil
		}
		f.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (f *Fetcher) fetch(ctx context.Context, src Source, uri string) error {
	ctx, cancel := context.WithTimeout(ctx, f.opts.Timeout)
	defer cancel()
	u, err := url.Parse(uri)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForbidden, err)
	}
	switch u.Scheme {
	case "file":
		return f.fetchFile(ctx, src, u)
	case "http", "https":
		return f.fetchHTTP(ctx, src, u)
	default:
		return fmt.Errorf("scheme %q: %w", u.Scheme, ErrForbidden)
	}
}

// fetchFile copies a local file. The path is resolved first, so that a link
// cannot lead out of the roots, and opened through the root, so that it cannot
// be exchanged in between.
func (f *Fetcher) fetchFile(ctx context.Context, src Source, u *url.URL) error {
	target, err := filepath.EvalSymlinks(u.Path)
	if err != nil {
		return err
	}
	for _, dir := range f.opts.FileRoots {
		root, err := filepath.EvalSymlinks(dir)
		if err != nil {
			continue
		}
		rel, err := filepath.Rel(root, target)
		if err != nil || !filepath.IsLocal(rel) {
			continue
		}
		return f.copyFile(ctx, src, root, rel)
	}
	return fmt.Errorf("path is outside artifacts.file_roots: %w", ErrForbidden)
}

func (f *Fetcher) copyFile(ctx context.Context, src Source, root, rel string) error {
	in, err := os.OpenInRoot(root, rel)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("not a regular file: %w", ErrForbidden)
	}
	part := f.part(src)
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return f.save(ctx, src, in, part, 0)
}

// fetchHTTP downloads, from where an earlier attempt stopped if the server can.
func (f *Fetcher) fetchHTTP(ctx context.Context, src Source, u *url.URL) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	part := f.part(src)
	var have int64
	if info, err := os.Stat(part); err == nil && info.Size() > 0 {
		have = info.Size()
		req.Header.Set("Range", "bytes="+strconv.FormatInt(have, 10)+"-")
	}
	res, err := f.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusOK:
		have = 0
	case res.StatusCode == http.StatusPartialContent && resumes(res, have):
	default:
		_ = os.Remove(part) // a range that does not fit starts over next time
		return fmt.Errorf("server answered %s", res.Status)
	}
	if res.ContentLength > f.limit(src)-have {
		return fmt.Errorf("server sends %d bytes: %w", res.ContentLength, ErrTooLarge)
	}
	return f.save(ctx, src, res.Body, part, have)
}

func resumes(res *http.Response, have int64) bool {
	return have > 0 && strings.HasPrefix(res.Header.Get("Content-Range"), "bytes "+strconv.FormatInt(have, 10)+"-")
}

func (f *Fetcher) part(src Source) string {
	return filepath.Join(f.store.dir, src.SHA256+partSuffix)
}

func (f *Fetcher) limit(src Source) int64 {
	if src.Size > 0 {
		return min(f.opts.MaxBytes, int64(src.Size))
	}
	return f.opts.MaxBytes
}

// save appends in to the first have bytes of part, hashing as it goes, and
// adopts the file when hash and size are right. After a short read the part is
// kept for a resume; after any other mistake it is removed.
func (f *Fetcher) save(ctx context.Context, src Source, in io.Reader, part string, have int64) error {
	out, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o600)
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
	n, err := io.Copy(io.MultiWriter(out, hash), io.LimitReader(&ctxReader{ctx, in}, f.limit(src)-have+1))
	if err != nil {
		return err
	}
	total := have + n
	if total > f.limit(src) {
		return errors.Join(fmt.Errorf("more than %d bytes: %w", f.limit(src), ErrTooLarge), os.Remove(part))
	}
	if src.Size > 0 && total < int64(src.Size) {
		return fmt.Errorf("%d bytes of %d: %w", total, src.Size, io.ErrUnexpectedEOF)
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != src.SHA256 {
		return errors.Join(fmt.Errorf("sha256 is %s: %w", got, ErrMismatch), os.Remove(part))
	}
	return f.store.Adopt(part, src.SHA256)
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
