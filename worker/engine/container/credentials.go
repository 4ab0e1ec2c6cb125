// SPDX-License-Identifier: Apache-2.0

package container

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/api/types/registry"
)

// helperTimeout bounds a program that keeps credentials.
const helperTimeout = 30 * time.Second

// hub is the key under which Docker keeps the credentials of docker.io.
const hub = "https://index.docker.io/v1/"

// helperName is what may follow docker-credential- in the name of a program.
var helperName = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,64}$`)

// dockerConfig is the part of Docker's config.json that logs in.
type dockerConfig struct {
	Auths map[string]struct {
		// Auth is base64 of user:password.
		Auth          string `json:"auth"`
		Username      string `json:"username"`
		Password      string `json:"password"`
		IdentityToken string `json:"identitytoken"`
		RegistryToken string `json:"registrytoken"`
	} `json:"auths"`
	// Helpers name a program by registry, Store one for all others.
	Helpers map[string]string `json:"credHelpers"`
	Store   string            `json:"credsStore"`
}

// credentials returns what to show a registry, encoded for the daemon; empty if
// the file has nothing for it. The file is read at each pull, so that a login
// needs no restart. They go to the daemon with the pull and nowhere else.
func credentials(ctx context.Context, path, host string) (string, error) {
	if path == "" {
		return "", nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read engines.container.docker_config: %w", err)
	}
	var file dockerConfig
	if json.Unmarshal(raw, &file) != nil {
		return "", fmt.Errorf("read engines.container.docker_config: %s is not JSON", path) // the text may be a secret
	}
	auth, err := file.find(ctx, host)
	if err != nil || auth == nil {
		return "", err
	}
	auth.ServerAddress = host
	return authconfig.Encode(*auth)
}

// find looks a registry up as Docker does: its own helper, the file, the store.
func (c dockerConfig) find(ctx context.Context, host string) (*registry.AuthConfig, error) {
	for _, key := range registryKeys(host) {
		if helper := c.Helpers[key]; helper != "" {
			return askHelper(ctx, helper, key)
		}
	}
	for _, key := range registryKeys(host) {
		entry, ok := c.Auths[key]
		auth := &registry.AuthConfig{
			Username: entry.Username, Password: entry.Password, IdentityToken: entry.IdentityToken, RegistryToken: entry.RegistryToken,
		}
		if entry.Auth != "" {
			pair, err := base64.StdEncoding.DecodeString(entry.Auth)
			user, password, found := strings.Cut(string(pair), ":")
			if err != nil || !found {
				return nil, fmt.Errorf("read engines.container.docker_config: the auth of %s is not base64 of USER:PASSWORD", key)
			}
			auth.Username, auth.Password = user, strings.TrimRight(password, "\x00")
		}
		if ok && *auth != (registry.AuthConfig{}) {
			return auth, nil
		}
	}
	if c.Store == "" {
		return nil, nil //nolint:nilnil // a registry that needs no login is no error
	}
	return askHelper(ctx, c.Store, registryKeys(host)[0])
}

// registryKeys are the names under which a registry may be kept, Docker's own
// first.
func registryKeys(host string) []string {
	if host == "docker.io" {
		return []string{hub, host, "index.docker.io", "registry-1.docker.io"}
	}
	return []string{host, "https://" + host, "https://" + host + "/v1/", "https://" + host + "/v2/"}
}

// askHelper runs docker-credential-NAME get, as Docker does.
func askHelper(ctx context.Context, name, key string) (*registry.AuthConfig, error) {
	if !helperName.MatchString(name) {
		return nil, fmt.Errorf("read engines.container.docker_config: %.64q is not the name of a credential helper", name)
	}
	ctx, cancel := context.WithTimeout(ctx, helperTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "docker-credential-"+name, "get")
	cmd.Stdin = strings.NewReader(key)
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		if strings.Contains(out.String(), "credentials not found") {
			return nil, nil //nolint:nilnil // as above
		}
		var ended *exec.ExitError
		if errors.As(err, &ended) {
			err = ended // without what it printed
		}
		return nil, fmt.Errorf("ask docker-credential-%s for %s: %w", name, key, err)
	}
	var got struct{ Username, Secret string }
	if json.Unmarshal(out.Bytes(), &got) != nil {
		return nil, fmt.Errorf("docker-credential-%s gave no credentials for %s that can be read", name, key)
	}
	if got.Username == "<token>" {
		return &registry.AuthConfig{IdentityToken: got.Secret}, nil
	}
	return &registry.AuthConfig{Username: got.Username, Password: got.Secret}, nil
}
