// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/worker/session"
)

func selling(url string) session.Config {
	cfg := session.DefaultConfig("ucupel")
	cfg.Listen, cfg.Class, cfg.Upstream.URL = "127.0.0.1:8082", "llm/v1", url
	cfg.Models = []session.Model{{Name: "small", Upstream: "org/small", Output: 1, Context: 16, MaxOutput: 1}}
	return cfg
}

func TestInference(t *testing.T) {
	list := `{"object":"list","data":[{"id":"org/small"},{"id":"org/large"}]}`
	tests := map[string]struct {
		status int
		body   string
		edit   func(*session.Config)
		want   []Level
		says   string
	}{
		"in order":         {200, list, nil, []Level{OK}, "2 models"},
		"another name":     {200, list, func(c *session.Config) { c.Models[0].Upstream = "" }, []Level{OK, Fail}, `no model "small"`},
		"it wants a key":   {401, "", nil, []Level{Fail}, "401"},
		"no such path":     {404, "", nil, []Level{Fail}, "404"},
		"no list":          {200, "<html>", nil, []Level{Fail}, "no list"},
		"nobody is there":  {0, "", func(c *session.Config) { c.Upstream.URL = "http://127.0.0.1:1/v1" }, []Level{Fail}, "refused"},
		"no key in a file": {200, list, func(c *session.Config) { c.Upstream.KeyFile = "/nonexistent" }, []Level{Fail}, "key_file"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				require.Equal(t, "/v1/models", r.URL.Path)
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			}))
			defer srv.Close()
			cfg := selling(srv.URL + "/v1")
			if tc.edit != nil {
				tc.edit(&cfg)
			}
			var got []Level
			var last Finding
			for _, f := range Sessions(cfg)[0].Run(t.Context()) {
				got, last = append(got, f.Level), f
				require.Equal(t, f.Level == OK, f.Fix == "")
			}
			require.Equal(t, tc.want, got)
			require.Contains(t, last.Text, tc.says)
		})
	}
	require.Empty(t, Sessions(session.DefaultConfig("ucupel")), "a front that is off needs nothing")
}

func TestFrontTLS(t *testing.T) {
	now := time.Now()
	dir := t.TempDir()
	files := session.TLSConfig{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	write := func(from, to time.Time) {
		template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"llm.example.com"}, NotBefore: from, NotAfter: to}
		der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
		require.NoError(t, err)
		key, err := x509.MarshalPKCS8PrivateKey(private)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(files.Cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
		require.NoError(t, os.WriteFile(files.Key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600))
	}
	day := 24 * time.Hour
	tests := map[string]struct {
		listen   string
		from, to time.Duration
		tls      bool
		want     Level
		says     string
	}{
		"loopback":        {"127.0.0.1:1", 0, 0, false, OK, "loopback"},
		"loopback 6":      {"[::1]:1", 0, 0, false, OK, "loopback"},
		"a name for it":   {"localhost:1", 0, 0, false, OK, "loopback"},
		"to all in clear": {"0.0.0.0:1", 0, 0, false, Warn, "in the clear"},
		"no host":         {":1", 0, 0, false, Warn, "in the clear"},
		"valid":           {":1", -day, 90 * day, true, OK, "llm.example.com is valid"},
		"ends soon":       {":1", -day, 13 * day, true, Warn, "ends in"},
		"has ended":       {":1", -2 * day, -day, true, Fail, "ended on"},
		"not yet":         {":1", day, 2 * day, true, Fail, "valid from"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := selling("http://127.0.0.1:1/v1")
			cfg.Listen = tc.listen
			if tc.tls {
				cfg.TLS = files
				write(now.Add(tc.from), now.Add(tc.to))
			}
			f := judgeTLS(cfg, now)
			require.Equal(t, tc.want, f.Level, f.Text)
			require.Contains(t, f.Text, tc.says)
			require.Equal(t, tc.want == OK, f.Fix == "")
		})
	}
	cfg := selling("http://127.0.0.1:1/v1")
	cfg.TLS = session.TLSConfig{Cert: "/nonexistent", Key: "/nonexistent"}
	require.Equal(t, Fail, judgeTLS(cfg, now).Level)
}
