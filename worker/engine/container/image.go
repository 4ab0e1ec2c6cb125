// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/distribution/reference"
	"github.com/moby/moby/api/types/jsonstream"
	"github.com/moby/moby/client"

	"github.com/cupel-network/cupel/worker/engine"
)

// image is what a container needs to know of an image.
type image struct {
	id      string
	command []string
	env     []string
	labels  []string
	workdir string
}

// refusedError is a job that no worker runs, whatever its machine is like.
type refusedError struct{ text string }

// Error implements error.
func (e *refusedError) Error() string { return e.text }

func refuse(format string, args ...any) error { return &refusedError{fmt.Sprintf(format, args...)} }

// errNoImage is an image that could not be had.
var errNoImage = errors.New("image is not available")

// prepare has the image of a job on this machine before the job takes processors,
// memory or GPUs: a pull may be long. A run that has a container needs none. What
// the daemon does not answer is met again when the container is made.
func (r *run) prepare(ctx context.Context) error {
	_, err := r.docker.ContainerInspect(ctx, r.name(r.job.ID), client.ContainerInspectOptions{})
	if !cerrdefs.IsNotFound(err) {
		return nil
	}
	if _, err = r.image(ctx, r.job.Container.Image); permanent(err) {
		return err
	}
	return ctx.Err()
}

// image returns the image of a job, pulling it where that is allowed.
func (h *host) image(ctx context.Context, ref string) (image, error) {
	res, err := h.docker.ImageInspect(ctx, ref)
	if cerrdefs.IsNotFound(err) {
		if err = h.pull(ctx, ref); err == nil {
			res, err = h.docker.ImageInspect(ctx, ref)
		}
	}
	if err != nil {
		return image{}, err
	}
	if res.Size > h.opts.MaxImageBytes {
		return image{}, fmt.Errorf("%w: %s takes %d MiB, engines.container.max_image_mib allows %d", errNoImage, ref, res.Size>>20, h.opts.MaxImageBytes>>20)
	}
	if res.Os != "linux" || res.Architecture != "amd64" {
		return image{}, refuse("image %s is for %s/%s, the class runs linux/amd64", ref, res.Os, res.Architecture)
	}
	img := image{id: res.ID, workdir: "/"}
	if c := res.Config; c != nil {
		if len(c.Volumes) > 0 {
			return image{}, refuse("image %s declares volumes, which nothing would limit: build it without VOLUME", ref)
		}
		img.command = append(slices.Clone(c.Entrypoint), c.Cmd...)
		img.env = c.Env
		for label := range c.Labels {
			img.labels = append(img.labels, label)
		}
		if c.WorkingDir != "" {
			img.workdir = c.WorkingDir
		}
	}
	return img, checkWorkdir(ref, img.workdir)
}

// checkWorkdir refuses directories by which runtimes were left before.
func checkWorkdir(ref, dir string) error {
	if !path.IsAbs(dir) || path.Clean(dir) != dir {
		return refuse("image %s has the working directory %q, which is not an absolute clean path", ref, dir)
	}
	for _, kernel := range []string{"/proc", "/sys", "/dev", "/run/cupel"} {
		if dir == kernel || strings.HasPrefix(dir, kernel+"/") {
			return refuse("image %s has a working directory below %s", ref, kernel)
		}
	}
	return nil
}

// pull fetches an image by digest, from a registry that is allowed, within the
// limits of size and time.
func (h *host) pull(ctx context.Context, ref string) error {
	switch {
	case strings.HasPrefix(ref, "sha256:"):
		return fmt.Errorf("%w: %s is named by its id and is not on this machine", errNoImage, ref)
	case h.opts.Pull == PullNever:
		return fmt.Errorf("%w: %s is not on this machine and engines.container.pull is never", errNoImage, ref)
	}
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return refuse("image %q: %v", ref, err)
	}
	if registry := reference.Domain(named); !slices.Contains(h.opts.Registries, registry) {
		return fmt.Errorf("%w: registry %s is not in engines.container.registries", errNoImage, registry)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, h.opts.PullTimeout, errPullTime)
	defer cancel()
	auth, err := credentials(ctx, h.opts.DockerConfig, reference.Domain(named))
	if err != nil {
		return err
	}
	h.opts.Log.Info("pulling an image", "image", ref, "login", auth != "")
	stream, err := h.docker.ImagePull(ctx, ref, client.ImagePullOptions{RegistryAuth: auth})
	if err != nil {
		return pullFailed(ctx, ref, err)
	}
	defer stream.Close()
	layers := make(layerSizes)
	for message, err := range stream.JSONMessages(ctx) {
		if err == nil {
			err = layers.add(message, h.opts.MaxImageBytes)
		}
		if err != nil {
			return pullFailed(ctx, ref, err)
		}
	}
	return nil
}

// errPullTime ends a pull that takes too long.
var errPullTime = errors.New("it took longer than engines.container.pull_timeout")

// pullFailed says whose fault a failed pull is. An image that its registry does not
// give, or not in time, cannot be had; a daemon that is gone or has no room is
// this machine's fault, and another try may help.
func pullFailed(ctx context.Context, ref string, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errPullTime) {
		err = cause
	}
	if client.IsErrConnectionFailed(err) || strings.Contains(err.Error(), "no space left on device") {
		return fmt.Errorf("pull %s: %w", ref, err)
	}
	return fmt.Errorf("%w: pull %s: %w", errNoImage, ref, err)
}

// layerSizes are the sizes of the layers that the daemon fetches.
type layerSizes map[string]int64

// add fails, and with that ends the pull, if the layers get too large.
func (l layerSizes) add(m jsonstream.Message, limit int64) error {
	if m.Error != nil {
		return m.Error
	}
	if m.Progress == nil {
		return nil
	}
	l[m.ID] = max(l[m.ID], m.Progress.Total, m.Progress.Current)
	var sum int64
	for _, size := range l {
		sum += size
	}
	if sum > limit {
		return fmt.Errorf("its layers take more than %d MiB: raise engines.container.max_image_mib", limit>>20)
	}
	return nil
}

// environment is what the container's process gets: the image's variables but
// those that steer a linker or a hook, and the job's. A name without a value
// removes a variable of the image.
func environment(job engine.Job, img image) []string {
	given := make(map[string]bool, len(job.Env))
	for _, kv := range job.Env {
		key, _, _ := strings.Cut(kv, "=")
		given[key] = true
	}
	env := slices.Clone(job.Env)
	for _, kv := range img.env {
		key, value, _ := strings.Cut(kv, "=")
		if engine.ForbiddenEnv(key, value) != "" && !given[key] {
			env = append(env, key)
		}
	}
	if !given["HOME"] {
		env = append(env, "HOME=/tmp")
	}
	if job.Container.GPUs == 0 {
		// Where NVIDIA's runtime is the default one, silence means all.
		env = append(env, "NVIDIA_VISIBLE_DEVICES=void")
	}
	return append(env, fmt.Sprintf("%s=%x", engine.SeedEnv, job.Seed))
}

// candidates are the paths at which the first word of a command may be.
func candidates(word, workdir string, env []string) []string {
	if strings.Contains(word, "/") {
		return []string{word}
	}
	search := "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	for _, kv := range env {
		if value, ok := strings.CutPrefix(kv, "PATH="); ok {
			search = value
		}
	}
	var all []string
	for _, dir := range strings.Split(search, ":") {
		if dir == "" {
			dir = workdir
		}
		all = append(all, path.Join(dir, word))
	}
	return all[:min(len(all), 64)]
}
