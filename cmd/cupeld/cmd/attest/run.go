// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/cupel-network/cupel/cmd/cupeld/attestor"
	"github.com/cupel-network/cupel/cmd/cupeld/attestor/signing"
	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/server"
)

// runFlags are those of the attestor.
type runFlags struct {
	from, metrics string
	poll          time.Duration
	newGuard      bool
	beacon        bool
	signer        signerFlags
}

// runs makes a command run the attestor.
func runs(cmd *cobra.Command) {
	var r runFlags
	addChainFlags(cmd)
	f := cmd.Flags()
	f.StringVar(&r.from, flags.FlagFrom, hotKey, "name of the hot account's key in the keyring")
	f.StringVar(&r.metrics, "metrics", "", "address that serves /metrics and /healthz, such as 127.0.0.1:26661")
	f.DurationVar(&r.poll, "poll", time.Second, "time between two looks at the node")
	f.BoolVar(&r.newGuard, "new-guard", false, "start a new guard from the chain's record, because the one of these keys is lost")
	f.BoolVar(&r.beacon, "beacon", true, "commit to shares of the beacon; false reveals what is committed to and no more: restart so an epoch before a longer stop")
	r.signer.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
		defer stop()
		err := r.run(ctx, cmd)
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			return nil
		}
		return classify(err)
	}
}

func (r *runFlags) run(ctx context.Context, cmd *cobra.Command) error {
	clientCtx, err := queryContext(cmd)
	if err != nil {
		return err
	}
	if r.poll <= 0 {
		return exit.Usage(fmt.Errorf("--poll %s is not more than zero", r.poll))
	}
	log, err := logger(cmd)
	if err != nil {
		return err
	}
	node, err := attestor.NewNode(clientCtx.NodeURI, clientCtx.ChainID)
	if err != nil {
		return exit.Usage(err)
	}
	if r.newGuard {
		if err := r.recover(ctx, clientCtx, node, log); err != nil {
			return err
		}
	}
	signer, closeSigner, err := r.open(ctx, clientCtx, log)
	if err != nil {
		return err
	}
	defer closeSigner()
	sender, err := attestor.NewChainSender(node, clientCtx.Keyring, r.from, clientCtx.ChainID)
	if err != nil {
		return exit.Usage(err)
	}
	shares, err := signing.OpenSecret(clientCtx.HomeDir)
	if err != nil {
		return err
	}
	metrics := attestor.NewMetrics()
	a := attestor.New(attestor.Options{
		ChainID: clientCtx.ChainID, Account: sender.Address(), Poll: r.poll,
		Node: node, Signer: signer, Sender: sender, Metrics: metrics, Log: log,
		Shares: shares, OnlyReveal: !r.beacon,
	})
	group, ctx := errgroup.WithContext(ctx)
	if r.metrics != "" {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", r.metrics)
		if err != nil {
			return fmt.Errorf("serve metrics: %w", err)
		}
		group.Go(func() error { return server.Run(ctx, listener, metrics.Handler()) })
	}
	log.Info("attestor runs", "chain", clientCtx.ChainID, "node", clientCtx.NodeURI, "account", sender.Address())
	group.Go(func() error {
		if err := r.remember(ctx, node, signer, log); err != nil {
			return err
		}
		return a.Run(ctx)
	})
	err = group.Wait()
	log.Info("attestor stops", "reason", context.Cause(ctx))
	return err
}

// open opens the signer. A remote one that does not answer yet is waited for.
func (r *runFlags) open(ctx context.Context, clientCtx client.Context, log *slog.Logger) (signing.Signer, func(), error) {
	if r.signer.url != "" {
		remote, err := r.signer.remote(clientCtx.ChainID)
		if err != nil {
			return nil, nil, err
		}
		keys, err := remote.Keys(ctx)
		if err != nil {
			log.Warn("the remote signer does not answer yet", "signer", r.signer.url, "err", err)
		} else {
			log.Info("remote signer answers", "signer", r.signer.url, "keys", keys)
		}
		return remote, func() {}, nil
	}
	local, err := signing.OpenLocal(clientCtx.HomeDir, clientCtx.ChainID)
	if err != nil {
		return nil, nil, err
	}
	return local, func() {
		if err := local.Close(); err != nil {
			log.Error("close the guard", "err", err)
		}
	}, nil
}

// remember compares the chain with the guard before anything is signed. A node
// that does not answer is waited for.
func (r *runFlags) remember(ctx context.Context, node *attestor.Node, signer signing.Signer, log *slog.Logger) error {
	local, ok := signer.(*signing.Local)
	if !ok {
		return nil // the guard is where the key is
	}
	for waited := false; ; waited = true {
		err := attestor.CheckMemory(ctx, node, local)
		if err == nil || errors.Is(err, attestor.ErrStaleGuard) {
			return err
		}
		if !waited {
			log.Warn("the node gives no answer to rely on; nothing is signed until it does", "err", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(r.poll):
		}
	}
}

func (r *runFlags) recover(ctx context.Context, clientCtx client.Context, node *attestor.Node, log *slog.Logger) error {
	if r.signer.url != "" {
		return exit.Usage(errors.New("--new-guard is for keys of this home: with a remote signer the guard is where the keys are"))
	}
	if _, err := node.Refresh(ctx); err != nil {
		return err
	}
	recovered, err := attestor.Recover(ctx, node, clientCtx.HomeDir, clientCtx.ChainID)
	if err != nil {
		return err
	}
	log.Warn("a new guard replaces one that is lost: make sure that no copy of these keys signs anywhere else",
		"never_signed_up_to", recovered.Floor, "taken_over", recovered.Learned)
	return nil
}
