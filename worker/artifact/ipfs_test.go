// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	"github.com/multiformats/go-varint"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// blocks builds graphs as go-ipfs does, and is the store of the gateway.
type blocks map[cid.Cid][]byte

func (b blocks) add(t testing.TB, codec uint64, data []byte) cid.Cid {
	t.Helper()
	hash, err := multihash.Sum(data, multihash.SHA2_256, -1)
	require.NoError(t, err)
	c := cid.NewCidV1(codec, hash)
	b[c] = data
	return c
}

func varintField(b []byte, num protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), v)
}

func bytesField(b []byte, num protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), v)
}

// entry is a link of a node; size is what the node says that it holds.
type entry struct {
	name string
	cid  cid.Cid
	size uint64
}

// node adds a block of dag-pb: links first, then the UnixFS data.
func (b blocks) node(t testing.TB, kind uint64, data []byte, total uint64, entries ...entry) cid.Cid {
	var raw []byte
	unix := varintField(nil, 1, kind)
	if len(data) > 0 {
		unix = bytesField(unix, 2, data)
	}
	if kind != unixDirectory {
		unix = varintField(unix, 3, total)
	}
	for _, e := range entries {
		l := bytesField(nil, 1, e.cid.Bytes())
		l = bytesField(l, 2, []byte(e.name))
		raw = bytesField(raw, 2, varintField(l, 3, e.size))
		if kind != unixDirectory {
			unix = varintField(unix, 4, e.size)
		}
	}
	return b.add(t, cid.DagProtobuf, bytesField(raw, 1, unix))
}

// file adds a balanced file with the given width, leaves of chunk bytes.
func (b blocks) file(t testing.TB, data []byte, chunk, width int) cid.Cid {
	var layer []entry
	for start := 0; start < len(data); start += chunk {
		part := data[start:min(len(data), start+chunk)]
		layer = append(layer, entry{cid: b.add(t, cid.Raw, part), size: uint64(len(part))})
	}
	for len(layer) > 1 {
		var above []entry
		for start := 0; start < len(layer); start += width {
			group := layer[start:min(len(layer), start+width)]
			var total uint64
			for _, e := range group {
				total += e.size
			}
			above = append(above, entry{cid: b.node(t, unixFile, nil, total, group...), size: total})
		}
		layer = above
	}
	return layer[0].cid
}

// walk visits blocks depth first, each as often as it is linked.
func (b blocks) walk(c cid.Cid, visit func(cid.Cid)) {
	visit(c)
	if c.Type() != cid.DagProtobuf {
		return
	}
	n, err := decodeNode(b[c])
	if err != nil {
		return
	}
	for _, l := range n.links {
		b.walk(l.cid, visit)
	}
}

// trustless is a gateway over blocks. Edit may change what is sent.
type trustless struct {
	blocks blocks
	noCAR  bool
	edit   func(c cid.Cid, data []byte) []byte
	order  func([]cid.Cid)
	cars   int32
	single int32
}

func section(parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(varint.ToUvarint(uint64(len(body))), body...)
}

func carHeader(root cid.Cid) []byte {
	link := append([]byte{0xd8, 0x2a, 0x58, byte(len(root.Bytes()) + 1), 0}, root.Bytes()...)
	return section(carHead, []byte{0x81}, link, carTail)
}

func (g *trustless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/ipfs/"), "/")
	root, err := cid.Decode(parts[0])
	if err != nil {
		http.Error(w, "no CID", http.StatusBadRequest)
		return
	}
	edit := g.edit
	if edit == nil {
		edit = func(_ cid.Cid, data []byte) []byte { return data }
	}
	switch r.URL.Query().Get("format") {
	case "raw":
		atomic.AddInt32(&g.single, 1)
		if data, ok := g.blocks[root]; ok {
			w.Header().Set("Content-Type", typeRaw)
			send(w, edit(root, data))
			return
		}
		http.NotFound(w, r)
	case "car":
		if g.noCAR {
			http.Error(w, "not supported", http.StatusNotAcceptable)
			return
		}
		atomic.AddInt32(&g.cars, 1)
		w.Header().Set("Content-Type", typeCAR+"; version=1")
		send(w, carHeader(root))
		var all []cid.Cid
		seen := map[cid.Cid]bool{}
		g.blocks.walk(root, func(c cid.Cid) {
			if _, ok := g.blocks[c]; ok && !seen[c] {
				seen[c] = true
				all = append(all, c)
			}
		})
		if g.order != nil {
			g.order(all)
		}
		for _, c := range all {
			send(w, section(c.Bytes(), edit(c, g.blocks[c])))
		}
	default:
		http.Error(w, "only raw and car", http.StatusNotAcceptable)
	}
}

