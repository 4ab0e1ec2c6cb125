// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/ipfs/go-cid"
)

// maxURI is the longest URI that is looked at.
const maxURI = 4096

// maxSegments bounds the path of an ipfs URI.
const maxSegments = 32

// bucketPattern is what every S3 server takes as the name of a bucket.
var bucketPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// location is a URI that was checked, in parts.
type location struct {
	scheme string
	// url is set for http and https.
	url *url.URL
	// path is set for file.
	path string
	// bucket and key are set for s3.
	bucket, key string
	// root and segments are set for ipfs; the root is of version 1.
	root     cid.Cid
	segments []string
}

// ValidateURI reports whether a URI is one that a Fetcher can read, if its
// configuration allows it. Errors wrap ErrForbidden.
func ValidateURI(uri string) error {
	_, err := parseURI(uri)
	return err
}

func parseURI(uri string) (location, error) {
	loc, err := splitURI(uri)
	if err != nil {
		return location{}, fmt.Errorf("uri %.128q: %w: %w", uri, err, ErrForbidden)
	}
	return loc, nil
}

func splitURI(uri string) (location, error) {
	if len(uri) > maxURI {
		return location{}, fmt.Errorf("has %d characters, at most %d are read", len(uri), maxURI)
	}
	u, err := url.Parse(uri)
	if err != nil {
		return location{}, errors.New("is not a URI")
	}
	loc := location{scheme: u.Scheme}
	switch u.Scheme {
	case "http", "https":
		if u.Hostname() == "" {
			return location{}, errors.New("names no host")
		}
		loc.url = u
		return loc, nil
	case "file":
		if u.Host != "" || !strings.HasPrefix(u.Path, "/") || u.RawQuery != "" || u.Fragment != "" || strings.Contains(u.Path, "\x00") {
			return location{}, errors.New("is not file:/// and an absolute path")
		}
		loc.path = u.Path
		return loc, nil
	case "s3":
		return splitS3(loc, u)
	case "ipfs":
		return splitIPFS(loc, u)
	}
	return location{}, fmt.Errorf("has scheme %.32q, known are file, http, https, s3 and ipfs", u.Scheme)
}

func splitS3(loc location, u *url.URL) (location, error) {
	loc.bucket, loc.key = u.Host, strings.TrimPrefix(u.Path, "/")
	switch {
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return location{}, errors.New("is more than s3://bucket/key: credentials and options come from the worker's configuration only")
	case !bucketPattern.MatchString(loc.bucket):
		return location{}, errors.New("names no valid bucket")
	case loc.key == "" || len(loc.key) > 1024 || strings.Contains(loc.key, "\x00"):
		return location{}, errors.New("names no valid key")
	}
	for _, part := range strings.Split(loc.key, "/") {
		if part == "." || part == ".." {
			return location{}, errors.New("names a key with . or .. in it")
		}
	}
	return loc, nil
}

func splitIPFS(loc location, u *url.URL) (location, error) {
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Port() != "" {
		return location{}, errors.New("is more than ipfs://CID/path")
	}
	c, err := cid.Decode(u.Host)
	if err != nil {
		return location{}, errors.New("does not begin with a CID")
	}
	loc.root = cid.NewCidV1(c.Type(), c.Hash())
	if _, err := digestOf(loc.root); err != nil {
		return location{}, err
	}
	if path := strings.TrimSuffix(strings.TrimPrefix(u.Path, "/"), "/"); path != "" {
		loc.segments = strings.Split(path, "/")
	}
	for _, part := range loc.segments {
		if part == "" || part == "." || part == ".." || strings.Contains(part, "\x00") {
			return location{}, errors.New("has an empty part, . or .. in its path")
		}
	}
	if len(loc.segments) > maxSegments {
		return location{}, fmt.Errorf("has a path of %d parts, at most %d are followed", len(loc.segments), maxSegments)
	}
	return loc, nil
}
