// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"

	"github.com/moby/moby/client"

	"github.com/cupel-network/cupel/worker"
	"github.com/cupel-network/cupel/worker/doctor"
	"github.com/cupel-network/cupel/worker/engine/container"
)

// containerChecks are those of the daemon, and the classes that the engine gives. A
// fleet has daemons of its own.
func containerChecks(cfg worker.Config) (checks []doctor.Check, classes []string) {
	c := cfg.Engines.Container
	if !c.Enabled {
		return nil, nil
	}
	classes = []string{container.ClassCPU}
	if c.GPUs {
		classes = append(classes, container.ClassGPU)
	}
	if c.Fleet != "" {
		return nil, classes
	}
	return []doctor.Check{doctor.Containers(c.Runtime, func(ctx context.Context) (f container.Facts, err error) {
		docker, err := client.New(client.WithHost(c.Host))
		if err != nil {
			return f, err
		}
		defer func() { err = errors.Join(err, docker.Close()) }()
		return container.Probe(ctx, docker)
	})}, classes
}
