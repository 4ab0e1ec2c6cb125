// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/relayer"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// setup is what the first configuration says.
type setup struct {
	relayer.Config
	Targets []setupTarget
}

type setupTarget struct {
	Name   string
	Solana bool
}

var configTemplate = template.Must(template.New(relayer.ConfigName).Parse(`# Configuration of cupel-relayer. Every field is described in relayer/README.md.
home:
  chain_id: {{.Home.ChainID}}
  # Nodes of different operators: each is asked for every header.
  rpc:{{range .Home.RPC}}
    - {{.}}{{end}}
  anchor: {{.Home.Anchor}}

targets:{{range .Targets}}
  - name: {{.Name}}
    type: {{if .Solana}}solana{{else}}evm{{end}}
    preset: {{.Name}}
    # Without rpc the preset's public endpoints are used, which limit requests.
    # rpc: [https://…, https://…]
    key:
      file: keys/{{.Name}}.json{{if .Solana}}
    balance_floor: "10000000" # lamports
    solana:
      unit_price: 0 # micro-lamports per compute unit{{else}}
      password_file: keys/{{.Name}}.password
    balance_floor: "2000000000000000" # wei
    evm:
      contract: "" # the address of the CupelMirror
      deploy_block: 0
      max_fee_gwei: 100{{end}}
{{end}}
metrics:
  listen: {{.Metrics.Listen}}

log:
  level: {{.Log.Level}}
  format: {{.Log.Format}}
`))

func newInitCmd() *cobra.Command {
	cfg := relayer.DefaultConfig("")
	var targets []string
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Create the relayer's home and a configuration to edit",
		Long: "Creates the home with a config.yaml that names the home chain and the targets.\n" +
			"What is there already is kept. Any other chain than the presets is added by\n" +
			"editing the file.",
		Example: "cupel-relayer init --chain-id cupel-1 --node https://rpc1.example.com --node https://rpc2.example.org --target base --target solana",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := homeOf(cmd)
			if err != nil {
				return err
			}
			cfg.Dir = home
			return runInit(cmd.OutOrStdout(), cfg, targets)
		},
	}
	f := cmd.Flags()
	f.StringVar(&cfg.Home.ChainID, "chain-id", "", "id of the Cupel chain")
	f.StringSliceVar(&cfg.Home.RPC, "node", []string{"http://127.0.0.1:26657"}, "CometBFT RPC endpoints of the Cupel chain")
	f.StringSliceVar(&targets, "target", []string{"base", "solana"}, "chains to mirror to, by preset")
	f.StringVar(&cfg.Metrics.Listen, "listen", cfg.Metrics.Listen, "address of metrics and status")
	if err := cmd.MarkFlagRequired("chain-id"); err != nil {
		panic(err) // the flag is defined above
	}
	return cmd
}

func runInit(w io.Writer, cfg relayer.Config, targets []string) error {
	s := setup{Config: cfg}
	for _, name := range targets {
		kind, err := relayer.PresetType(name)
		if err != nil {
			return exit.Usage(err)
		}
		s.Targets = append(s.Targets, setupTarget{Name: name, Solana: kind == relayer.TypeSolana})
	}
	if err := os.MkdirAll(filepath.Join(cfg.Dir, "keys"), 0o700); err != nil {
		return fmt.Errorf("create the home: %w", err)
	}
	path := filepath.Join(cfg.Dir, relayer.ConfigName)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		fmt.Fprintf(w, "kept %s\n", path)
	case err != nil:
		return fmt.Errorf("write the configuration: %w", err)
	default:
		if err := errors.Join(configTemplate.Execute(f, s), f.Close()); err != nil {
			return fmt.Errorf("write the configuration: %w", err)
		}
		fmt.Fprintf(w, "wrote %s\n", path)
	}
	_, err = fmt.Fprint(w, `
Next:
  cupel-relayer anchor            fetch where headers begin, and compare its set's hash with what others publish
  cupel-relayer keys add NAME     make the key that pays on a target, then send it some coins
  edit config.yaml                contract addresses, more endpoints
  cupel-relayer doctor            check all of it
  cupel-relayer start
`)
	return err
}

func newAnchorCmd() *cobra.Command {
	var nonce uint64
	var hash string
	cmd := &cobra.Command{
		Use:   "anchor",
		Short: "Fetch the point from which headers are checked",
		Long: "Asks the home nodes for the attestor set that signs what follows a nonce and\n" +
			"writes it to home.anchor. Everything after is proven by signatures; the anchor\n" +
			"itself is believed: give --set-hash, or compare what is printed with what the\n" +
			"mirrors' contracts and other operators publish. An anchor that is there already\n" +
			"is replaced only with --replace.",
		Example: "cupel-relayer anchor --set-hash 0x2f…",
		Args:    cobra.NoArgs,
	}
	replace := cmd.Flags().Bool("replace", false, "replace an anchor that is there already")
	cmd.Flags().Uint64Var(&nonce, "nonce", 0, "last nonce that is taken as given; 0 for the beginning")
	cmd.Flags().StringVar(&hash, "set-hash", "", "hash that the set must have")
	addOutputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		home, err := homeOf(cmd)
		if err != nil {
			return err
		}
		cfg, err := relayer.ReadConfig(home)
		if err != nil {
			return err
		}
		var want checkpoint.Hash
		if hash != "" {
			if err := want.UnmarshalText([]byte(hash)); err != nil {
				return exit.Usage(fmt.Errorf("flag --set-hash: %w", err))
			}
		}
		path := cfg.Path(cfg.Home.Anchor)
		if _, err := os.Stat(path); err == nil && !*replace {
			return fmt.Errorf("%s exists: give --replace to fetch another", path)
		}
		a, err := relayer.FetchAnchor(cmd.Context(), cfg, nonce)
		if err != nil {
			return coded(err)
		}
		if hash != "" && a.SetHash != want {
			return exit.With(exit.VerificationFailed, fmt.Errorf("the nodes' set has the hash %s, not %s: nothing was written", a.SetHash, want))
		}
		if err := a.Write(path); err != nil {
			return err
		}
		return output(cmd, a, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "chain    %s\nnonce    %d\nroot     %s\nset      %d, %d members\nset hash %s\nwrote    %s\n",
				a.ChainID, a.Nonce, a.Root, a.Set.ID, len(a.Set.Members), a.SetHash, path)
			return err
		})
	}
	return cmd
}
