// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"crypto/sha256"
	"fmt"
	"os"
	"sync"
)

// Source is the policy in force, of a file that somebody edits. It is safe for
// concurrent use.
type Source struct {
	path string

	mu   sync.Mutex
	file File
	// seen is the hash of what was read last, good or not.
	seen [sha256.Size]byte
}

// Fixed is a policy that never changes.
func Fixed(f File) *Source { return &Source{file: f} }

// Open reads a policy file, which must be valid at first.
func Open(path string) (*Source, error) {
	s := &Source{path: path}
	_, err := s.Refresh()
	return s, err
}

// File is the policy in force.
func (s *Source) File() File {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.file
}

// Refresh reads the file again and puts it in force if it is valid, all of it or
// nothing. Changed reports whether the file is another one than at the last call;
// an error says that what is in force is older than the file.
func (s *Source) Refresh() (changed bool, err error) {
	if s.path == "" {
		return false, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	raw, err := os.ReadFile(s.path)
	if err != nil {
		changed = s.seen != [sha256.Size]byte{}
		s.seen = [sha256.Size]byte{}
		return changed, fmt.Errorf("read the price policy: %w (take policy.file out of the configuration to have none)", err)
	}
	sum := sha256.Sum256(raw)
	changed = sum != s.seen
	if len(raw) == 0 && s.seen != [sha256.Size]byte{} {
		s.seen = sum
		return changed, fmt.Errorf("price policy %s is empty: somebody may be writing it", s.path)
	}
	s.seen = sum
	f, err := Parse(raw)
	if err != nil {
		return changed, fmt.Errorf("price policy %s: %w", s.path, err)
	}
	s.file = f
	return changed, nil
}
