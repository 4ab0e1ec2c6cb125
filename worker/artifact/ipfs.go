// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ipfs/go-cid"
)

// Media types of a trustless gateway.
const (
	typeCAR = "application/vnd.ipld.car"
	typeRaw = "application/vnd.ipld.raw"
)

// gateway is a trustless IPFS gateway: it is asked for blocks only, and every
// block is compared with its CID.
type gateway struct {
	base   string
	client *http.Client
}

// openGateways takes URLs that the operator chose: their hosts may be private,
// but what they redirect to may not.
func openGateways(urls []string, private bool) ([]gateway, error) {
	var all []gateway
	for _, raw := range urls {
		u, err := url.Parse(raw)
		if err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "" {
			return nil, fmt.Errorf("gateway %q is not http:// or https:// and a host", raw)
		}
		port := u.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
		}
		all = append(all, gateway{
			base:   strings.TrimSuffix(raw, "/"),
			client: newHTTPClient(private, net.JoinHostPort(u.Hostname(), port)),
		})
	}
	return all, nil
}

// fetchIPFS tries every gateway. What one sent and was right is kept for the
// next.
func (f *Fetcher) fetchIPFS(ctx context.Context, t transfer, loc location) error {
	if len(f.gateways) == 0 {
		return fmt.Errorf("artifacts.ipfs_gateways names none: %w", ErrForbidden)
	}
	var all []error
	for _, g := range f.gateways {
		err := f.fetchGateway(ctx, t, loc, g)
		if err == nil || ctx.Err() != nil || errors.Is(err, ErrNoRoom) {
			return err
		}
		all = append(all, fmt.Errorf("%s: %w", g.base, err))
	}
	return errors.Join(all...)
}

func (f *Fetcher) fetchGateway(ctx context.Context, t transfer, loc location, g gateway) error {
	have := t.have()
	src := &gatewayBlocks{t: t, g: g, left: 2*t.limit + blockBudget, stopCAR: func() {}}
	defer func() { src.stopCAR() }()
	if err := src.open(ctx, loc, have); err != nil {
		return err
	}
	d := &dag{blocks: src}
	file, err := d.resolve(ctx, loc.root, loc.segments)
	if err != nil {
		return err
	}
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, err := d.write(ctx, w, file, have, 0)
		w.CloseWithError(err) // nil is the end of the file
	}()
	err = f.save(ctx, t, r, have)
	_ = r.CloseWithError(errors.Join(context.Canceled, err)) // never fails
	<-done
	return err
}

// gatewayBlocks takes blocks from a CAR while it lasts, and one by one else.
type gatewayBlocks struct {
	t transfer
	g gateway
	// left is how many bytes may still be read.
	left    int64
	car     *carReader
	stopCAR func()
	seen    blockCache
}

// open asks for all blocks at once. A gateway that has no CARs is no error.
func (b *gatewayBlocks) open(ctx context.Context, loc location, have int64) error {
	path := "/ipfs/" + loc.root.String()
	for _, s := range loc.segments {
		path += "/" + url.PathEscape(s)
	}
	query := url.Values{"format": {"car"}, "dag-scope": {"entity"}}
	if have > 0 {
		query.Set("entity-bytes", strconv.FormatInt(have, 10)+":*")
	}
	res, err := b.get(ctx, path+"?"+query.Encode(), typeCAR+"; version=1; order=dfs; dups=n")
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), typeCAR) {
		return res.Body.Close()
	}
	in, stop := b.t.pace(ctx, res.Body)
	b.stopCAR = func() {
		stop()
		_ = res.Body.Close() // nothing was written
	}
	if b.car, err = newCARReader(in, b.left); err != nil {
		return fmt.Errorf("the CAR of the gateway: %w", err)
	}
	return nil
}

func (b *gatewayBlocks) get(ctx context.Context, path, accept string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.g.base+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", accept)
	return b.g.client.Do(req)
}

// block implements blockSource.
func (b *gatewayBlocks) block(ctx context.Context, c cid.Cid) ([]byte, error) {
	if b.left -= blockCost; b.left < 0 {
		return nil, fmt.Errorf("more blocks than a file of %d bytes can need: %w", b.t.limit, ErrTooLarge)
	}
	if data, ok := b.seen.get(c); ok {
		return data, nil
	}
	for b.car != nil {
		found, data, err := b.car.next()
		if errors.Is(err, ErrMismatch) || errors.Is(err, ErrTooLarge) || ctx.Err() != nil {
			return nil, errors.Join(err, ctx.Err())
		}
		if err != nil {
			b.car = nil // it ended, or broke off: the rest one by one
			b.stopCAR()
			break
		}
		b.seen.put(found, data)
		if found == c {
			return data, nil
		}
	}
	return b.single(ctx, c)
}

func (b *gatewayBlocks) single(ctx context.Context, c cid.Cid) ([]byte, error) {
	res, err := b.get(ctx, "/ipfs/"+c.String()+"?format=raw", typeRaw)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("gateway answered %s to block %s", res.Status, c)
	}
	in, stop := b.t.pace(ctx, res.Body)
	defer stop()
	data, err := io.ReadAll(io.LimitReader(in, maxBlock+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxBlock {
		return nil, fmt.Errorf("block %s has more than %d bytes: %w", c, maxBlock, ErrTooLarge)
	}
	if b.left -= int64(len(data)); b.left < 0 {
		return nil, fmt.Errorf("more bytes than a file of %d bytes can need: %w", b.t.limit, ErrTooLarge)
	}
	if err := verifyBlock(c, data); err != nil {
		return nil, err
	}
	b.seen.put(c, data)
	return data, nil
}
