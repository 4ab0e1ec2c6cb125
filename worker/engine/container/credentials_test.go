// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/api/types/registry"
	"github.com/stretchr/testify/require"
)

// keeper is a docker-credential-keeper that knows one registry and prints more
// than it should when it fails.
const keeper = `#!/bin/sh
read -r server
case "$server" in
kept.example.com) echo '{"ServerURL":"kept.example.com","Username":"anna","Secret":"s3cret"}' ;;
token.example.com) echo '{"Username":"<token>","Secret":"t0ken"}' ;;
broken.example.com) echo 's3cret'; exit 3 ;;
babble.example.com) echo 's3cret' ;;
*) echo 'credentials not found in native keychain'; exit 1 ;;
esac
`

func TestCredentials(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "docker-credential-keeper"), []byte(keeper), 0o700))
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	pair := base64.StdEncoding.EncodeToString([]byte("bob:pa:ss"))
	login := registry.AuthConfig{Username: "bob", Password: "pa:ss"}
	kept := registry.AuthConfig{Username: "anna", Password: "s3cret"}
	tests := map[string]struct {
		file, host string
		want       registry.AuthConfig
		says       string
	}{
		"auth":                {`{"auths":{"r.example.com":{"auth":"` + pair + `"}}}`, "r.example.com", login, ""},
		"by its URL":          {`{"auths":{"https://r.example.com/v1/":{"auth":"` + pair + `"}}}`, "r.example.com", login, ""},
		"with a port":         {`{"auths":{"127.0.0.1:5000":{"auth":"` + pair + `"}}}`, "127.0.0.1:5000", login, ""},
		"the hub":             {`{"auths":{"https://index.docker.io/v1/":{"auth":"` + pair + `"}}}`, "docker.io", login, ""},
		"in two fields":       {`{"auths":{"r.example.com":{"username":"bob","password":"pa:ss"}}}`, "r.example.com", login, ""},
		"a token":             {`{"auths":{"r.example.com":{"identitytoken":"t0ken"}}}`, "r.example.com", registry.AuthConfig{IdentityToken: "t0ken"}, ""},
		"another registry":    {`{"auths":{"r.example.com":{"auth":"` + pair + `"}}}`, "other.example.com", registry.AuthConfig{}, ""},
		"a longer name":       {`{"auths":{"example.com":{"auth":"` + pair + `"}}}`, "r.example.com", registry.AuthConfig{}, ""},
		"empty":               {`{}`, "r.example.com", registry.AuthConfig{}, ""},
		"helper":              {`{"credHelpers":{"kept.example.com":"keeper"}}`, "kept.example.com", kept, ""},
		"store":               {`{"credsStore":"keeper"}`, "kept.example.com", kept, ""},
		"store, logged in":    {`{"auths":{"kept.example.com":{}},"credsStore":"keeper"}`, "kept.example.com", kept, ""},
		"store has a token":   {`{"credsStore":"keeper"}`, "token.example.com", registry.AuthConfig{IdentityToken: "t0ken"}, ""},
		"store has nothing":   {`{"credsStore":"keeper"}`, "r.example.com", registry.AuthConfig{}, ""},
		"store fails":         {`{"credsStore":"keeper"}`, "broken.example.com", registry.AuthConfig{}, "exit status 3"},
		"store babbles":       {`{"credsStore":"keeper"}`, "babble.example.com", registry.AuthConfig{}, "no credentials"},
		"no such helper":      {`{"credsStore":"nobody"}`, "r.example.com", registry.AuthConfig{}, "docker-credential-nobody"},
		"a path for a helper": {`{"credsStore":"../keeper"}`, "r.example.com", registry.AuthConfig{}, "is not the name"},
		"not base64":          {`{"auths":{"r.example.com":{"auth":"s3cret!"}}}`, "r.example.com", registry.AuthConfig{}, "not base64"},
		"not JSON":            {`s3cret`, "r.example.com", registry.AuthConfig{}, "is not JSON"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "config.json")
			require.NoError(t, os.WriteFile(path, []byte(tc.file), 0o600))
			encoded, err := credentials(t.Context(), path, tc.host)
			if tc.says != "" {
				require.ErrorContains(t, err, tc.says)
				require.NotContains(t, err.Error(), "s3cret", "an error is logged and shown")
				return
			}
			require.NoError(t, err)
			if tc.want == (registry.AuthConfig{}) {
				require.Empty(t, encoded)
				return
			}
			got, err := authconfig.Decode(encoded)
			require.NoError(t, err)
			tc.want.ServerAddress = tc.host
			require.Equal(t, tc.want, *got)
		})
	}
	encoded, err := credentials(t.Context(), "", "r.example.com")
	require.NoError(t, err)
	require.Empty(t, encoded, "without a file nothing is shown, whoever is logged in on this machine")
	_, err = credentials(t.Context(), "/nonexistent", "r.example.com")
	require.ErrorContains(t, err, "docker_config")
}

// What a registry does not give cannot be had; what this machine lacks is its own
// fault and may pass.
func TestPullFailed(t *testing.T) {
	late, cancel := context.WithTimeoutCause(t.Context(), time.Nanosecond, errPullTime)
	defer cancel()
	<-late.Done()
	tests := map[string]struct {
		ctx       context.Context
		err       error
		permanent bool
	}{
		"denied":       {t.Context(), errors.New("denied: requested access to the resource is denied"), true},
		"unknown":      {t.Context(), errors.New("manifest unknown"), true},
		"in time":      {late, context.DeadlineExceeded, true},
		"no room":      {t.Context(), errors.New("write /var/lib/docker/tmp/x: no space left on device"), false},
		"too large":    {t.Context(), errors.New("its layers take more than 1 MiB"), true},
		"ended by all": {t.Context(), errors.New("unexpected EOF"), true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := pullFailed(tc.ctx, "r.example.com/x@sha256:0", tc.err)
			require.Equal(t, tc.permanent, permanent(got), got)
			require.Equal(t, tc.permanent, errors.Is(got, errNoImage))
		})
	}
	require.ErrorIs(t, pullFailed(late, "x", context.DeadlineExceeded), errPullTime)
}
