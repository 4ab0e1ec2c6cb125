// SPDX-License-Identifier: Apache-2.0

// Package manifest defines the document that names what a batch of tasks
// runs. Its sha256 is on chain; the document is inline there or at a URI.
package manifest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"sort"
	"strings"

	"github.com/cupel-network/cupel/worker/crypt"
)

// Version of the document.
const Version = 1

// MaxTasks is the most tasks of one document.
const MaxTasks = 4096

// MaxSize is the most bytes of a document.
const MaxSize = 8 << 20

// Ref names content by hash and says where to get it.
type Ref struct {
	// URI is file://, http://, https://, s3:// or ipfs://.
	URI string `json:"uri"`
	// SHA256 of the content, 64 lower-case hex digits.
	SHA256 string `json:"sha256"`
	// Size in bytes.
	Size uint64 `json:"size"`
	// Encrypted content is a file of age; hash and size are those of the file,
	// and the task gets what is in it.
	Encrypted bool `json:"encrypted,omitempty"`
}

// Input is content mounted read-only at an absolute guest path.
type Input struct {
	Ref
	Mount string `json:"mount"`
}

// Run is what one task runs with. In Manifest.Tasks a nil field means that of
// the template.
type Run struct {
	Args   []string          `json:"args,omitempty"`
	Env    map[string]string `json:"env,omitempty"`
	Stdin  *Ref              `json:"stdin,omitempty"`
	Inputs []Input           `json:"inputs,omitempty"`
}

// Manifest is the document. Limits and price are not in it: the chain's are
// the ones that count.
type Manifest struct {
	Version int    `json:"version"`
	Class   string `json:"class"`
	// Module is the program; empty if a container runs in its place.
	Module    Ref        `json:"module,omitzero"`
	Container *Container `json:"container,omitempty"`
	// Proof is for classes of proofs alone.
	Proof *Proof `json:"proof,omitempty"`
	// Template is common to all tasks.
	Template Run `json:"template"`
	// Tasks override the template, one element per task.
	Tasks []Run `json:"tasks"`
	// ResultsTo are the age recipients who alone can read the results; empty
	// means that everybody can.
	ResultsTo []string `json:"results_to,omitempty"`
}

// MaxResultsTo is the most recipients of results.
const MaxResultsTo = 16

// Encode returns the canonical bytes of the document.
func (m Manifest) Encode() ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return json.Marshal(m)
}

