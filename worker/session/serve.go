// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Serve answers on the listener, by TLS if a certificate is configured, until ctx
// is done. Then no new call is taken, and calls under way have grace to end before
// they are cut off. It returns ctx.Err() after a clean stop.
func (f *Front) Serve(ctx context.Context, listener net.Listener, grace time.Duration) error {
	srv := &http.Server{
		Handler:           f.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		f.Drain(wait)
		// The last bytes of the answers are on their way.
		end, cancelEnd := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancelEnd()
		err := srv.Shutdown(end)
		if errors.Is(err, context.DeadlineExceeded) {
			err = nil
		}
		stopped <- errors.Join(err, srv.Close())
	})
	defer stop()
	serve := srv.Serve
	if f.certs != nil {
		srv.TLSConfig = &tls.Config{GetCertificate: f.certs.get, MinVersion: tls.VersionTLS12}
		serve = func(l net.Listener) error { return srv.ServeTLS(l, "", "") }
	}
	if err := serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", listener.Addr(), err)
	}
	if err := <-stopped; err != nil {
		return fmt.Errorf("stop serving %s: %w", listener.Addr(), err)
	}
	return ctx.Err()
}
