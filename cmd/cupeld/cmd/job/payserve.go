// SPDX-License-Identifier: Apache-2.0

package job

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	paid "github.com/cupel-network/cupel/worker/session"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	url, listen, key, state string
	output, slack           uint64
	public                  bool
}

func sessionServeCmd(dial connector) *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve SESSION",
		Short: "Let any OpenAI client spend a session",
		Long: "Let any OpenAI client spend a session: a local server that adds a voucher to every call.\n\n" +
			"Point the client at it (OPENAI_BASE_URL) with any API key. What the provider is trusted with is one\n" +
			"call's price ahead. Whoever reaches the server spends the deposit: it listens on loopback.",
		Example: "cupeld session serve 7 --url https://provider.example.com/v1\n" +
			"OPENAI_BASE_URL=http://127.0.0.1:8090/v1 OPENAI_API_KEY=none python chat.py",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseSession(args[0])
			if err != nil {
				return err
			}
			if err := o.check(); err != nil {
				return err
			}
			if o.key, err = keyFile(cmd, o.key); err != nil {
				return err
			}
			if o.state == "" {
				o.state = fmt.Sprintf("%s.session-%d.json", o.key, id)
			}
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			return s.servePay(cmd.Context(), id, o, slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil)))
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	f := cmd.Flags()
	f.StringVar(&o.url, "url", "", "the provider's OpenAI-compatible API, up to and with /v1")
	f.StringVar(&o.listen, "listen", "127.0.0.1:8090", "address to serve on")
	f.BoolVar(&o.public, "public", false, "allow an address that others can reach")
	f.StringVar(&o.key, "voucher-key", "", "file of the voucher key (default voucher.pem in the home)")
	f.StringVar(&o.state, "state", "", "file of the last voucher (default beside the voucher key)")
	f.Uint64Var(&o.output, "max-output", 1024, "limit of tokens for calls that name none")
	f.Uint64Var(&o.slack, "slack", 10_000, "most that the provider may claim beyond its answers, in base units")
	if f.Lookup(flags.FlagChainID) == nil {
		f.String(flags.FlagChainID, "", "id of the chain (default: what the node says)")
	}
	_ = cmd.MarkFlagRequired("url")
	return cmd
}

// check refuses what would serve strangers or reach nobody.
func (o serveOptions) check() error {
	u, err := url.Parse(o.url)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return failf(exit.UsageError, "--url %.200q is not a URL such as https://provider.example.com/v1", o.url)
	}
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return failf(exit.UsageError, "--listen %.200q is not host:port", o.listen)
	}
	if ip := net.ParseIP(host); !o.public && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return failf(exit.UsageError, "--listen %s can be reached by others, who would spend your deposit\nListen on 127.0.0.1, or allow it with --public", o.listen)
	}
	return nil
}

// servePay serves until it is told to stop.
func (s *session) servePay(ctx context.Context, id uint64, o serveOptions, log *slog.Logger) error {
	key, err := loadKey(o.key)
	if err != nil {
		return err
	}
	res, err := s.paySession(ctx, id)
	if err != nil {
		return err
	}
	if !bytes.Equal(publicHalf(key), res.Session.VoucherKey) {
		return failf(exit.UsageError, "the key in %s is not the voucher key of session %d\nName the right file with --voucher-key", o.key, id)
	}
	chain, err := s.network(ctx)
	if err != nil {
		return classifySession(err)
	}
	payer, err := paid.NewPayer(ctx, paid.PayerOptions{
		ChainID: chain, Session: id, Key: key, URL: o.url, State: o.state, Output: o.output, Slack: o.slack, Log: log,
		Terms: func(ctx context.Context) (paid.Info, error) {
			res, err := s.paySession(ctx, id)
			if err != nil {
				return paid.Info{}, err
			}
			return paid.InfoOf(*res), nil
		},
	})
	if err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return failf(exit.Failure, "listen on %s: %w", o.listen, err)
	}
	s.print("OPENAI_BASE_URL=http://%s/v1", l.Addr())
	return serveUntil(ctx, l, payer.Handler())
}

// serveUntil serves until ctx is done; calls under way get ten seconds.
func serveUntil(ctx context.Context, l net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
	ended := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		ended <- errors.Join(srv.Shutdown(wait), srv.Close())
	})
	defer stop()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return failf(exit.Failure, "serve %s: %w", l.Addr(), err)
	}
	return <-ended
}
