// SPDX-License-Identifier: Apache-2.0

// Package receipt holds the proof that a task was settled, as a file that
// anyone can check without a node: the leaves of the task, their way to the
// root of a checkpoint, the checkpoint with the signatures that sealed it, and
// the line of attestor sets that leads to the set that signed. It is pure and
// asks no chain. The encodings are those of x/oracle/types/checkpoint.
package receipt

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// Version is the version of the file's form.
const Version = 1

// MaxSize is the most bytes of a receipt that is read.
const MaxSize = 64 << 20

// Bytes is a byte string that is written as 0x and lower-case hex digits.
type Bytes []byte

// String returns 0x and two lower-case hex digits a byte.
func (b Bytes) String() string { return "0x" + hex.EncodeToString(b) }

// MarshalText writes String.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads hex digits after 0x.
func (b *Bytes) UnmarshalText(text []byte) error {
	digits, ok := strings.CutPrefix(string(text), "0x")
	if !ok {
		return errors.New("bytes do not start with 0x")
	}
	decoded, err := hex.DecodeString(digits)
	if err != nil {
		return fmt.Errorf("not hex: %w", err)
	}
	*b = decoded
	return nil
}

// Leaf is what one provider got for the task; its fields are those of
// checkpoint.Leaf.
type Leaf struct {
	Version   uint8              `json:"version"`
	HomeChain string             `json:"home_chain"`
	Task      uint64             `json:"task,string"`
	Attempt   uint32             `json:"attempt"`
	Provider  Bytes              `json:"provider"`
	Requester Bytes              `json:"requester"`
	Denom     string             `json:"denom"`
	Amount    uint64             `json:"amount,string"`
	Result    checkpoint.Hash    `json:"result"`
	DestChain uint64             `json:"dest_chain,string"`
	Vault     checkpoint.Address `json:"vault"`
	To        checkpoint.Address `json:"to"`
}

// NewLeaf returns a leaf of a receipt.
func NewLeaf(l checkpoint.Leaf) Leaf {
	return Leaf{
		Version: l.Version, HomeChain: l.HomeChain, Task: l.Task, Attempt: l.Attempt,
		Provider: l.Provider, Requester: l.Requester, Denom: l.Denom, Amount: l.Amount,
		Result: l.Result, DestChain: l.DestChain, Vault: l.Vault, To: l.To,
	}
}

// Checkpoint returns the leaf as it is hashed.
func (l Leaf) Checkpoint() checkpoint.Leaf {
	return checkpoint.Leaf{
		Version: l.Version, HomeChain: l.HomeChain, Task: l.Task, Attempt: l.Attempt,
		Provider: l.Provider, Requester: l.Requester, Denom: l.Denom, Amount: l.Amount,
		Result: l.Result, DestChain: l.DestChain, Vault: l.Vault, To: l.To,
	}
}

// Proof is a leaf with its way to the root.
type Proof struct {
	Leaf Leaf `json:"leaf"`
	// Hash of the leaf, as mirrors take it.
	Hash checkpoint.Hash `json:"hash"`
	// Siblings from the leaf to the root.
	Siblings []checkpoint.Hash `json:"siblings"`
}

// Change is a header that hands over from Set to the next one.
type Change struct {
	Header     checkpoint.Header   `json:"header"`
	Set        checkpoint.Set      `json:"set"`
	Signatures []checkpoint.Signed `json:"signatures"`
}

// Receipt proves the payments of one task.
type Receipt struct {
	Version uint32 `json:"version"`
	// ChainID is the Cupel chain that settled the task.
	ChainID string `json:"chain_id"`
	Task    uint64 `json:"task,string"`
	// Proofs has one element per paid provider, all under one root.
	Proofs []Proof `json:"proofs"`
	// Header is the checkpoint, Set the attestors that signed it.
	Header checkpoint.Header `json:"header"`
	Set    checkpoint.Set    `json:"set"`
	// Signatures seal the header, ascending by address.
	Signatures []checkpoint.Signed `json:"signatures"`
	// Line is every set change from the first set that the receipt knows to
	// Set, in order. Empty if Set is that first one.
	Line []Change `json:"line"`
}

// Encode returns the one form of the receipt, with a line feed at the end.
func (r Receipt) Encode() ([]byte, error) {
	data, err := json.MarshalIndent(r.complete(), "", "  ")
	return append(data, '\n'), err
}

// complete writes empty lists as [] and never as null.
func (r Receipt) complete() Receipt {
	r.Line = append([]Change{}, r.Line...)
	r.Proofs = append([]Proof{}, r.Proofs...)
	for i, p := range r.Proofs {
		r.Proofs[i].Siblings = append([]checkpoint.Hash{}, p.Siblings...)
	}
	return r
}

// Parse reads a receipt. It refuses whatever Encode would write otherwise,
// white space apart: unknown and repeated fields, other cases and spellings. So
// what any reader sees in the file is what Verify has checked.
func Parse(data []byte) (Receipt, error) {
	var r Receipt
	if len(data) > MaxSize {
		return r, fmt.Errorf("receipt has %d bytes, at most %d", len(data), MaxSize)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return Receipt{}, fmt.Errorf("not a receipt: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Receipt{}, errors.New("not a receipt: something follows it")
	}
	written, err := json.Marshal(r.complete())
	if err != nil {
		return Receipt{}, err
	}
	var given bytes.Buffer
	if err := json.Compact(&given, data); err != nil {
		return Receipt{}, fmt.Errorf("not a receipt: %w", err)
	}
	if !bytes.Equal(written, given.Bytes()) {
		return Receipt{}, fmt.Errorf("not in the form that receipts have, from byte %d of the compact form on", firstDifference(written, given.Bytes()))
	}
	return r, nil
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
