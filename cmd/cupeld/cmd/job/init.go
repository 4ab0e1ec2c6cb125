// SPDX-License-Identifier: Apache-2.0

package job

import (
	"embed"
	"errors"
	"fmt"
	"maps"
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
	var template, engine, policy, path string
	names := strings.Join(templateNames(), ", ")
	cmd := &cobra.Command{
		Use:     "init [NAME]",
		Short:   "Write a job file to start from",
		Long:    "Write a job file with a comment on every field. A file that exists is not overwritten.\nTemplates: " + names + ".",
		Example: "cupeld job init\ncupeld job init frames --from-template sweep\ncupeld job init train --engine container\ncupeld job init ledger --policy attested",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := "hello"
			if len(args) == 1 {
				name = args[0]
			}
			named := cmd.Flags().Changed("from-template")
			if policy != "" {
				if named || engine == containerTemplate {
					return failf(exit.UsageError, "--policy chooses a template for the engine wasm\nLeave --from-template and --engine out")
				}
				var err error
				if template, err = templateOf(policy); err != nil {
					return err
				}
				named = true
			}
			template, err := chooseTemplate(template, engine, named)
			if err != nil {
				return err
			}
			if err := writeTemplate(template, name, path); err != nil {
				return err
			}
			first := fmt.Sprintf("Put your WebAssembly module beside it as %s.wasm", name)
			if template == containerTemplate {
				first = "Put the digest of your image in it"
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s\n", path)
			fmt.Fprintf(cmd.ErrOrStderr(), "%s, then:\n  cupeld job validate %s\n  cupeld job run %s --from KEY\n", first, path, path)
			return nil
		},
	}
	cmd.Flags().StringVar(&template, "from-template", "render", "template to start from: "+names)
	cmd.Flags().StringVar(&engine, "engine", "", "wasm for a WebAssembly module, container for a container image")
	cmd.Flags().StringVar(&policy, "policy", "", "template of a policy: "+strings.Join(policyNames(), ", "))
	cmd.Flags().StringVar(&path, "file", "job.yaml", "file to write")
	return cmd
}

// containerTemplate is the template of jobs that run an image.
const containerTemplate = "container"

// policyTemplates are the templates to start from by how results are made sure.
var policyTemplates = map[string]string{
	"redundant": "render", "optimistic": "optimistic", "attested": "attested", "scored": "scored", "proof": "proof",
}

func policyNames() []string { return slices.Sorted(maps.Keys(policyTemplates)) }

func templateOf(policy string) (string, error) {
	template, ok := policyTemplates[policy]
	if !ok {
		return "", failf(exit.UsageError, "there is no policy %.64q\nThere are: %s", policy, strings.Join(policyNames(), ", "))
	}
	return template, nil
}

// chooseTemplate is the template of an engine, unless one was named that fits it.
func chooseTemplate(template, engine string, named bool) (string, error) {
	container := engine == containerTemplate
	switch {
	case engine != "" && engine != "wasm" && !container:
		return "", failf(exit.UsageError, "there is no engine %.64q\nThere are: wasm, container", engine)
	case container && !named:
		return containerTemplate, nil
	case engine != "" && container != (template == containerTemplate):
		return "", failf(exit.UsageError, "template %.64q is not for the engine %s\nLeave --from-template out", template, engine)
	}
	return template, nil
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
