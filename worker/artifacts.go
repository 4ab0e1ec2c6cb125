// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"github.com/cupel-network/cupel/worker/artifact"
	"github.com/cupel-network/cupel/worker/crypt"
)

// BucketConfig is a bucket that s3:// may name, and the key that reads it. Any
// job may read what the key can read below the prefix.
type BucketConfig struct {
	Bucket   string `yaml:"bucket"`
	Endpoint string `yaml:"endpoint"`
	Region   string `yaml:"region"`
	Prefix   string `yaml:"prefix"`
	// AccessKey and SecretFile are both empty for a bucket that is read
	// unsigned. The file has mode 0600.
	AccessKey  string `yaml:"access_key"`
	SecretFile string `yaml:"secret_file"`
}

// validateSources checks buckets and gateways.
func (c ArtifactConfig) validateSources() error {
	var all []error
	seen := make(map[string]bool)
	for _, b := range c.S3 {
		check(&all, b.Bucket != "", "artifacts.s3: bucket is empty: give the name of the bucket")
		check(&all, !seen[b.Bucket], "artifacts.s3: bucket %s is there twice", b.Bucket)
		check(&all, (b.AccessKey == "") == (b.SecretFile == ""), "artifacts.s3: bucket %s has only one of access_key and secret_file", b.Bucket)
		u, err := url.Parse(b.Endpoint)
		ok := err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") && strings.Trim(u.Path, "/") == ""
		check(&all, ok, "artifacts.s3: endpoint %q of bucket %s is not http:// or https:// and a host", b.Endpoint, b.Bucket)
		seen[b.Bucket] = true
	}
	for _, g := range c.IPFSGateways {
		u, err := url.Parse(g)
		check(&all, err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https"), "artifacts.ipfs_gateways %q is not an http:// or https:// URL", g)
	}
	return errors.Join(all...)
}

// openFetcher makes the fetcher of inputs.
func (s *Service) openFetcher() (*artifact.Fetcher, error) {
	c := s.cfg.Artifacts
	opts := artifact.FetchOptions{
		FileRoots: c.FileRoots, PrivateHosts: c.PrivateHosts, MaxBytes: c.MaxMiB << 20, Timeout: c.Timeout, Gateways: c.IPFSGateways,
	}
	for _, b := range c.S3 {
		bucket := artifact.Bucket{Name: b.Bucket, Endpoint: b.Endpoint, Region: b.Region, Prefix: b.Prefix, AccessKey: b.AccessKey}
		if b.SecretFile != "" {
			secret, err := readSecret(s.cfg.Path(b.SecretFile))
			if err != nil {
				return nil, fmt.Errorf("secret_file of bucket %s: %w", b.Bucket, err)
			}
			bucket.SecretKey = secret
		}
		opts.Buckets = append(opts.Buckets, bucket)
	}
	return artifact.NewFetcher(s.inputs, opts)
}

// readSecret reads one line of a file that nobody else may read.
func readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s has mode %04o: run chmod 600 on it: %w", path, info.Mode().Perm(), fs.ErrPermission)
	}
	raw, err := os.ReadFile(path)
	secret := strings.TrimSpace(string(raw))
	if err == nil && (secret == "" || len(secret) > 4096) {
		err = fmt.Errorf("%s holds no secret", path)
	}
	return secret, err
}

// openVault opens the encrypted results and the age identities, and tidies up
// what a crash left of all results. A worker without identities runs, but not
// what is encrypted to it.
func (s *Service) openVault() (err error) {
	if s.sealed, err = artifact.Open(s.cfg.Path("sealed"), 0); err != nil {
		return err
	}
	ids, err := crypt.Load(s.cfg.Path(s.cfg.Key.Encryption))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.log.Warn("there is no encryption key: encrypted inputs cannot be opened; cupel-worker init makes one", "file", s.cfg.Key.Encryption)
	case err != nil:
		return err
	}
	s.identities = ids
	s.vault = crypt.NewVault(ids, s.sealed)
	return tidy(s.journal, s.log, s.results, s.sealed)
}
