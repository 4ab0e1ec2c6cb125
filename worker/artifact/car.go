// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	"github.com/multiformats/go-varint"
)

const (
	// maxBlock is the most bytes of one block.
	maxBlock = 4 << 20
	// maxCARHeader is the most bytes of the header of a CAR.
	maxCARHeader = 64 << 10
	// blockCost is what one block counts beside its bytes, so that no graph of
	// empty blocks is walked for ever.
	blockCost = 256
	// blockBudget is what a graph may cost beside twice the bytes of its file.
	blockBudget = 16 << 20
	// cacheBytes bounds the blocks that are kept because they may be used again.
	cacheBytes = 32 << 20
)

// ErrUnverifiable is content whose CID this worker cannot verify.
var ErrUnverifiable = errors.New("the CID cannot be verified")

// digestOf returns the sha256 in a CID. Only raw blocks and dag-pb are known.
func digestOf(c cid.Cid) ([]byte, error) {
	if t := c.Type(); t != cid.Raw && t != cid.DagProtobuf {
		return nil, fmt.Errorf("CID has codec 0x%x, known are raw and dag-pb: %w", t, ErrUnverifiable)
	}
	h, err := multihash.Decode(c.Hash())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnverifiable, err)
	}
	if h.Code != multihash.SHA2_256 || h.Length != sha256.Size {
		return nil, fmt.Errorf("CID has hash function 0x%x of %d bytes, known is sha2-256: %w", h.Code, h.Length, ErrUnverifiable)
	}
	return h.Digest, nil
}

// verifyBlock compares a block with its CID.
func verifyBlock(c cid.Cid, data []byte) error {
	want, err := digestOf(c)
	if err != nil {
		return err
	}
	if got := sha256.Sum256(data); !bytes.Equal(got[:], want) {
		return fmt.Errorf("block %s has sha256 %x: %w", c, got, ErrMismatch)
	}
	return nil
}

// carReader reads the blocks of a CAR of version 1, each verified. What the
// CAR says of its roots is not used.
type carReader struct {
	in   *bufio.Reader
	left int64
}

// The header is a map of roots and version in canonical DAG-CBOR.
var (
	carHead = append([]byte{0xa2, 0x65}, "roots"...)
	carTail = append(append([]byte{0x67}, "version"...), 0x01)
)

// newCARReader reads the header. At most limit bytes are read in all.
func newCARReader(r io.Reader, limit int64) (*carReader, error) {
	c := &carReader{in: bufio.NewReaderSize(r, 64<<10), left: limit}
	head, err := c.section(maxCARHeader)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(head, carHead) || !bytes.HasSuffix(head, carTail) {
		return nil, errors.New("header is not that of a CAR of version 1")
	}
	return c, nil
}

func (c *carReader) section(most uint64) ([]byte, error) {
	n, err := varint.ReadUvarint(c.in)
	if err != nil {
		return nil, err
	}
	if n == 0 || n > most {
		return nil, fmt.Errorf("section of %d bytes, at most %d are allowed: %w", n, most, ErrTooLarge)
	}
	if c.left -= int64(n); c.left < 0 {
		return nil, fmt.Errorf("CAR is longer than its file can need: %w", ErrTooLarge)
	}
	var buf bytes.Buffer // grows with what arrives, not with what is announced
	if _, err := io.CopyN(&buf, c.in, int64(n)); err != nil {
		return nil, errors.Join(err, io.ErrUnexpectedEOF)
	}
	return buf.Bytes(), nil
}

// next returns a block and its CID, with version 1. The end is io.EOF.
func (c *carReader) next() (cid.Cid, []byte, error) {
	c.left -= blockCost
	section, err := c.section(maxBlock + 128)
	if err != nil {
		return cid.Undef, nil, err
	}
	n, id, err := cid.CidFromBytes(section)
	if err != nil {
		return cid.Undef, nil, fmt.Errorf("CAR holds no CID where one should be: %w", ErrMismatch)
	}
	id, data := cid.NewCidV1(id.Type(), id.Hash()), section[n:]
	if err := verifyBlock(id, data); err != nil {
		return cid.Undef, nil, errors.Join(err, ErrMismatch)
	}
	return id, data, nil
}

// blockCache keeps the blocks that were seen last.
type blockCache struct {
	blocks map[cid.Cid][]byte
	order  []cid.Cid
	bytes  int
}

func (b *blockCache) get(c cid.Cid) ([]byte, bool) {
	data, ok := b.blocks[c]
	return data, ok
}

func (b *blockCache) put(c cid.Cid, data []byte) {
	if b.blocks == nil {
		b.blocks = make(map[cid.Cid][]byte)
	}
	if _, ok := b.blocks[c]; ok {
		return
	}
	b.blocks[c] = data
	b.order = append(b.order, c)
	b.bytes += len(data) + blockCost
	for b.bytes > cacheBytes {
		b.bytes -= len(b.blocks[b.order[0]]) + blockCost
		delete(b.blocks, b.order[0])
		b.order = b.order[1:]
	}
}
