// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/inventory"
)

func newInventoryCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "inventory", Short: "Show what this machine has", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := homeOf(cmd)
			if err != nil {
				return err
			}
			if _, err := os.Stat(home); err != nil {
				home = os.TempDir()
			}
			inv, err := inventory.Read(os.DirFS("/proc"), home, func() ([]inventory.GPU, string, error) { return inventory.NVML(nvml.New()) })
			if err != nil {
				return err
			}
			return output(cmd, inv, func(w io.Writer) error { return printInventory(w, inv) })
		},
	}
	addOutputFlag(cmd)
	return cmd
}

func addOutputFlag(cmd *cobra.Command) {
	cmd.Flags().StringP("output", "o", "text", "text or json")
}

// output writes v as JSON or calls text, as --output says.
func output(cmd *cobra.Command, v any, text func(io.Writer) error) error {
	format, err := cmd.Flags().GetString("output")
	if err != nil {
		return err
	}
	switch format {
	case "json":
		enc := json.NewEncoder(cmd.OutOrStdout())
		enc.SetIndent("", "  ")
		return enc.Encode(v)
	case "text":
		return text(cmd.OutOrStdout())
	default:
		return exit.Usage(fmt.Errorf("flag --output is %q, known are text and json", format))
	}
}

func printInventory(w io.Writer, inv inventory.Inventory) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "cpu\t%s, %d threads, %s\n", inv.CPU.Model, inv.CPU.Threads, inv.CPU.Arch)
	fmt.Fprintf(tw, "memory\t%s, %s available\n", gib(inv.Memory.Total), gib(inv.Memory.Available))
	fmt.Fprintf(tw, "disk\t%s, %s free at %s\n", gib(inv.Disk.Total), gib(inv.Disk.Free), inv.Disk.Path)
	if inv.GPUNote != "" {
		fmt.Fprintf(tw, "gpu\t%s\n", inv.GPUNote)
	}
	for _, g := range inv.GPUs {
		fmt.Fprintf(tw, "gpu %d\t%s, %d MiB, compute capability %d.%d, MIG %s, ECC %s, %s\n",
			g.Index, g.Model, g.VRAMMiB, g.ComputeCapability/10, g.ComputeCapability%10, onOff(g.MIG), onOff(g.ECC), g.UUID)
		for _, f := range g.Faults {
			fmt.Fprintf(tw, "\tfailed: %s: %s\n", f, f.Fix())
		}
		for _, s := range g.Slices {
			fmt.Fprintf(tw, "\tslice of %d MiB, %s\n", s.VRAMMiB, s.UUID)
		}
	}
	if inv.Driver != "" {
		fmt.Fprintf(tw, "driver\t%s\n", inv.Driver)
	}
	return tw.Flush()
}

func gib(bytes uint64) string { return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30)) }

func onOff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}
