// SPDX-License-Identifier: Apache-2.0

package signing

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func openLocal(t *testing.T) (*Local, Key) {
	t.Helper()
	home, key := newHome(t)
	l, err := OpenLocal(home, chainID)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l, key
}

// serve runs the signer on a listener and returns once the test has ended.
func serve(t *testing.T, listener net.Listener, signer Signer, token string) {
	t.Helper()
	srv := &httptest.Server{
		Listener: listener,
		Config:   &http.Server{Handler: Server{Signer: signer, ChainID: chainID, Token: token, Log: quiet}.Handler()},
	}
	srv.Start()
	t.Cleanup(srv.Close)
}

// checkSigns is what every signer must do.
func checkSigns(t *testing.T, signer Signer, key checkpoint.Address) {
	t.Helper()
	domain := checkpoint.NewDomain(chainID)
	keys, err := signer.Keys(t.Context())
	require.NoError(t, err)
	require.Equal(t, []checkpoint.Address{key}, keys)

	signature, err := signer.Sign(t.Context(), key, header(5))
	require.NoError(t, err)
	by, err := signature.Recover(domain.Digest(header(5)))
	require.NoError(t, err)
	require.Equal(t, key, by)
	again, err := signer.Sign(t.Context(), key, header(5))
	require.NoError(t, err)
	require.Equal(t, signature, again)

	second := header(5)
	second.Root = hash(99)
	_, err = signer.Sign(t.Context(), key, second)
	require.ErrorIs(t, err, ErrSecondDigest)
	_, err = signer.Sign(t.Context(), checkpoint.Address{1}, header(5))
	require.ErrorIs(t, err, ErrUnknownKey)
	_, err = signer.Sign(t.Context(), key, checkpoint.Header{Nonce: 6})
	require.ErrorIs(t, err, ErrBadRequest)

	operator := []byte("operator-of-20-bytes")
	possession, err := signer.Possession(t.Context(), key, operator)
	require.NoError(t, err)
	by, err = possession.Recover(domain.PossessionDigest(operator, key))
	require.NoError(t, err)
	require.Equal(t, key, by)
	_, err = signer.Possession(t.Context(), key, nil)
	require.ErrorIs(t, err, ErrBadRequest)
}

func TestLocalSigner(t *testing.T) {
	signer, key := openLocal(t)
	checkSigns(t, signer, key.Address)
}

// TestKeyAddedLater: a rotation needs no restart.
func TestKeyAddedLater(t *testing.T) {
	signer, old := openLocal(t)
	added, err := NewKey(KeysDir(signer.home), old.Guard)
	require.NoError(t, err)
	_, err = signer.Sign(t.Context(), added.Address, header(5))
	require.NoError(t, err)
	// The guard is one for both.
	second := header(5)
	second.Height++
	_, err = signer.Sign(t.Context(), old.Address, second)
	require.ErrorIs(t, err, ErrSecondDigest)
}

func TestRemoteSigner(t *testing.T) {
	token := strings.Repeat("t", 32)
	t.Run("unix", func(t *testing.T) {
		local, key := openLocal(t)
		path := filepath.Join(t.TempDir(), "s.sock")
		listener, err := Listen(t.Context(), "unix://"+path, "", TLSFiles{})
		require.NoError(t, err)
		serve(t, listener, local, "")
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.EqualValues(t, 0o600, info.Mode().Perm())
		_, err = Listen(t.Context(), "unix://"+path, "", TLSFiles{})
		require.ErrorContains(t, err, "another signer does already")
		remote, err := NewRemote(RemoteOptions{URL: "unix://" + path, ChainID: chainID})
		require.NoError(t, err)
		checkSigns(t, remote, key.Address)
	})
	t.Run("tcp with a token", func(t *testing.T) {
		local, key := openLocal(t)
		listener, err := Listen(t.Context(), "tcp://127.0.0.1:0", token, TLSFiles{})
		require.NoError(t, err)
		serve(t, listener, local, token)
		url := "http://" + listener.Addr().String()
		for _, wrong := range []string{"", strings.Repeat("u", 32)} {
			remote, err := NewRemote(RemoteOptions{URL: url, ChainID: chainID, Token: wrong})
			require.NoError(t, err)
			_, err = remote.Keys(t.Context())
			require.ErrorContains(t, err, "token is missing or wrong")
			_, err = remote.Sign(t.Context(), key.Address, header(5))
			require.ErrorContains(t, err, "token is missing or wrong")
		}
		remote, err := NewRemote(RemoteOptions{URL: url, ChainID: chainID, Token: token})
		require.NoError(t, err)
		checkSigns(t, remote, key.Address)
	})
	t.Run("tcp with certificates", func(t *testing.T) {
		local, key := openLocal(t)
		files := certificates(t)
		listener, err := Listen(t.Context(), "tcp://127.0.0.1:0", "", files)
		require.NoError(t, err)
		serve(t, listener, local, "")
		config, err := files.Client()
		require.NoError(t, err)
		url := "https://" + listener.Addr().String()
		remote, err := NewRemote(RemoteOptions{URL: url, ChainID: chainID, TLS: config})
		require.NoError(t, err)
		checkSigns(t, remote, key.Address)

		config, err = TLSFiles{CA: files.CA}.Client()
		require.NoError(t, err)
		stranger, err := NewRemote(RemoteOptions{URL: url, ChainID: chainID, TLS: config})
		require.NoError(t, err)
		_, err = stranger.Keys(t.Context())
		require.Error(t, err, "a client without a certificate is served")
	})
}