// Decode parses and validates a document. Unknown fields are refused.
func Decode(data []byte) (Manifest, error) {
	var m Manifest
	if len(data) > MaxSize {
		return m, fmt.Errorf("manifest is %d bytes, at most %d are allowed", len(data), MaxSize)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return m, fmt.Errorf("manifest is not valid: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return m, errors.New("manifest is not valid: something follows the document")
	}
	return m, m.Validate()
}

// Hash returns the sha256 of the bytes of a document.
func Hash(data []byte) []byte {
	h := sha256.Sum256(data)
	return h[:]
}

// Validate checks every field.
func (m Manifest) Validate() error {
	if m.Version != Version {
		return fmt.Errorf("manifest version is %d, this program knows %d", m.Version, Version)
	}
	if m.Class == "" {
		return errors.New("manifest names no class")
	}
	if err := m.validateProgram(); err != nil {
		return err
	}
	if err := m.validateProof(); err != nil {
		return err
	}
	if len(m.Tasks) == 0 || len(m.Tasks) > MaxTasks {
		return fmt.Errorf("manifest has %d tasks, 1 to %d are allowed", len(m.Tasks), MaxTasks)
	}
	if m.Module.Encrypted {
		return errors.New("module: encrypted, only stdin and inputs may be")
	}
	if len(m.ResultsTo) > MaxResultsTo {
		return fmt.Errorf("results_to has %d recipients, at most %d are allowed", len(m.ResultsTo), MaxResultsTo)
	}
	if len(m.ResultsTo) > 0 {
		if _, err := crypt.ParseRecipients(m.ResultsTo); err != nil {
			return fmt.Errorf("results_to: %w", err)
		}
	}
	for i := range m.Tasks {
		if err := m.Task(i).validate(); err != nil {
			return fmt.Errorf("task %d: %w", i, err)
		}
	}
	return nil
}

func (m Manifest) validateProgram() error {
	switch {
	case !strings.HasPrefix(m.Class, ContainerClasses):
		if m.Container != nil {
			return fmt.Errorf("class %s runs no containers", m.Class)
		}
		if err := m.Module.Validate(); err != nil {
			return fmt.Errorf("module: %w", err)
		}
	case m.Module != Ref{}:
		return fmt.Errorf("class %s runs no modules", m.Class)
	case m.Container == nil:
		return fmt.Errorf("class %s needs a container", m.Class)
	case m.Container.Image == "" || m.Container.CPUs == 0:
		return errors.New("container has no image or no CPUs")
	}
	return nil
}

// Task returns what task i runs with: its own fields, else the template's.
// Environment variables of both are merged, the task's winning.
func (m Manifest) Task(i int) Run {
	run, own := m.Template, m.Tasks[i]
	if own.Args != nil {
		run.Args = own.Args
	}
	if own.Stdin != nil {
		run.Stdin = own.Stdin
	}
	if own.Inputs != nil {
		run.Inputs = own.Inputs
	}
	if len(own.Env) > 0 {
		env := make(map[string]string, len(run.Env)+len(own.Env))
		for k, v := range run.Env {
			env[k] = v
		}
		for k, v := range own.Env {
			env[k] = v
		}
		run.Env = env
	}
	return run
}

// Environ returns the environment as sorted KEY=VALUE strings.
func (r Run) Environ() []string {
	out := make([]string, 0, len(r.Env))
	for k, v := range r.Env {
		out = append(out, k+"="+v)
	}
	sort.Strings(out)
	return out
}

func (r Run) validate() error {
	for k, v := range r.Env {
		if k == "" || strings.ContainsAny(k, "=\x00") || strings.Contains(v, "\x00") {
			return fmt.Errorf("environment variable %q is not valid", k)
		}
	}
	for _, a := range r.Args {
		if strings.Contains(a, "\x00") {
			return errors.New("an argument holds a zero byte")
		}
	}
	if r.Stdin != nil {
		if err := r.Stdin.Validate(); err != nil {
			return fmt.Errorf("stdin: %w", err)
		}
	}
	seen := make(map[string]bool, len(r.Inputs))
	for i, in := range r.Inputs {
		if err := in.Validate(); err != nil {
			return fmt.Errorf("input %d: %w", i, err)
		}
		if err := ValidateMount(in.Mount); err != nil {
			return fmt.Errorf("input %d: %w", i, err)
		}
		if seen[in.Mount] {
			return fmt.Errorf("input %d: %s is mounted twice", i, in.Mount)
		}
		seen[in.Mount] = true
	}
	return nil
}

// Validate checks scheme and hash.
func (r Ref) Validate() error {
	if b, err := hex.DecodeString(r.SHA256); err != nil || len(b) != sha256.Size || strings.ToLower(r.SHA256) != r.SHA256 {
		return fmt.Errorf("sha256 %q is not 64 lower-case hex digits", r.SHA256)
	}
	for _, scheme := range []string{"file:///", "http://", "https://", "s3://", "ipfs://"} {
		if strings.HasPrefix(r.URI, scheme) && len(r.URI) > len(scheme) {
			return nil
		}
	}
	return fmt.Errorf("uri %q is not file:///, http://, https://, s3:// or ipfs://", r.URI)
}

// ValidateMount checks that p is a clean absolute guest path outside /out and /tmp.
func ValidateMount(p string) error {
	if !strings.HasPrefix(p, "/") || path.Clean(p) != p || p == "/" || strings.Contains(p, "\x00") {
		return fmt.Errorf("mount %q is not a clean absolute path such as /in/data.csv", p)
	}
	for _, dir := range []string{"/out", "/tmp"} {
		if p == dir || strings.HasPrefix(p, dir+"/") {
			return fmt.Errorf("mount %q is below %s, which the job writes to", p, dir)
		}
	}
	return nil
}
