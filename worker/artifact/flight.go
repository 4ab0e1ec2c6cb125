// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// flight is a download that others who want the same content wait for.
type flight struct {
	uris []string
	done chan struct{}
	// err and abandoned are set before done is closed. An abandoned flight
	// ended because its own caller left, which says nothing to the others.
	err       error
	abandoned bool
}

// Fetch returns the file with the content. It is one attempt at every URI; an
// error joins what each of them gave. Content that is in the store is not
// fetched again, and all who ask for one digest at once share one download.
func (f *Fetcher) Fetch(ctx context.Context, src Source) (string, error) {
	for {
		path, err := f.store.Path(src.SHA256)
		if !errors.Is(err, fs.ErrNotExist) {
			return path, err
		}
		if src.Size > uint64(f.limit(src)) {
			return "", fmt.Errorf("%d bytes, at most %d are fetched: %w", src.Size, f.limit(src), ErrTooLarge)
		}
		f.mu.Lock()
		other, taken := f.busy[src.SHA256]
		if !taken {
			own := &flight{uris: src.URIs, done: make(chan struct{})}
			f.busy[src.SHA256] = own
			f.mu.Unlock()
			return f.fly(ctx, src, own)
		}
		f.mu.Unlock()
		select {
		case <-other.done:
			if other.err != nil && !other.abandoned && slices.Equal(other.uris, src.URIs) {
				return "", other.err
			}
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// fly downloads for all who wait.
func (f *Fetcher) fly(ctx context.Context, src Source, own *flight) (path string, err error) {
	defer func() {
		own.err, own.abandoned = err, ctx.Err() != nil
		f.mu.Lock()
		delete(f.busy, src.SHA256)
		f.mu.Unlock()
		close(own.done)
	}()
	release, err := f.store.reserve(ctx, src.SHA256, f.limit(src))
	if err != nil {
		return "", err
	}
	defer release()
	all := []error{fmt.Errorf("fetch %s", src.SHA256)}
	for _, uri := range src.URIs {
		err := f.attempt(ctx, src, uri)
		if err == nil {
			return f.store.Path(src.SHA256)
		}
		all = append(all, fmt.Errorf("%.256s: %w", uri, err))
	}
	return "", errors.Join(all...)
}
