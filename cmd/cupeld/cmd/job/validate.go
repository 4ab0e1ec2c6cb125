// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"encoding/hex"
	"errors"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/jobfile"
)

// validJSON is what validate writes as JSON.
type validJSON struct {
	Type     string          `json:"type"`
	Name     string          `json:"name"`
	Class    string          `json:"class"`
	Tasks    uint32          `json:"tasks"`
	Manifest string          `json:"manifest"`
	Files    []jobfile.Local `json:"files"`
	// Online is false if the chain was not asked.
	Online  bool   `json:"online"`
	Warning string `json:"warning"`
}

func validateCmd(dial connector) *cobra.Command {
	var offline bool
	cmd := &cobra.Command{
		Use:   "validate FILE",
		Short: "Check a job file",
		Long: "Check a job file, the files that it names and their hashes, and, if the node answers,\n" +
			"that the chain would accept it and that somebody could run it. Nothing is sent.",
		Example: "cupeld job validate job.yaml\ncupeld job validate job.yaml --offline",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts, err := fileOptions(cmd)
			if err != nil {
				return err
			}
			job, err := load(args[0], opts, nil)
			if err != nil {
				return err
			}
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			return s.validate(cmd.Context(), job, offline)
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	addFileFlags(cmd)
	cmd.Flags().BoolVar(&offline, flags.FlagOffline, false, "do not ask the chain")
	return cmd
}

func (s *session) validate(ctx context.Context, job *jobfile.Job, offline bool) error {
	v := validJSON{
		Type: "valid", Name: job.File.Name, Class: job.Msg.Class, Tasks: job.Msg.Count,
		Manifest: hex.EncodeToString(job.Msg.Manifest), Files: append([]jobfile.Local{}, job.Files...),
	}
	if !offline {
		e, err := s.estimate(ctx, job.Msg)
		var coded *exit.ExitError
		switch {
		case err == nil:
			v.Online, v.Warning = true, e.warning()
		case errors.As(err, &coded) && coded.Code == exit.NetworkUnreachable:
			v.Warning = "the chain was not asked: " + s.node + " does not answer"
		default:
			return err
		}
	}
	if s.json {
		s.emit(v)
		return nil
	}
	for _, f := range v.Files {
		s.print("%s  %s (%d bytes)", f.SHA256, f.Path, f.Size)
	}
	s.print("%s is valid: %s on %s, manifest %s", v.Name, count(int(v.Tasks), "task"), v.Class, v.Manifest)
	if v.Warning != "" {
		s.say("Warning: %s", v.Warning)
	}
	return nil
}