func TestRemoteOfAnotherChain(t *testing.T) {
	local, key := openLocal(t)
	srv := httptest.NewServer(Server{Signer: local, ChainID: chainID, Log: quiet}.Handler())
	defer srv.Close()
	remote, err := NewRemote(RemoteOptions{URL: srv.URL, ChainID: "cupel-other-1"})
	require.NoError(t, err)
	_, err = remote.Keys(t.Context())
	require.ErrorIs(t, err, ErrBadRequest)
	_, err = remote.Sign(t.Context(), key.Address, header(5))
	require.ErrorIs(t, err, ErrBadRequest)
	_, err = remote.Possession(t.Context(), key.Address, []byte("operator"))
	require.ErrorIs(t, err, ErrBadRequest)
}

// liar signs something else than it is asked to.
type liar struct{ *Local }

func (l liar) Sign(ctx context.Context, key checkpoint.Address, h checkpoint.Header) (checkpoint.Signature, error) {
	h.Height++
	return l.Local.Sign(ctx, key, h)
}

func TestRemoteIsChecked(t *testing.T) {
	local, key := openLocal(t)
	srv := httptest.NewServer(Server{Signer: liar{local}, ChainID: chainID, Log: quiet}.Handler())
	defer srv.Close()
	remote, err := NewRemote(RemoteOptions{URL: srv.URL, ChainID: chainID})
	require.NoError(t, err)
	_, err = remote.Sign(t.Context(), key.Address, header(5))
	require.ErrorContains(t, err, "the signer answers with")
}

func TestServerReadsStrictly(t *testing.T) {
	local, _ := openLocal(t)
	srv := httptest.NewServer(Server{Signer: local, ChainID: chainID, Log: quiet}.Handler())
	defer srv.Close()
	for name, body := range map[string]string{
		"a bare digest": `{"chain_id":"` + chainID + `","digest":"0x01"}`,
		"not JSON":      `x`,
		"too large":     `{"chain_id":"` + strings.Repeat("a", maxBody) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			res, err := http.Post(srv.URL+pathSign, "application/json", strings.NewReader(body))
			require.NoError(t, err)
			defer res.Body.Close()
			require.Equal(t, http.StatusBadRequest, res.StatusCode)
		})
	}
}

func TestAddresses(t *testing.T) {
	for _, url := range []string{"http://10.0.0.1:7000", "ftp://x", "unix://", "", "127.0.0.1:7000"} {
		_, err := NewRemote(RemoteOptions{URL: url, ChainID: chainID})
		require.Error(t, err, url)
	}
	token := strings.Repeat("t", 32)
	for address, token := range map[string]string{
		"tcp://127.0.0.1:0": "", "tcp://10.0.0.1:7000": token, "tcp://0.0.0.0:0": token, "tcp://": token, "udp://x": token, "": token,
	} {
		_, err := Listen(t.Context(), address, token, TLSFiles{})
		require.Error(t, err, address)
	}
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
	_, err := Listen(t.Context(), "unix://"+file, "", TLSFiles{})
	require.ErrorContains(t, err, "no socket")
}

func TestReadToken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("t", 32)+"\n"), 0o600))
	token, err := ReadToken(path)
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("t", 32), token)
	require.NoError(t, os.Chmod(path, 0o644))
	_, err = ReadToken(path)
	require.ErrorContains(t, err, "may be read by others")
	require.NoError(t, os.WriteFile(path, []byte("short"), 0o600))
	require.NoError(t, os.Chmod(path, 0o600))
	_, err = ReadToken(path)
	require.ErrorContains(t, err, "want 32 or more")
}

// certificates writes one self-signed certificate that serves as CA, server
// and client.
func certificates(t *testing.T) TLSFiles {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "signer"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	private, err := x509.MarshalECPrivateKey(key)
	require.NoError(t, err)
	dir := t.TempDir()
	files := TLSFiles{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem"), CA: filepath.Join(dir, "cert.pem")}
	write := func(path, kind string, bytes []byte) {
		require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600))
	}
	write(files.Cert, "CERTIFICATE", der)
	write(files.Key, "EC PRIVATE KEY", private)
	return files
}