// tree is a file of some layers in a directory in a directory.
func tree(t testing.TB) (b blocks, data []byte, file, root cid.Cid) {
	t.Helper()
	b, data = blocks{}, make([]byte, 50_000)
	_, err := rand.NewChaCha8([32]byte{2}).Read(data)
	require.NoError(t, err)
	file = b.file(t, data, 1000, 4)
	small := b.add(t, cid.Raw, content)
	inner := b.node(t, unixDirectory, nil, 0, entry{"data.bin", file, 0}, entry{"small", small, 0})
	return b, data, file, b.node(t, unixDirectory, nil, 0, entry{"a b", inner, 0}, entry{"other", small, 0})
}

func ipfsOptions(gateways ...http.Handler) (FetchOptions, func()) {
	opts := options()
	opts.PrivateHosts = false // gateways are the operator's choice
	var servers []*httptest.Server
	for _, g := range gateways {
		srv := httptest.NewServer(g)
		servers = append(servers, srv)
		opts.Gateways = append(opts.Gateways, srv.URL)
	}
	return opts, func() {
		for _, s := range servers {
			s.Close()
		}
	}
}

func TestFetchIPFS(t *testing.T) {
	b, data, file, root := tree(t)
	leaf := b.add(t, cid.Raw, content)
	inline := b.node(t, unixFile, content, uint64(len(content)))
	flip := func(_ cid.Cid, data []byte) []byte {
		out := bytes.Clone(data)
		out[len(out)/2] ^= 1
		return out
	}
	tests := map[string]struct {
		uri     string
		body    []byte
		gateway trustless
		err     error
	}{
		"file of many blocks": {uri: "ipfs://" + file.String(), body: data},
		"through directories": {uri: "ipfs://" + root.String() + "/a%20b/data.bin", body: data},
		"one raw block":       {uri: "ipfs://" + leaf.String(), body: content},
		"one inline node":     {uri: "ipfs://" + inline.String(), body: content},
		"version 0":           {uri: "ipfs://" + cid.NewCidV0(file.Hash()).String(), body: data},
		"block by block":      {uri: "ipfs://" + root.String() + "/a%20b/data.bin", body: data, gateway: trustless{noCAR: true}},
		"blocks in another order": {uri: "ipfs://" + file.String(), body: data, gateway: trustless{order: func(all []cid.Cid) {
			rand.New(rand.NewPCG(3, 4)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		}}},
		"a wrong bit in a CAR":   {uri: "ipfs://" + file.String(), body: data, gateway: trustless{edit: flip}, err: ErrMismatch},
		"a wrong bit in a block": {uri: "ipfs://" + file.String(), body: data, gateway: trustless{edit: flip, noCAR: true}, err: ErrMismatch},
		"not in the directory":   {uri: "ipfs://" + root.String() + "/nothing", body: data, err: ErrForbidden},
		"below a file":           {uri: "ipfs://" + root.String() + "/other/x", body: data, err: ErrForbidden},
		"a directory":            {uri: "ipfs://" + root.String(), body: data, err: ErrForbidden},
		"another file":           {uri: "ipfs://" + leaf.String(), body: bytes.Repeat([]byte("x"), len(content)), err: ErrMismatch},
		"larger than was said":   {uri: "ipfs://" + file.String(), body: data[:10], err: ErrTooLarge},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.gateway.blocks = b
			opts, stop := ipfsOptions(&tc.gateway)
			defer stop()
			path, err := newFetcher(t, newStore(t), opts).Fetch(t.Context(), Source{SHA256: sum(tc.body), Size: uint64(len(tc.body)), URIs: []string{tc.uri}})
			require.ErrorIs(t, err, tc.err)
			if tc.err == nil {
				got, err := os.ReadFile(path)
				require.NoError(t, err)
				require.True(t, bytes.Equal(tc.body, got))
			}
		})
	}
	opts, stop := ipfsOptions(&trustless{blocks: blocks{}})
	defer stop()
	_, err := newFetcher(t, newStore(t), opts).Fetch(t.Context(), source("ipfs://"+leaf.String()))
	require.ErrorContains(t, err, "404", "no such block")
	_, err = newFetcher(t, newStore(t), options()).Fetch(t.Context(), source("ipfs://"+leaf.String()))
	require.ErrorIs(t, err, ErrForbidden, "no gateway")
}

