// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/crypt"
	"github.com/cupel-network/cupel/worker/jobfile"
	"github.com/cupel-network/cupel/worker/manifest"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

const flagIdentity = "identity"

// maxDrawn is the most providers that inputs of a drawn job are encrypted to.
const maxDrawn = crypt.MaxRecipients - manifest.MaxResultsTo

func addIdentityFlag(cmd *cobra.Command) {
	cmd.Flags().String(flagIdentity, "", "file of the age identity that encrypted results are for; cupeld job identity makes one")
}

// readIdentity loads what --identity names, if anything.
func (s *session) readIdentity(cmd *cobra.Command) error {
	path, err := cmd.Flags().GetString(flagIdentity)
	if err != nil || path == "" {
		return err
	}
	s.identity, err = crypt.Load(path)
	return exit.Usage(err)
}

func identityCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "identity FILE",
		Short: "Make the key that encrypted results are for",
		Long: "Make an age identity in FILE, or use the one that is there, and print its public key.\n" +
			"Write the public key into the job file, under encrypt.results_to, and give the file\n" +
			"to run, results and logs with --identity. Back it up: without it the results are lost.",
		Example: "cupeld job identity me.key",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := crypt.Create(args[0]); err != nil && !errors.Is(err, fs.ErrExist) {
				return exit.Usage(err)
			}
			ids, err := crypt.Load(args[0])
			if err != nil {
				return exit.Usage(err)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), ids.Recipient())
			return err
		},
	}
}

// recipients are the keys of those who may run a job: of the provider that is
// hired, else of all that could be drawn now.
func (s *session) recipients(ctx context.Context, f *jobfile.File) ([]string, error) {
	if f.Hire != "" {
		res, err := s.registry.Provider(ctx, &registrytypes.QueryProviderRequest{Provider: f.Hire})
		if err != nil {
			return nil, classify(err)
		}
		if res.Provider.EncryptionKey == "" {
			return nil, failf(exit.UsageError, "provider %s has registered no encryption key, so nothing can be encrypted to it\nHire another, or leave encrypt.inputs out", f.Hire)
		}
		return []string{res.Provider.EncryptionKey}, nil
	}
	var keys []string
	page := &query.PageRequest{Limit: 100}
	for {
		res, err := s.registry.Providers(ctx, &registrytypes.QueryProvidersRequest{Pagination: page})
		if err != nil {
			return nil, classify(err)
		}
		for _, p := range res.Providers {
			if couldRun(p, f.Engine) {
				keys = append(keys, p.EncryptionKey)
			}
		}
		if res.Pagination == nil || len(res.Pagination.NextKey) == 0 {
			break
		}
		page = &query.PageRequest{Key: res.Pagination.NextKey, Limit: 100}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	switch {
	case len(keys) < int(f.Replicas):
		return nil, failf(exit.UsageError, "%d providers of %s have registered an encryption key, %d are needed\nHire one with hire:, or leave encrypt.inputs out", len(keys), f.Engine, f.Replicas)
	case len(keys) > maxDrawn:
		return nil, failf(exit.UsageError, "%d providers of %s could be drawn, inputs are encrypted to %d at most\nHire one with hire:", len(keys), f.Engine, maxDrawn)
	}
	return keys, nil
}

func couldRun(p registrytypes.Provider, class string) bool {
	return p.Status == registrytypes.ProviderActive && p.EncryptionKey != "" &&
		slices.ContainsFunc(p.Resources, func(r registrytypes.Resource) bool { return r.Class == class })
}

// download gets the result of a task from a provider: as it is, or, if only
// some can read it and an identity is at hand, decrypted.
func (s *session) download(ctx context.Context, endpoint string, b markettypes.Batch, digest []byte) (io.ReadCloser, error) {
	body, err := s.get(ctx, artifactURL(endpoint, digest))
	var status *statusError
	if s.identity == nil || !errors.As(err, &status) || status.code != http.StatusNotFound {
		return body, err
	}
	body, err = s.get(ctx, strings.TrimRight(endpoint, "/")+"/sealed/"+crypt.SealedName(b.Manifest, digest))
	if err != nil {
		return nil, err
	}
	r, w := io.Pipe()
	go func() {
		defer body.Close()
		w.CloseWithError(crypt.Decrypt(w, body, s.identity.All()...))
	}()
	return r, nil
}

// artifactURL is where a provider serves a plain result.
func artifactURL(endpoint string, digest []byte) string {
	return strings.TrimRight(endpoint, "/") + "/artifacts/" + hex.EncodeToString(digest)
}

// statusError is an answer of a provider that is not the content.
type statusError struct {
	host, status string
	code         int
}

// Error implements error.
func (e *statusError) Error() string { return e.host + " answers " + e.status }

func (s *session) get(ctx context.Context, url string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, errors.Join(&statusError{req.URL.Scheme + "://" + req.URL.Host, answer.Status, answer.StatusCode}, answer.Body.Close())
	}
	return answer.Body, nil
}

// sealed reports whether the results of a batch are encrypted, as far as the
// chain says.
func (s *session) sealed(ctx context.Context, batch uint64) bool {
	res, err := s.market.Manifest(ctx, &markettypes.QueryManifestRequest{Batch: batch})
	if err != nil || len(res.Manifest) == 0 {
		return false
	}
	m, err := manifest.Decode(res.Manifest)
	return err == nil && len(m.ResultsTo) > 0
}
