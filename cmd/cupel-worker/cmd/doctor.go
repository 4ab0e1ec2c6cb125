// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/worker"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/doctor"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/wasm"
)

func newDoctorCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check the setup and say how to mend it",
		Long: "Checks home, secret, disk, engines, endpoints, provider and funds. Each line is\n" +
			"ok, warn or fail; what is not ok comes with its fix. The exit code is 1 if\n" +
			"anything failed. It may run beside the worker.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			checks, err := doctorChecks(cmd, cfg)
			if err != nil {
				return err
			}
			worst, err := doctor.Run(cmd.Context(), cmd.OutOrStdout(), checks)
			if err == nil && worst == doctor.Fail {
				err = errors.New("some checks failed: see their fixes above")
			}
			return err
		},
	}
}

func doctorChecks(cmd *cobra.Command, cfg worker.Config) ([]doctor.Check, error) {
	checks := []doctor.Check{
		doctor.Home(cfg.Home),
		doctor.Secret(cfg.Path(cfg.Key.Secret)),
		doctor.Disk(cfg.Home, uint64(cfg.Artifacts.CacheMiB+cfg.Engines.WASM.CacheMiB)<<20),
		doctor.FileRoots(cfg.Artifacts.FileRoots),
	}
	var classes []string
	if cfg.Engines.WASM.Enabled {
		classes = append(classes, wasm.Class)
		checks = append(checks, doctor.Engine(openWASM))
	}
	for _, url := range cfg.Chain.RPC {
		one := cfg
		one.Chain.RPC = []string{url}
		node, err := worker.NewChain(one)
		if err != nil {
			return nil, err
		}
		checks = append(checks, doctor.Endpoint(url, node))
	}
	node, err := worker.NewChain(cfg)
	if err != nil {
		return nil, err
	}
	ring, err := openKeyring(cfg, cmd.InOrStdin())
	if err != nil {
		return nil, err
	}
	enc, err := chain.NewEncoding()
	if err != nil {
		return nil, err
	}
	signer, err := chain.NewSigner(enc, ring, cfg.Key.Name, cfg.Chain.ID, cfg.Fees.Granter)
	if err != nil {
		return nil, err
	}
	return append(checks,
		doctor.Provider(node, signer.Address(), cfg.HTTP.Endpoint, classes),
		doctor.Funds(node, signer.Address(), cfg.Fees.Granter, cfg.Fees.MinBalance),
		doctor.Reachable(cfg.HTTP.Endpoint),
	), nil
}

// openWASM opens an engine apart from that of a running worker.
func openWASM(ctx context.Context) (engine.Engine, []string, error) {
	dir, err := os.MkdirTemp("", "cupel-doctor-modules-*")
	if err != nil {
		return nil, nil, err
	}
	context.AfterFunc(ctx, func() { _ = os.RemoveAll(dir) })
	eng, err := wasm.New(ctx, wasm.Options{CacheDir: dir})
	if err != nil {
		return nil, nil, err
	}
	return eng, eng.Isolation().Missing, nil
}
