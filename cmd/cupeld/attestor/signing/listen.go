// SPDX-License-Identifier: Apache-2.0

package signing

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strings"
)

// TLSFiles are the files of one side of mutual TLS, in PEM.
type TLSFiles struct{ Cert, Key, CA string }

// set reports whether any file is named.
func (f TLSFiles) set() bool { return f != TLSFiles{} }

// Client returns the configuration of who asks; nil if no file is named. CA
// alone is enough where a token is used.
func (f TLSFiles) Client() (*tls.Config, error) {
	if !f.set() {
		return nil, nil //nolint:nilnil // no file means the defaults of net/http
	}
	config := &tls.Config{MinVersion: tls.VersionTLS13}
	if f.CA != "" {
		pool, err := readCA(f.CA)
		if err != nil {
			return nil, err
		}
		config.RootCAs = pool
	}
	if f.Cert != "" || f.Key != "" {
		pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
		if err != nil {
			return nil, fmt.Errorf("read the client certificate: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// server returns the configuration of who answers. With a CA, only clients
// that it has signed get an answer.
func (f TLSFiles) server() (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return nil, fmt.Errorf("read the signer's certificate: %w", err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{pair}}
	if f.CA != "" {
		if config.ClientCAs, err = readCA(f.CA); err != nil {
			return nil, err
		}
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return config, nil
}

func readCA(path string) (*x509.CertPool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the CA: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("CA %s holds no certificate in PEM", path)
	}
	return pool, nil
}

// Listen opens the address of a signer: unix:///path, which the owner alone
// may use, or tcp://host:port, which needs a token or client certificates, and
// TLS beyond this machine.
func Listen(ctx context.Context, address, token string, files TLSFiles) (net.Listener, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, err)
	}
	switch {
	case parsed.Scheme == "unix" && parsed.Path != "":
		return listenUnix(ctx, parsed.Path)
	case parsed.Scheme != "tcp" || parsed.Host == "":
		return nil, fmt.Errorf("listen on %q: it is not unix:///PATH or tcp://HOST:PORT", address)
	case token == "" && files.CA == "":
		return nil, fmt.Errorf("listen on %q: anybody could ask for signatures: name a --token-file or a --tls-client-ca", address)
	case !files.set() && !loopback(parsed.Hostname()):
		return nil, fmt.Errorf("listen on %q: beyond this machine it needs --tls-cert and --tls-key", address)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", parsed.Host)
	if err != nil || !files.set() {
		return listener, err
	}
	config, err := files.server()
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return tls.NewListener(listener, config), nil
}

// listenUnix replaces a socket on which nobody answers.
func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	if conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path); err == nil {
		return nil, errors.Join(fmt.Errorf("listen on %s: another signer does already", path), conn.Close())
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSocket == 0 {
		return nil, fmt.Errorf("listen on %s: a file that is no socket is there", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	// The socket is made in a folder of its own, so that nobody can connect
	// before its mode is set.
	staged, err := os.MkdirTemp(dirOf(path), ".signer-")
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	defer os.RemoveAll(staged)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", staged+"/s")
	if err != nil {
		return nil, err
	}
	if unix, ok := listener.(*net.UnixListener); ok {
		unix.SetUnlinkOnClose(false)
	}
	if err := errors.Join(os.Chmod(staged+"/s", keyMode), os.Rename(staged+"/s", path)); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

func dirOf(path string) string {
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return "/"
}

// ReadToken reads a token from a file that others may not read.
func ReadToken(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("token file %s may be read by others (mode %o): chmod 600 it", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if len(token) < 32 {
		return "", fmt.Errorf("the token in %s has %d characters, want 32 or more: openssl rand -hex 32", path, len(token))
	}
	return token, nil
}
