// SPDX-License-Identifier: Apache-2.0

package job

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/jobfile"
)

//go:embed template/*.yaml
var templates embed.FS

func templateNames() []string {
	entries, err := templates.ReadDir("template")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	slices.Sort(names)
	return names
}

func initCmd() *cobra.Command {
	var template, path string
	names := strings.Join(templateNames(), ", ")
	cmd := &cobra.Command{
		Use:     "init [NAME]",
		Short:   "Write a job file to start from",
		Long:    "Write a job file with a comment on every field. A file that exists is not overwritten.\nTemplates: " + names + ".",
		Example: "cupeld job init\ncupeld job init frames --from-template sweep",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := "hello"
			if len(args) == 1 {
				name = args[0]
			}
			if err := writeTemplate(template, name, path); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s\n", path)
			fmt.Fprintf(cmd.ErrOrStderr(), "Put your WebAssembly module beside it as %s.wasm, then:\n"+
				"  cupeld job validate %s\n  cupeld job run %s --from KEY\n", name, path, path)
			return nil
		},
	}
	cmd.Flags().StringVar(&template, "from-template", "render", "template to start from: "+names)
	cmd.Flags().StringVar(&path, "file", "job.yaml", "file to write")
	return cmd
}

func writeTemplate(template, name, path string) error {
	bz, err := templates.ReadFile("template/" + template + ".yaml")
	if err != nil || strings.ContainsAny(template, "/\\.") {
		return failf(exit.UsageError, "there is no template %.64q\nThere are: %s", template, strings.Join(templateNames(), ", "))
	}
	text := strings.ReplaceAll(string(bz), "NAME", name)
	if parsed, err := jobfile.Parse([]byte(text)); err != nil || parsed.Name != name {
		return failf(exit.UsageError, "%.80q is not a name for a job: use letters, digits, '.', '_' and '-'", name)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // a job file holds no secret
	if errors.Is(err, os.ErrExist) {
		return failf(exit.Failure, "%s exists and is not overwritten\nChoose another name with --file", path)
	}
	if err != nil {
		return failf(exit.Failure, "cannot write the job file: %w", err)
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
