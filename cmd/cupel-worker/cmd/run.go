// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/worker"
)

func newRunCmd(opts []worker.Option) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Run the worker until it is told to stop",
		Long: "Runs the worker. SIGTERM or Ctrl-C stops it: running tasks may finish within\n" +
			"work.grace; a second start goes on where this one stopped.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			log, done, err := cfg.OpenLog(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			defer done()
			ring, err := openRing(cfg, cmd.InOrStdin())
			if err != nil {
				return err
			}
			s, err := worker.New(cmd.Context(), cfg, ring, log, append([]worker.Option{worker.WithVersion(buildVersion())}, opts...)...)
			if err != nil {
				return err
			}
			return s.Run(cmd.Context())
		},
	}
}
