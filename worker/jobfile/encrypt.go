// SPDX-License-Identifier: Apache-2.0

package jobfile

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"

	"github.com/cupel-network/cupel/worker/crypt"
	"github.com/cupel-network/cupel/worker/manifest"
)

// Encrypt says what of a job only some can read.
type Encrypt struct {
	// ResultsTo are the age recipients of the results; empty leaves them open.
	ResultsTo []string
	// Inputs encrypts standard input and inputs that are local files.
	Inputs bool
}

func (d *decoder) encrypt(o object, f *File) {
	if !o.has("encrypt") {
		return
	}
	e := d.object(o.fields["encrypt"], "encrypt", "results_to", "inputs")
	if d.err != nil {
		return
	}
	if e.has("results_to") {
		for _, n := range d.list(e.fields["results_to"], "encrypt.results_to") {
			f.Encrypt.ResultsTo = append(f.Encrypt.ResultsTo, d.text(n, "an element of encrypt.results_to"))
		}
		if d.err != nil {
			return
		}
		if n := len(f.Encrypt.ResultsTo); n == 0 || n > manifest.MaxResultsTo {
			d.fail(e.at("results_to"), "encrypt.results_to has %d recipients, 1 to %d are allowed", n, manifest.MaxResultsTo)
		} else if _, err := crypt.ParseRecipients(f.Encrypt.ResultsTo); err != nil {
			d.fail(e.at("results_to"), "encrypt.results_to: %v, make one with: cupeld job identity FILE", err)
		}
	}
	f.Encrypt.Inputs = d.flag(e, "inputs")
}

// flag reads true or false, false where it is absent.
func (d *decoder) flag(o object, key string) bool {
	if !o.has(key) {
		return false
	}
	text := o.text(key)
	if d.err == nil && text != "true" && text != "false" {
		d.fail(o.at(key), "%s %.64q is not true or false", o.path(key), text)
	}
	return text == "true"
}

// input returns the reference to what a task reads, encrypted if the job asks.
func (r *resolver) input(s Source) (manifest.Ref, error) {
	ref, _, err := r.ref(s)
	if err != nil || s.Encrypted {
		ref.Encrypted = s.Encrypted
		return ref, err
	}
	switch {
	case !r.encrypt.Inputs:
		return ref, nil
	case s.Path == "":
		return ref, errorf(s.line, "%s has a uri and encrypt.inputs is true, encrypt the file yourself and write encrypted: true, or name it by path", s.field)
	}
	path, err := filepath.EvalSymlinks(r.absolute(s.Path))
	if err != nil {
		return ref, missing(s, err)
	}
	if done, ok := r.sealed[path]; ok {
		return done, nil
	}
	sealed, err := r.seal(s, path)
	if err != nil {
		return ref, err
	}
	r.sealed[path] = sealed
	return sealed, nil
}

// recipients are those of the network and of the requester. Before a submit,
// when nobody shall read it yet, one that is made up stands for them.
func (r *resolver) recipients() ([]age.Recipient, error) {
	to := append(append([]string{}, r.opts.Recipients...), r.encrypt.ResultsTo...)
	if r.opts.Store && len(r.opts.Recipients) == 0 {
		return nil, errorf(0, "encrypt.inputs is true and no provider has a key to encrypt them to")
	}
	if len(to) == 0 {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			return nil, err
		}
		return []age.Recipient{id.Recipient()}, nil
	}
	all, err := crypt.ParseRecipients(to)
	if err != nil {
		return nil, errorf(0, "encrypt.inputs: %v", err)
	}
	return all, nil
}

// seal encrypts a file into the store directory, under the name of its hash,
// or only computes size and hash if nothing shall be stored.
func (r *resolver) seal(s Source, path string) (manifest.Ref, error) {
	to, err := r.recipients()
	if err != nil {
		return manifest.Ref{}, err
	}
	in, err := os.Open(path)
	if err != nil {
		return manifest.Ref{}, missing(s, err)
	}
	defer in.Close()
	m := &meter{hash: sha256.New()}
	if !r.opts.Store {
		if err := crypt.Encrypt(m, in, to); err != nil {
			return manifest.Ref{}, missing(s, err)
		}
		return r.sealedRef(s, m)
	}
	dir := filepath.Join(r.root, storeDir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return manifest.Ref{}, missing(s, err)
	}
	out, err := os.CreateTemp(dir, "sealing-*")
	if err != nil {
		return manifest.Ref{}, missing(s, err)
	}
	w := bufio.NewWriterSize(out, 1<<20)
	err = crypt.Encrypt(io.MultiWriter(w, m), in, to)
	if err = errors.Join(err, w.Flush(), out.Chmod(0o644), out.Close()); err != nil {
		return manifest.Ref{}, errors.Join(missing(s, err), os.Remove(out.Name()))
	}
	ref, err := r.sealedRef(s, m)
	if err == nil {
		err = os.Rename(out.Name(), r.sealedPath(m))
	}
	return ref, err
}

func (r *resolver) sealedPath(m *meter) string {
	return filepath.Join(r.root, storeDir, hex.EncodeToString(m.hash.Sum(nil))+".age")
}

func (r *resolver) sealedRef(s Source, m *meter) (manifest.Ref, error) {
	uri, err := r.uri(s, r.sealedPath(m))
	return manifest.Ref{URI: uri, SHA256: hex.EncodeToString(m.hash.Sum(nil)), Size: m.size, Encrypted: true}, err
}

// meter hashes and counts.
type meter struct {
	hash hash.Hash
	size uint64
}

// Write implements io.Writer.
func (m *meter) Write(p []byte) (int, error) {
	m.size += uint64(len(p))
	return m.hash.Write(p)
}
