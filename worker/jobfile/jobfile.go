// SPDX-License-Identifier: Apache-2.0

// Package jobfile reads the job file that a requester writes and turns it into
// the manifest document and the message that submits it. It reads local files
// and opens no connection.
package jobfile

import (
	"fmt"
	"io"
	"os"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// Limits of a job file and of what it names.
const (
	// APIVersion is the only version of the format.
	APIVersion = "cupel/v1"
	// MaxFileBytes is the most bytes of a job file.
	MaxFileBytes = 1 << 20
	// MaxModuleBytes is the most bytes of a module.
	MaxModuleBytes = 8 << 20
	// MaxInputBytes is the most bytes of one input.
	MaxInputBytes = 1 << 30
)

// Error is a mistake in a job file. Its text is one line.
type Error struct {
	// Line of the job file, 0 where there is none.
	Line int
	// Text says what is wrong and what to write instead.
	Text string
}

// Error implements error.
func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("line %d: %s", e.Line, e.Text)
	}
	return e.Text
}

func errorf(line int, format string, args ...any) *Error {
	return &Error{Line: line, Text: fmt.Sprintf(format, args...)}
}

// Source is content in a local file or at a URI.
type Source struct {
	// Path is relative to the job file; exclusive with URI.
	Path string
	// URI is file:///, http://, https://, s3:// or ipfs://.
	URI string
	// SHA256 is 64 lower-case hex digits; may be empty for a path.
	SHA256 string
	// Size in bytes; 0 means not given.
	Size uint64
	// Encrypted content is a file of age already.
	Encrypted bool

	line  int
	field string
}

// Input is a source that the job sees at an absolute path.
type Input struct {
	Source
	Mount string
}

// Task is what one task runs with. In a sweep a nil field means that of the job.
type Task struct {
	Args   []string
	Env    map[string]string
	Stdin  *Source
	Inputs []Input
	// Statement is what the circuit of a proved job takes as given, 32 bytes.
	Statement []byte
}

// Coin is a whole number of base units of a denom.
type Coin struct {
	Amount uint64
	Denom  string
}

// String is the inverse of parsing.
func (c Coin) String() string { return fmt.Sprintf("%d%s", c.Amount, c.Denom) }

// File is a job file with its defaults filled in.
type File struct {
	Name   string
	Engine string
	// Module is the program; empty where Container is not nil.
	Module    Source
	Container *Container
	// Proof is what a proved job is proved with, else nil.
	Proof    *Proof
	Task     Task
	Sweep    []Task
	Limits   markettypes.Limits
	Replicas uint32
	Policy   markettypes.Policy
	// Comparator is how results are compared; 0 is EXACT. Tolerance has its
	// terms, nil where it has none.
	Comparator   markettypes.Comparator
	Tolerance    *markettypes.Tolerance
	MaxPrice     Coin
	Tip          Coin
	ValueAtStake uint64
	LotSize      uint32
	// DeadlineMillis is the time in which the tasks must be assigned.
	DeadlineMillis uint64
	Requirements   markettypes.Requirements
	Encrypt        Encrypt
	// Hire is the operator of a direct hire, or empty.
	Hire string
}

// Count returns the number of tasks.
func (f *File) Count() int {
	return max(1, len(f.Sweep))
}

// Load reads and parses the job file at path. It looks at the size before it
// reads.
func Load(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, errorf(0, "cannot open the job file: %v", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, errorf(0, "cannot read the job file: %v", err)
	}
	if !info.Mode().IsRegular() {
		return nil, errorf(0, "%s is not a regular file", path)
	}
	if info.Size() > MaxFileBytes {
		return nil, tooLarge(info.Size())
	}
	data, err := io.ReadAll(io.LimitReader(file, MaxFileBytes+1))
	if err != nil {
		return nil, errorf(0, "cannot read the job file: %v", err)
	}
	return Parse(data)
}

func tooLarge(size int64) *Error {
	return errorf(0, "the job file has %d bytes, at most %d are read", size, MaxFileBytes)
}
