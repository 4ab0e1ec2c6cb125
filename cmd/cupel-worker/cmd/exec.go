// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/worker"
	"github.com/cupel-network/cupel/worker/engine/slurm"
)

// newExecCmd is what a Slurm job of this worker runs. It needs no home.
func newExecCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "exec", Short: "Run one job on a node of a fleet", Args: cobra.NoArgs, Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := cmd.Flags().GetString("job")
			if err != nil {
				return err
			}
			return slurm.Exec(cmd.Context(), dir, worker.OpenOnNode)
		},
	}
	cmd.Flags().String("job", "", "directory of the submission")
	_ = cmd.MarkFlagRequired("job")
	return cmd
}
