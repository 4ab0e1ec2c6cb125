// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/worker"
	"github.com/cupel-network/cupel/worker/chain"
	"github.com/cupel-network/cupel/worker/doctor"
	"github.com/cupel-network/cupel/worker/engine"
	"github.com/cupel-network/cupel/worker/engine/wasm"
	"github.com/cupel-network/cupel/worker/inventory"
)

func newDoctorCmd() *cobra.Command {
	var remote string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check the setup and say how to mend it",
		Long: "Checks home, secret, disk, limits, clock, container programs, driver, engines,\n" +
			"inference server, endpoints, provider, bond, payout and funds. Each line is ok, warn or fail; what\n" +
			"is not ok comes with its fix. The exit code is 1 if anything failed. It may run\n" +
			"beside the worker. With --remote it needs no home and checks, from this machine,\n" +
			"that another worker's endpoint is reachable.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if remote != "" {
				return runDoctor(cmd, []doctor.Check{doctor.Reachable(remote)})
			}
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			checks, err := doctorChecks(cmd, cfg)
			if err != nil {
				return err
			}
			return runDoctor(cmd, checks)
		},
	}
	cmd.Flags().StringVar(&remote, "remote", "", "only check that this endpoint of a worker can be reached from here")
	addOutputFlag(cmd)
	return cmd
}

// runDoctor prints findings as they come, or all at once as JSON.
func runDoctor(cmd *cobra.Command, checks []doctor.Check) error {
	format, err := cmd.Flags().GetString("output")
	if err != nil {
		return err
	}
	all := []doctor.Finding{}
	emit := doctor.Print(cmd.OutOrStdout())
	if format != "text" {
		emit = func(f doctor.Finding) error {
			all = append(all, f)
			return nil
		}
	}
	worst, err := doctor.Run(cmd.Context(), checks, emit)
	if err == nil && format != "text" {
		err = output(cmd, all, nil)
	}
	if err == nil && worst == doctor.Fail {
		err = errors.New("some checks failed: see their fixes above")
	}
	return err
}

func doctorChecks(cmd *cobra.Command, cfg worker.Config) ([]doctor.Check, error) {
	host := doctor.Host(os.DirFS("/"))
	checks := []doctor.Check{
		doctor.Home(cfg.Home),
		doctor.Secret(cfg.Path(cfg.Key.Secret)),
		doctor.EncryptionKey(cfg.Path(cfg.Key.Encryption)),
		doctor.Disk(cfg.Home, uint64(cfg.Artifacts.CacheMiB+cfg.Engines.WASM.CacheMiB)<<20),
		doctor.Inodes(cfg.Home),
		doctor.FileRoots(cfg.Artifacts.FileRoots),
		doctor.Limits(), doctor.Swap(host), doctor.TimeSync(), doctor.Cgroups(host),
		doctor.Runtimes(host, cfg.Engines.Container.Enabled),
		driverCheck(),
	}
	checks = append(checks, deviceChecks(cfg)...)
	var classes []string
	if cfg.Engines.WASM.Enabled {
		classes = append(classes, wasm.Class)
		checks = append(checks, doctor.Engine(openWASM))
	}
	more, containers := containerChecks(cfg)
	checks, classes = append(checks, more...), append(classes, containers...)
	if cfg.Sessions.Enabled() {
		classes = append(classes, cfg.Sessions.Class)
		checks = append(checks, doctor.Sessions(cfg.SessionFiles())...)
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
	ring, err := openRing(cfg, cmd.InOrStdin())
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
		doctor.Appeals(node, signer.Address(), cfg.Appeal.Enabled, cfg.FeeReserve()),
		doctor.Bond(node, signer.Address(), cfg.Work.Slots),
		doctor.Payout(node, signer.Address()),
		doctor.Outside(cfg.HTTP.Endpoint, cfg.HTTP.Listen, resolveHost),
		doctor.Reachable(cfg.HTTP.Endpoint),
	), nil
}

// driverCheck reads the driver as the inventory does.
func driverCheck() doctor.Check {
	gpus, driver, err := inventory.NVML(nvml.New())
	if err != nil && !errors.Is(err, inventory.ErrNoDriver) {
		driver = err.Error()
	}
	return doctor.Driver(driver, len(gpus))
}

func resolveHost(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
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