// TestHostileGraphs have the right CIDs and the wrong structure.
func TestHostileGraphs(t *testing.T) {
	b := blocks{}
	leaf := b.add(t, cid.Raw, content)
	empty := b.add(t, cid.Raw, nil)
	many := make([]entry, 5000)
	for i := range many {
		many[i] = entry{cid: empty}
	}
	wide := b.node(t, unixFile, nil, 0, many...)
	bomb := wide
	for range 8 {
		bomb = b.node(t, unixFile, nil, 0, entry{cid: bomb}, entry{cid: bomb}, entry{cid: bomb})
	}
	deep := leaf
	for range maxDepth + 5 {
		deep = b.node(t, unixFile, nil, 5000, entry{cid: deep, size: 5000})
	}
	cbor := cid.NewCidV1(cid.DagCBOR, leaf.Hash())
	for name, c := range map[string]cid.Cid{
		"sizes that do not add up": b.node(t, unixFile, nil, 4999, entry{cid: leaf, size: 5000}),
		"child of another size":    b.node(t, unixFile, nil, 4000, entry{cid: leaf, size: 4000}),
		"size beyond all files":    b.node(t, unixFile, nil, 1<<62, entry{cid: leaf, size: 1 << 62}),
		"link to another codec":    b.node(t, unixFile, nil, 5000, entry{cid: cbor, size: 5000}),
		"sharded directory":        b.node(t, unixShard, nil, 0),
		"symbolic link":            b.node(t, 4, []byte("/etc/passwd"), 0),
		"no node at all":           b.add(t, cid.DagProtobuf, []byte{0xff, 0xff}),
		"empty node":               b.add(t, cid.DagProtobuf, nil),
		"too deep":                 deep,
		"empty blocks without end": b.node(t, unixFile, nil, 0, entry{cid: bomb}, entry{cid: bomb}),
	} {
		for _, noCAR := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%t", name, noCAR), func(t *testing.T) {
				g := &trustless{blocks: b, noCAR: noCAR || c == bomb || strings.HasPrefix(name, "empty blocks")}
				opts, stop := ipfsOptions(g)
				defer stop()
				_, err := newFetcher(t, newStore(t), opts).Fetch(t.Context(), source("ipfs://"+c.String()))
				require.Error(t, err)
				require.Less(t, atomic.LoadInt32(&g.single), int32(200))
			})
		}
	}
}

// TestIPFSResumes breaks CARs and blocks at random bytes, over two gateways of
// which the second sends wrong bytes.
func TestIPFSResumes(t *testing.T) {
	b, data, _, root := tree(t)
	var sent, lies atomic.Int64
	liar := &trustless{blocks: b, edit: func(c cid.Cid, data []byte) []byte {
		if c.Type() == cid.Raw {
			lies.Add(1)
			return make([]byte, len(data))
		}
		return data
	}}
	opts, stop := ipfsOptions(cutting(&trustless{blocks: b}, 25, 12_000, &sent), liar)
	defer stop()
	store := newStore(t)
	src := Source{SHA256: sum(data), Size: uint64(len(data)), URIs: []string{"ipfs://" + root.String() + "/a b/data.bin"}}
	attempts := 0
	for ; ; attempts++ {
		require.Less(t, attempts, 40)
		path, err := newFetcher(t, store, opts).Fetch(t.Context(), src)
		if err == nil {
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			require.True(t, bytes.Equal(data, got))
			break
		}
	}
	require.Positive(t, attempts)
	require.Positive(t, lies.Load())
}

// TestGatewayAsksForRedirects does not lead to the provider's own network.
func TestGatewayAsksForRedirects(t *testing.T) {
	b, data, file, _ := tree(t)
	inner := httptest.NewServer(&trustless{blocks: b})
	defer inner.Close()
	opts, stop := ipfsOptions(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inner.URL+r.URL.RequestURI(), http.StatusFound)
	}))
	defer stop()
	_, err := newFetcher(t, newStore(t), opts).Fetch(t.Context(), Source{SHA256: sum(data), Size: uint64(len(data)), URIs: []string{"ipfs://" + file.String()}})
	require.ErrorIs(t, err, ErrForbidden)
}

func FuzzCAR(f *testing.F) {
	b := blocks{}
	root := b.file(f, content, 1000, 4)
	whole := carHeader(root)
	b.walk(root, func(c cid.Cid) { whole = append(whole, section(c.Bytes(), b[c])...) })
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add(carHeader(root))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := newCARReader(bytes.NewReader(raw), 1<<20)
		for err == nil {
			var c cid.Cid
			var data []byte
			if c, data, err = r.next(); err == nil {
				if bad := verifyBlock(c, data); bad != nil {
					t.Fatal(bad)
				}
			}
		}
	})
}

func FuzzUnixFS(f *testing.F) {
	b := blocks{}
	for _, c := range []cid.Cid{b.file(f, content, 1000, 4), b.node(f, unixFile, content, 5000), b.node(f, unixDirectory, nil, 0, entry{"x", b.add(f, cid.Raw, nil), 0})} {
		f.Add(b[c])
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		n, err := decodeNode(raw)
		if err != nil {
			return
		}
		for _, l := range n.links {
			if !l.cid.Defined() || l.cid.Version() != 1 {
				t.Fatalf("link to %s", l.cid)
			}
		}
		// A node that parses is a file whose parts cannot be had, or none.
		d := &dag{blocks: &only{raw}}
		hash, err := multihash.Sum(raw, multihash.SHA2_256, -1)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		got, err := d.write(t.Context(), &out, cid.NewCidV1(cid.DagProtobuf, hash), 0, 0)
		if err == nil && got != int64(out.Len()) {
			t.Fatalf("says %d, wrote %d", got, out.Len())
		}
	})
}

// only has one block, whatever is asked for, once.
type only struct{ raw []byte }

func (o *only) block(context.Context, cid.Cid) ([]byte, error) {
	raw := o.raw
	o.raw = nil
	if raw == nil {
		return nil, errNode
	}
	return raw, nil
}
