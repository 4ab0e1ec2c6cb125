// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/market/types/voucher"
)

// writeCert writes a self-signed certificate for 127.0.0.1 with a serial number.
func writeCert(t *testing.T, dir string, serial int64) TLSConfig {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "front"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	c := TLSConfig{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	for path, block := range map[string]*pem.Block{c.Cert: {Type: "CERTIFICATE", Bytes: der}, c.Key: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(block), 0o600))
		// Another time, whatever the clock of the file system.
		at := time.Unix(1_700_000_000+serial, 0)
		require.NoError(t, os.Chtimes(path, at, at))
	}
	return c
}

// serial is that of the certificate that a new connection gets.
func serial(t *testing.T, addr string) int64 {
	t.Helper()
	d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
	conn, err := d.DialContext(t.Context(), "tcp", addr)
	require.NoError(t, err)
	defer conn.Close()
	secure, ok := conn.(*tls.Conn)
	require.True(t, ok)
	return secure.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// TestTLS makes a paid call by TLS, whole and as a stream, renews the certificate
// without a restart, and loses nothing to a renewal that went wrong.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	files := writeCert(t, dir, 1)
	f := newFixture(t, func(c *Config) { c.TLS = files })
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.front.Serve(ctx, l, time.Second) }()
	addr := l.Addr().String()

	pool := x509.NewCertPool()
	text, err := os.ReadFile(files.Cert)
	require.NoError(t, err)
	require.True(t, pool.AppendCertsFromPEM(text))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}}
	call := func(body string, v voucher.Signed) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+addr+"/v1/chat/completions", strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set(voucher.HeaderName, v.Header())
		res, err := client.Do(req)
		require.NoError(t, err)
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, res.StatusCode, string(raw))
		return string(raw)
	}
	require.Contains(t, call(hello, pay(t, 1, 1000)), `"hello"`)
	f.serve = f.stream(11, 2, "he", "llo")
	require.Contains(t, call(strings.Replace(hello, "{", `{"stream":true,`, 1), pay(t, 2, 2000)), "[DONE]")
	client.CloseIdleConnections()

	plain, err := http.Get("http://" + addr + "/v1/models")
	require.NoError(t, err)
	require.NoError(t, plain.Body.Close())
	require.Equal(t, http.StatusBadRequest, plain.StatusCode, "a voucher is never taken in the clear")

	require.EqualValues(t, 1, serial(t, addr))
	writeCert(t, dir, 2)
	require.EqualValues(t, 1, serial(t, addr), "files are not looked at for every connection")
	f.clock.add(certLook)
	require.EqualValues(t, 2, serial(t, addr))
	require.NoError(t, os.WriteFile(files.Key, []byte("half a key"), 0o600))
	f.clock.add(certLook)
	require.EqualValues(t, 2, serial(t, addr))
	require.NoError(t, os.Remove(files.Cert))
	f.clock.add(certLook)
	require.EqualValues(t, 2, serial(t, addr))
	writeCert(t, dir, 3)
	f.clock.add(certLook)
	require.EqualValues(t, 3, serial(t, addr))

	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
}

func TestCertificateIsReadAtTheStart(t *testing.T) {
	cfg := testConfig("http://127.0.0.1:8000/v1")
	cfg.TLS = TLSConfig{Cert: filepath.Join(t.TempDir(), "cert.pem"), Key: "key.pem"}
	_, err := New(cfg, Deps{})
	require.ErrorContains(t, err, "cert.pem")
	cfg.TLS = writeCert(t, t.TempDir(), 1)
	require.NoError(t, os.WriteFile(cfg.TLS.Key, []byte("no key"), 0o600))
	_, err = New(cfg, Deps{})
	require.ErrorContains(t, err, "sessions.tls")
}
