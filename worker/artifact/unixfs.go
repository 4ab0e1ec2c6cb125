// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ipfs/go-cid"
	"google.golang.org/protobuf/encoding/protowire"
)

// Types of a UnixFS node.
const (
	unixRaw       = 0
	unixDirectory = 1
	unixFile      = 2
	unixShard     = 5
)

// maxDepth bounds the layers of a file.
const maxDepth = 32

var errNode = errors.New("block is not a valid node of UnixFS")

// blockSource returns verified blocks.
type blockSource interface {
	block(ctx context.Context, c cid.Cid) ([]byte, error)
}

// node is a block of dag-pb with its UnixFS data.
type node struct {
	kind  uint64
	data  []byte
	sizes []uint64
	// size is what the node says that its file has, if it says so.
	size  *uint64
	links []link
}

type link struct {
	name string
	cid  cid.Cid
}

// fields calls fn for every field of a protobuf message.
func fields(raw []byte, fn func(num protowire.Number, typ protowire.Type, value []byte, n uint64) error) error {
	for len(raw) > 0 {
		num, typ, n := protowire.ConsumeTag(raw)
		if n < 0 {
			return errNode
		}
		raw = raw[n:]
		var value []byte
		var number uint64
		switch typ {
		case protowire.VarintType:
			number, n = protowire.ConsumeVarint(raw)
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(raw)
		case protowire.Fixed32Type, protowire.Fixed64Type, protowire.StartGroupType, protowire.EndGroupType:
			n = -1 // none of them is in this format
		default:
			n = -1
		}
		if n < 0 {
			return errNode
		}
		raw = raw[n:]
		if err := fn(num, typ, value, number); err != nil {
			return err
		}
	}
	return nil
}

// decodeNode parses a block of dag-pb. Nothing of it is trusted beyond that it
// is what its CID names.
func decodeNode(raw []byte) (node, error) {
	var n node
	hasData := false
	err := fields(raw, func(num protowire.Number, typ protowire.Type, value []byte, _ uint64) error {
		switch {
		case num == 1 && typ == protowire.BytesType && !hasData:
			hasData = true
			return n.decodeData(value)
		case num == 2 && typ == protowire.BytesType:
			return n.decodeLink(value)
		}
		return errNode
	})
	if err == nil && !hasData {
		err = errNode
	}
	return n, err
}

func (n *node) decodeLink(raw []byte) error {
	var l link
	err := fields(raw, func(num protowire.Number, typ protowire.Type, value []byte, _ uint64) error {
		switch {
		case num == 1 && typ == protowire.BytesType:
			c, err := cid.Cast(value)
			if err != nil {
				return errNode
			}
			l.cid = cid.NewCidV1(c.Type(), c.Hash())
		case num == 2 && typ == protowire.BytesType:
			l.name = string(value)
		}
		return nil
	})
	if err == nil && !l.cid.Defined() {
		err = errNode
	}
	n.links = append(n.links, l)
	return err
}

func (n *node) decodeData(raw []byte) error {
	return fields(raw, func(num protowire.Number, typ protowire.Type, value []byte, number uint64) error {
		switch {
		case num == 1 && typ == protowire.VarintType:
			n.kind = number
		case num == 2 && typ == protowire.BytesType:
			n.data = value
		case num == 3 && typ == protowire.VarintType:
			n.size = &number
		case num == 4 && typ == protowire.VarintType:
			n.sizes = append(n.sizes, number)
		case num == 4 && typ == protowire.BytesType: // packed
			for len(value) > 0 {
				v, used := protowire.ConsumeVarint(value)
				if used < 0 {
					return errNode
				}
				n.sizes, value = append(n.sizes, v), value[used:]
			}
		}
		return nil
	})
}

// dag reads files out of verified blocks.
type dag struct{ blocks blockSource }

func (d *dag) node(ctx context.Context, c cid.Cid) (node, error) {
	raw, err := d.blocks.block(ctx, c)
	if err != nil {
		return node{}, err
	}
	n, err := decodeNode(raw)
	if err != nil {
		return n, fmt.Errorf("%s: %w: %w", c, err, ErrForbidden)
	}
	return n, nil
}

// resolve follows a path of names through directories.
func (d *dag) resolve(ctx context.Context, c cid.Cid, path []string) (cid.Cid, error) {
	for _, name := range path {
		if c.Type() != cid.DagProtobuf {
			return cid.Undef, fmt.Errorf("%q is looked for in a file: %w", name, ErrForbidden)
		}
		n, err := d.node(ctx, c)
		if err != nil {
			return cid.Undef, err
		}
		if n.kind == unixShard {
			return cid.Undef, fmt.Errorf("%s is a sharded directory, name the file by its own CID: %w", c, ErrForbidden)
		}
		if n.kind != unixDirectory {
			return cid.Undef, fmt.Errorf("%q is looked for in what is not a directory: %w", name, ErrForbidden)
		}
		next := cid.Undef
		for _, l := range n.links {
			if l.name == name && !next.Defined() {
				next = l.cid
			}
		}
		if !next.Defined() {
			return cid.Undef, fmt.Errorf("directory %s has no %q: %w", c, name, ErrForbidden)
		}
		c = next
	}
	_, err := digestOf(c)
	return c, err
}

// write writes a file from byte skip on and returns its whole size. Parts that
// are skipped are taken to be as long as the node above them says; the hash of
// the file is compared in the end.
func (d *dag) write(ctx context.Context, w io.Writer, c cid.Cid, skip int64, depth int) (int64, error) {
	if depth > maxDepth {
		return 0, fmt.Errorf("file has more than %d layers: %w", maxDepth, ErrForbidden)
	}
	if c.Type() == cid.Raw {
		data, err := d.blocks.block(ctx, c)
		if err != nil {
			return 0, err
		}
		return int64(len(data)), writeFrom(w, data, skip)
	}
	n, err := d.node(ctx, c)
	if err != nil {
		return 0, err
	}
	if n.kind != unixFile && n.kind != unixRaw || len(n.sizes) != len(n.links) {
		return 0, fmt.Errorf("%s is not a file: %w", c, ErrForbidden)
	}
	total := int64(len(n.data))
	if err := writeFrom(w, n.data, skip); err != nil {
		return 0, err
	}
	for i, l := range n.links {
		if n.sizes[i] > 1<<50 {
			return 0, fmt.Errorf("%s: %w: %w", c, errNode, ErrForbidden)
		}
		size := int64(n.sizes[i])
		if skip >= total+size {
			total += size
			continue
		}
		got, err := d.write(ctx, w, l.cid, max(0, skip-total), depth+1)
		if err != nil {
			return 0, err
		}
		if got != size {
			return 0, fmt.Errorf("%s has %d bytes, the node above says %d: %w", l.cid, got, size, ErrForbidden)
		}
		total += size
	}
	if n.size != nil && *n.size != uint64(total) {
		return 0, fmt.Errorf("%s has %d bytes and says %d: %w", c, total, *n.size, ErrForbidden)
	}
	return total, nil
}

func writeFrom(w io.Writer, data []byte, skip int64) error {
	if skip >= int64(len(data)) {
		return nil
	}
	_, err := w.Write(data[skip:])
	return err
}
