// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/relayer"
)

func newStartCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "start",
		Short: "Mirror until told to stop",
		Long: "Mirrors to all targets. SIGTERM or Ctrl-C stops it within 30 seconds; what is in\n" +
			"flight stays in the journal, and a second start goes on where the targets are.",
		Example: "cupel-relayer start --home /var/lib/cupel-relayer",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			log, err := cfg.Log.Logger(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			s, err := relayer.New(cmd.Context(), cfg, log, relayer.WithVersion(buildVersion()))
			if err != nil {
				return err
			}
			return s.Run(cmd.Context())
		},
	}
}

func newConfigCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "config", Short: "Check the configuration", Example: "cupel-relayer config validate",
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	validate := &cobra.Command{
		Use: "validate", Short: "Name everything that is wrong with config.yaml", Args: cobra.NoArgs,
		Long:    "Reads config.yaml and the anchor without asking any chain. All problems are\nnamed at once; cupel-relayer doctor also checks the chains.",
		Example: "cupel-relayer config validate -o json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err == nil {
				_, err = relayer.LoadAnchor(cfg, cfg.Home.Anchor)
			}
			result := struct {
				Valid    bool     `json:"valid"`
				Problems []string `json:"problems"`
			}{err == nil, problems(err)}
			if printErr := output(cmd, result, func(w io.Writer) error {
				if err == nil {
					_, err := fmt.Fprintf(w, "%s is valid: %d targets\n", relayer.ConfigName, len(cfg.Targets))
					return err
				}
				for _, p := range result.Problems {
					fmt.Fprintln(w, p)
				}
				return nil
			}); printErr != nil {
				return printErr
			}
			if err != nil {
				return fmt.Errorf("%d problems: correct %s in the home", len(result.Problems), relayer.ConfigName)
			}
			return nil
		},
	}
	addOutputFlag(validate)
	cmd.AddCommand(validate)
	return cmd
}

// problems takes joined errors apart: they have a line each.
func problems(err error) []string {
	if err == nil {
		return []string{}
	}
	return strings.Split(strings.TrimSpace(err.Error()), "\n")
}

func newDoctorCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check the setup and say how to mend it",
		Long: "Checks home, disk, journal, nodes, clock, anchor, and of every target endpoints,\n" +
			"mirror, key and balance. Each line is ok, warn or fail; what is not ok comes with\n" +
			"its fix. The exit code is 1 if anything failed. It may run beside the relayer.",
		Example: "cupel-relayer doctor -o json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			findings := relayer.Doctor(cmd.Context(), cfg)
			failed := 0
			for _, f := range findings {
				if f.Level == relayer.LevelFail {
					failed++
				}
			}
			if err := output(cmd, findings, func(w io.Writer) error { return printFindings(w, findings) }); err != nil {
				return err
			}
			if failed > 0 {
				return fmt.Errorf("%d checks failed: see their fixes above", failed)
			}
			return cmd.Context().Err()
		},
	}
	addOutputFlag(cmd)
	return cmd
}

func printFindings(w io.Writer, findings []relayer.Finding) error {
	for _, f := range findings {
		if _, err := fmt.Fprintf(w, "%-5s %-10s %s\n", f.Level, f.Check, f.Text); err != nil {
			return err
		}
		if f.Fix == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%17sfix: %s\n", "", f.Fix); err != nil {
			return err
		}
	}
	return nil
}

func newPauseCmd() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "pause NAME...",
		Short: "Send nothing more to a target",
		Long: "Pauses targets. A running relayer obeys at its next step, and the pause outlives\n" +
			"a restart, until cupel-relayer resume. What was sent before may still land.",
		Example: "cupel-relayer pause base --reason \"key rotation\"",
		Args:    cobra.MinimumNArgs(1),
	}
	cmd.Flags().StringVar(&reason, "reason", "no reason given", "what status shows")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return eachTarget(cmd, args, func(p relayer.Pauses, name string) error {
			return p.Set(name, relayer.Pause{Reason: reason, Since: time.Now().UTC()})
		}, "paused")
	}
	return cmd
}

func newResumeCmd() *cobra.Command {
	return &cobra.Command{
		Use: "resume NAME...", Short: "Send to a paused target again", Args: cobra.MinimumNArgs(1),
		Example: "cupel-relayer resume base",
		RunE: func(cmd *cobra.Command, args []string) error {
			return eachTarget(cmd, args, relayer.Pauses.Clear, "resumed")
		},
	}
}

func eachTarget(cmd *cobra.Command, names []string, do func(relayer.Pauses, string) error, done string) error {
	home, err := homeOf(cmd)
	if err != nil {
		return err
	}
	// A pause must not wait for a valid configuration.
	cfg, err := relayer.ReadConfig(home)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := cfg.Target(name); err != nil {
			return err
		}
	}
	for _, name := range names {
		if err := do(relayer.NewPauses(cfg.Dir), name); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s %s\n", done, name); err != nil {
			return err
		}
	}
	return nil
}
