// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/cupel-network/cupel/worker/engine"
)

// drift runs a job and then flips the last bit of every float32 that it wrote,
// as another machine might have computed it.
type drift struct{ engine.Engine }

// Run implements engine.Engine.
func (d drift) Run(ctx context.Context, job engine.Job, scratch string) (engine.Result, error) {
	res, err := d.Engine.Run(ctx, job, scratch)
	if err != nil || res.Artifact == "" {
		return res, err
	}
	a, err := engine.OpenArtifact(res.Artifact, engine.ArtifactLimits{})
	if err != nil {
		return res, err
	}
	to := res.Artifact + ".drift"
	res.ArtifactSHA256, err = shift(a, to)
	res.Artifact = to
	return res, errors.Join(err, a.Close())
}

func shift(a *engine.Artifact, to string) (digest [sha256.Size]byte, err error) {
	var entries []engine.Entry
	for _, e := range a.Entries {
		r, err := a.Open(e.Name)
		if err != nil {
			return digest, err
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return digest, err
		}
		if strings.HasSuffix(e.Name, ".f32") {
			for i := 0; i < len(content); i += 4 {
				content[i] ^= 1
			}
		}
		entries = append(entries, engine.BytesEntry(e.Name, content))
	}
	f, err := os.Create(to)
	if err != nil {
		return digest, err
	}
	sum := sha256.New()
	err = engine.WriteArtifact(io.MultiWriter(f, sum), a.Meta, entries)
	return [sha256.Size]byte(sum.Sum(nil)), errors.Join(err, f.Close())
}
