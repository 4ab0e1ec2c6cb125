// SPDX-License-Identifier: Apache-2.0

package session

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// TLSConfig names the certificate of the front. Without one it speaks plain
// HTTP, and something before it ends TLS.
type TLSConfig struct {
	// Cert is a PEM file with the certificate and those that it needs, Key one
	// with its private key. Both are read again when they change.
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
}

// Enabled reports whether a certificate is configured.
func (c TLSConfig) Enabled() bool { return c.Cert != "" || c.Key != "" }

// certLook is how often the files are looked at for a change.
const certLook = 10 * time.Second

// Certificate reads and checks the certificate; the leaf is parsed.
func (c TLSConfig) Certificate() (*tls.Certificate, error) {
	cert, err := tls.LoadX509KeyPair(c.Cert, c.Key)
	if err != nil {
		return nil, fmt.Errorf("read sessions.tls.cert %s and sessions.tls.key %s: %w", c.Cert, c.Key, err)
	}
	if cert.Leaf == nil {
		if cert.Leaf, err = x509.ParseCertificate(cert.Certificate[0]); err != nil {
			return nil, fmt.Errorf("read sessions.tls.cert %s: %w", c.Cert, err)
		}
	}
	return &cert, nil
}

// certificates gives the certificate of files that somebody renews. A renewal
// that cannot be read leaves the old certificate in use. It is safe for
// concurrent use.
type certificates struct {
	files TLSConfig
	now   func() time.Time
	log   *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	read    [2]time.Time
	looked  time.Time
}

// newCertificates reads the files once, so that a mistake is found at the start.
func newCertificates(files TLSConfig, now func() time.Time, log *slog.Logger) (*certificates, error) {
	c := &certificates{files: files, now: now, log: log, looked: now()}
	var err error
	if c.read, err = files.changed(); err != nil {
		return nil, err
	}
	c.current, err = files.Certificate()
	return c, err
}

// changed is when the two files were written.
func (c TLSConfig) changed() (at [2]time.Time, err error) {
	for i, path := range []string{c.Cert, c.Key} {
		info, statErr := os.Stat(path)
		if statErr != nil {
			err = errors.Join(err, fmt.Errorf("read the certificate of sessions.tls: %w", statErr))
			continue
		}
		at[i] = info.ModTime()
	}
	return at, err
}

// get implements tls.Config.GetCertificate.
func (c *certificates) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if now.Sub(c.looked) < certLook {
		return c.current, nil
	}
	c.looked = now
	at, err := c.files.changed()
	if err == nil && at == c.read {
		return c.current, nil
	}
	var renewed *tls.Certificate
	if err == nil {
		renewed, err = c.files.Certificate()
	}
	if err != nil {
		c.log.Error("the certificate cannot be renewed; the old one stays in use", "err", err)
		return c.current, nil
	}
	c.current, c.read = renewed, at
	c.log.Info("the certificate was renewed", "until", renewed.Leaf.NotAfter)
	return c.current, nil
}
