// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"fmt"
	"time"

	"github.com/cupel-network/cupel/worker/policy"
	"github.com/cupel-network/cupel/worker/remotekey"
)

// BackendRemote is the key.backend of a key that another process holds.
const BackendRemote = "remote"

// PolicyConfig names the file with prices and limits; empty means none.
type PolicyConfig struct {
	File string `yaml:"file"`
}

// LoadPolicy reads the policy file, or returns a policy that asks for nothing.
func (c Config) LoadPolicy() (policy.File, error) {
	if c.Policy.File == "" {
		return policy.File{OverLimit: policy.OverDrain}, nil
	}
	f, err := policy.Load(c.Path(c.Policy.File))
	if err != nil {
		return f, fmt.Errorf("policy.file: %w", err)
	}
	return f, nil
}

// openPolicy is LoadPolicy for a worker that runs: it follows the file.
func (c Config) openPolicy() (*policy.Source, error) {
	if c.Policy.File == "" {
		return policy.Fixed(policy.File{OverLimit: policy.OverDrain}), nil
	}
	s, err := policy.Open(c.Path(c.Policy.File))
	if err != nil {
		return nil, fmt.Errorf("policy.file: %w", err)
	}
	return s, nil
}

// agreed is the number of endpoints that must give the same answer.
func (c ChainConfig) agreed() int {
	switch {
	case c.Agree > 0:
		return c.Agree
	case len(c.RPC) < 3:
		return 1
	}
	return len(c.RPC)/2 + 1
}

func (c KeyConfig) validateBackend(all *[]error) {
	switch c.Backend {
	case "test", "file", "os":
		check(all, c.Remote == "", "key.remote is set, but key.backend is %q", c.Backend)
	case BackendRemote:
		check(all, remotekey.ValidURL(c.Remote) == nil, "key.remote %q is not unix:///PATH, https://HOST or http:// of this machine", c.Remote)
		check(all, c.Next == "", "key.next is for keys of this machine: a remote signer is rotated by starting the worker with another one")
	default:
		check(all, false, "key.backend is %q, known are file, os, test and remote", c.Backend)
	}
	check(all, c.Next == "" || c.Next != c.Name, "key.next and key.name are both %q: the next key is another one", c.Name)
}

func (c LogConfig) validateFile(all *[]error) {
	if c.File == "" {
		return
	}
	check(all, c.MaxMiB >= 1, "log.max_mib is %d, at least 1 is needed", c.MaxMiB)
	check(all, c.Keep >= 1 && c.Keep <= 1000, "log.keep is %d, allowed are 1 to 1000", c.Keep)
	check(all, c.MaxAge >= time.Hour, "log.max_age is %s, at least 1h is needed", c.MaxAge)
}
