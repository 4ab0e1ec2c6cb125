// SPDX-License-Identifier: Apache-2.0

package exit_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/cupel-network/cupel/cmd/internal/exit"
)

func tree() *cobra.Command {
	root := &cobra.Command{
		Use: "root", SilenceErrors: true, SilenceUsage: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return exit.CheckRequired(cmd) },
		RunE:              func(cmd *cobra.Command, _ []string) error { return nil },
	}
	job := &cobra.Command{
		Use: "job NAME", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			switch args[0] {
			case "bad":
				return exit.With(exit.JobFailed, errors.New("job failed"))
			case "broken":
				return errors.New("disk is full")
			}
			return nil
		},
	}
	need := &cobra.Command{Use: "need", RunE: func(*cobra.Command, []string) error { return nil }}
	need.Flags().String("chain-id", "", "")
	if err := need.MarkFlagRequired("chain-id"); err != nil {
		panic(err)
	}
	root.AddCommand(job, need)
	exit.MarkUsage(root)
	return root
}

func TestCodes(t *testing.T) {
	tests := map[string]struct {
		args []string
		code int
	}{
		"runs":               {[]string{"job", "good"}, exit.OK},
		"fails":              {[]string{"job", "broken"}, exit.Failure},
		"names its own code": {[]string{"job", "bad"}, exit.JobFailed},
		"too few arguments":  {[]string{"job"}, exit.UsageError},
		"unknown flag":       {[]string{"job", "good", "--nope"}, exit.UsageError},
		"unknown command":    {[]string{"jop"}, exit.UsageError},
		"missing flag":       {[]string{"need"}, exit.UsageError},
		"flag given":         {[]string{"need", "--chain-id", "x"}, exit.OK},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			root := tree()
			root.SetArgs(tc.args)
			require.Equal(t, tc.code, exit.Code(root.Execute()))
		})
	}
}

func TestCodeSurvivesWrapping(t *testing.T) {
	err := fmt.Errorf("wait: %w", exit.With(exit.WaitTimedOut, errors.New("10m passed")))
	require.Equal(t, exit.WaitTimedOut, exit.Code(err))
	require.Equal(t, exit.WaitTimedOut, exit.Code(exit.Usage(err)))
	require.NoError(t, exit.With(exit.Failure, nil))
}

func TestUnknownCommandSuggests(t *testing.T) {
	root := tree()
	root.SetArgs([]string{"jop"})
	require.ErrorContains(t, root.Execute(), "Did you mean 'root job'?")
}

func TestBadArgumentOfGeneratedCommand(t *testing.T) {
	root := &cobra.Command{Use: "root", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(&cobra.Command{Use: "batch", Args: cobra.ExactArgs(1), RunE: func(*cobra.Command, []string) error {
		return errors.New(`invalid argument "abc" for "--0" flag: strconv.ParseUint: parsing "abc": invalid syntax`)
	}})
	exit.MarkUsage(root)
	root.SetArgs([]string{"batch", "abc"})
	err := root.Execute()
	require.EqualError(t, err, `invalid argument 1, "abc": strconv.ParseUint: parsing "abc": invalid syntax`)
	require.Equal(t, exit.UsageError, exit.Code(err))
}
