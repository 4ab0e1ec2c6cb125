// SPDX-License-Identifier: Apache-2.0

package job

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/crypt"
	"github.com/cupel-network/cupel/worker/manifest"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// identity makes an identity file and returns its path and recipient.
func identity(t *testing.T, dir string) (path, recipient string) {
	t.Helper()
	path = filepath.Join(dir, "me.key")
	b := newBench()
	require.NoError(t, b.execute("identity", path))
	require.NoError(t, b.execute("identity", path), "one that is there is kept")
	lines := strings.Fields(b.stdout.String())
	require.Len(t, lines, 2)
	require.Equal(t, lines[0], lines[1])
	return path, lines[0]
}

// sealing serves data as a worker serves a private result.
func sealing(t *testing.T, name, recipient string, data []byte) string {
	t.Helper()
	to, err := crypt.ParseRecipients([]string{recipient})
	require.NoError(t, err)
	var sealed bytes.Buffer
	require.NoError(t, crypt.Encrypt(&sealed, bytes.NewReader(data), to))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/sealed/"+name {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(sealed.Bytes())
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestEncryptedResults(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	mine, recipient := identity(t, dir)
	first, data := agreed(t)
	v := first.market.frames[0]
	name := crypt.SealedName(v.Batch.Manifest, v.tasks[0].Result.Digest)

	b, _ := agreed(t, sealing(t, name, recipient, data))
	doc := manifest.Manifest{
		Version: manifest.Version, Class: "wasm/v1-amd64", ResultsTo: []string{recipient}, Tasks: []manifest.Run{{}},
		Module: manifest.Ref{URI: "https://example.com/m", SHA256: strings.Repeat("0", 64), Size: 1},
	}
	raw, err := doc.Encode()
	require.NoError(t, err)
	b.market.manifest = raw
	err = b.execute("results", "7", "--out", "r")
	require.Equal(t, exit.UsageError, exit.Code(err))
	require.ErrorContains(t, err, "is encrypted\nDecrypt it with: cupeld job results 7/0 --identity FILE")

	require.NoError(t, b.execute("results", "7", "--out", "r", "--identity", mine))
	got, err := os.ReadFile(filepath.Join("r", "out", "a", "b.txt"))
	require.NoError(t, err)
	require.Equal(t, "result", string(got))
	require.NoError(t, b.execute("logs", "7/0", "--identity", mine))
	require.Contains(t, b.stdout.String(), "hello")

	other, _ := identity(t, t.TempDir())
	err = b.execute("results", "7", "--out", "other", "--identity", other)
	require.ErrorContains(t, err, "not encrypted to the identity")
	require.Equal(t, exit.UsageError, exit.Code(b.execute("results", "7", "--identity", "none")))

	liar, _ := agreed(t, sealing(t, name, recipient, []byte("another result")))
	err = liar.execute("results", "7", "--out", "liar", "--identity", mine)
	require.Equal(t, exit.VerificationFailed, exit.Code(err), "whoever knows the public key can encrypt; the digest decides")
	require.NoDirExists(t, "liar")
}

func provider(class, key string, status registrytypes.ProviderStatus) registrytypes.Provider {
	return registrytypes.Provider{Status: status, EncryptionKey: key, Resources: []registrytypes.Resource{{Class: class}}}
}

func TestInputsAreEncryptedToWhoMayRunTheJob(t *testing.T) {
	keys, ids := []string{}, []*crypt.Identities{}
	for range 5 {
		path, recipient := identity(t, t.TempDir())
		id, err := crypt.Load(path)
		require.NoError(t, err)
		keys, ids = append(keys, recipient), append(ids, id)
	}
	providers := []registrytypes.Provider{
		provider("wasm/v1-amd64", keys[0], registrytypes.ProviderActive), provider("wasm/v1-amd64", keys[1], registrytypes.ProviderActive),
		provider("wasm/v1-amd64", keys[2], registrytypes.ProviderActive), provider("wasm/v1-amd64", keys[3], registrytypes.ProviderJailed),
		provider("other", keys[4], registrytypes.ProviderActive), provider("wasm/v1-amd64", "", registrytypes.ProviderActive),
	}
	tests := map[string]struct {
		more  string
		edit  func(*bench)
		reads []bool
		says  string
	}{
		"drawn":           {more: "encrypt: {inputs: true}\n", reads: []bool{true, true, true, false, false}},
		"hired":           {more: "encrypt: {inputs: true}\nhire: " + alice + "\n", reads: []bool{false, false, false, false, true}},
		"hired, no key":   {more: "encrypt: {inputs: true}\nhire: " + alice + "\n", edit: func(b *bench) { b.registry.key = "" }, says: "has registered no encryption key"},
		"too few of them": {more: "encrypt: {inputs: true}\n", edit: func(b *bench) { b.registry.providers = providers[1:] }, says: "2 providers of wasm/v1-amd64 have registered an encryption key, 3 are needed"},
		"results too":     {more: fmt.Sprintf("encrypt: {inputs: true, results_to: [%s]}\n", keys[3]), reads: []bool{true, true, true, true, false}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			jobFile(t, "stdin: {path: secret.txt}\n"+strings.ReplaceAll(tc.more, "hire:", "replicas: 1\nhire:"))
			write(t, "secret.txt", "the secret")
			b := newBench()
			b.registry.providers, b.registry.key = providers, keys[4]
			b.registry.endpoints[alice] = "http://127.0.0.1:1"
			if tc.edit != nil {
				tc.edit(b)
			}
			err := b.execute("run", "job.yaml", "--from", "alice", "--wait", "none")
			if tc.says != "" {
				require.Equal(t, exit.UsageError, exit.Code(err))
				require.ErrorContains(t, err, tc.says)
				return
			}
			require.NoError(t, err)
			msg, ok := b.sender.sent[0].(*markettypes.MsgSubmit)
			require.True(t, ok)
			doc, err := manifest.Decode(msg.ManifestInline)
			require.NoError(t, err)
			stdin := doc.Task(0).Stdin
			require.True(t, stdin.Encrypted)
			raw, err := os.ReadFile(strings.TrimPrefix(stdin.URI, "file://"))
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintf("%x", digestOf(string(raw))), stdin.SHA256)
			require.Len(t, raw, int(stdin.Size))
			for i, id := range ids {
				var plain bytes.Buffer
				err := crypt.Decrypt(&plain, bytes.NewReader(raw), id.All()...)
				require.Equal(t, tc.reads[i], err == nil, "provider %d: %v", i, err)
			}
		})
	}
}

// TestValidateStoresNothing reads the job without writing what a submit would.
func TestValidateStoresNothing(t *testing.T) {
	jobFile(t, "stdin: {path: secret.txt}\nencrypt: {inputs: true}\n")
	write(t, "secret.txt", "the secret")
	require.NoError(t, newBench().execute("validate", "job.yaml", "--offline"))
	require.NoDirExists(t, ".cupel")
}

func TestRunAsksForTheIdentityFirst(t *testing.T) {
	_, recipient := identity(t, t.TempDir())
	jobFile(t, "encrypt: {results_to: ["+recipient+"]}\n")
	b := newBench()
	err := b.execute("run", "job.yaml", "--from", "alice")
	require.Equal(t, exit.UsageError, exit.Code(err))
	require.ErrorContains(t, err, "--identity")
	require.Empty(t, b.sender.sent)
}
