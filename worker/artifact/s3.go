// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// defaultRegion is what servers that know no regions expect.
const defaultRegion = "us-east-1"

// Bucket says where a bucket is and with which key it is read. A job names the
// bucket and nothing else.
type Bucket struct {
	Name string
	// Endpoint is http:// or https:// and a host. It is the operator's choice:
	// a private address is allowed.
	Endpoint string
	Region   string
	// Prefix is what a key must begin with; empty allows the whole bucket.
	Prefix string
	// AccessKey and SecretKey may be empty: then the bucket is read unsigned.
	AccessKey, SecretKey string
}

type bucketClient struct {
	core   minio.Core
	prefix string
}

func openBuckets(all []Bucket) (map[string]*bucketClient, error) {
	clients := make(map[string]*bucketClient, len(all))
	for _, b := range all {
		u, err := url.Parse(b.Endpoint)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.Trim(u.Path, "/") != "" {
			return nil, fmt.Errorf("endpoint %q of bucket %s is not http:// or https:// and a host", b.Endpoint, b.Name)
		}
		if clients[b.Name] != nil {
			return nil, fmt.Errorf("bucket %s is configured twice", b.Name)
		}
		region := b.Region
		if region == "" {
			region = defaultRegion
		}
		core, err := minio.NewCore(u.Host, &minio.Options{
			Creds: credentials.NewStaticV4(b.AccessKey, b.SecretKey, ""), Secure: u.Scheme == "https", Region: region,
			Transport: newTransport(true, ""), MaxRetries: 1,
		})
		if err != nil {
			return nil, fmt.Errorf("bucket %s: %w", b.Name, err)
		}
		clients[b.Name] = &bucketClient{core: *core, prefix: b.Prefix}
	}
	return clients, nil
}

// fetchS3 reads an object of a configured bucket, from where an earlier
// attempt stopped.
func (f *Fetcher) fetchS3(ctx context.Context, t transfer, loc location) error {
	b := f.buckets[loc.bucket]
	if b == nil {
		return fmt.Errorf("bucket %s is not in artifacts.s3: %w", loc.bucket, ErrForbidden)
	}
	if !strings.HasPrefix(loc.key, b.prefix) {
		return fmt.Errorf("key is outside prefix %q of bucket %s: %w", b.prefix, loc.bucket, ErrForbidden)
	}
	var opts minio.GetObjectOptions
	have := t.have()
	if have > 0 {
		if err := opts.SetRange(have, 0); err != nil {
			return err
		}
	}
	body, info, head, err := b.core.GetObject(ctx, loc.bucket, loc.key, opts)
	if err != nil {
		if have > 0 && minio.ToErrorResponse(err).StatusCode == http.StatusRequestedRangeNotSatisfiable {
			err = errors.Join(err, t.drop())
		}
		return err
	}
	defer body.Close()
	status := http.StatusOK
	if have > 0 && head.Get("Content-Range") != "" {
		status = http.StatusPartialContent
	}
	return f.receive(ctx, t, status, head, info.Size, body, have)
}
