// SPDX-License-Identifier: Apache-2.0

// Package server is the worker's HTTP interface: artifacts by hash, health,
// status and metrics.
package server

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// Public says what may be served.
type Public interface {
	Public(digest []byte) (bool, error)
}

// Files opens content by its sha256.
type Files interface {
	Open(digest string) (*os.File, error)
}

// Health is the answer of /healthz.
type Health struct {
	OK bool `json:"ok"`
	// Chain reports whether a node answered lately.
	Chain   bool  `json:"chain"`
	Height  int64 `json:"height"`
	Jobs    int   `json:"jobs"`
	Journal bool  `json:"journal"`
}

// Options of the handlers. Status and Metrics may be on a listener of their
// own, which is not open to everybody.
type Options struct {
	Public Public
	Files  []Files
	// Sealed are the encrypted results, by crypt.SealedName.
	Sealed  Files
	Health  func(ctx context.Context) Health
	Status  func(ctx context.Context) any
	Metrics http.Handler
	Log     *slog.Logger
}

// Artifacts serves GET and HEAD of /artifacts/{sha256}, of /sealed/{name},
// which are results that only their requester can read, and /healthz.
func Artifacts(o Options) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /artifacts/{digest}", func(w http.ResponseWriter, req *http.Request) { o.artifact(w, req, o.Files, digestTag) })
	mux.HandleFunc("GET /sealed/{digest}", func(w http.ResponseWriter, req *http.Request) { o.artifact(w, req, []Files{o.Sealed}, version) })
	mux.HandleFunc("GET /healthz", o.healthz)
	return mux
}

// Operations adds /metrics and /status to mux.
func Operations(mux *http.ServeMux, o Options) {
	mux.Handle("GET /metrics", o.Metrics)
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, req *http.Request) {
		writeJSON(w, http.StatusOK, o.Status(req.Context()))
	})
}

func (o Options) artifact(w http.ResponseWriter, req *http.Request, from []Files, etag func(*os.File, string) string) {
	text := req.PathValue("digest")
	digest, err := hex.DecodeString(text)
	if err != nil || len(digest) != 32 || strings.ToLower(text) != text {
		http.Error(w, "the path ends in the 64 lower-case hex digits of a sha256 or of a name", http.StatusBadRequest)
		return
	}
	public, err := o.Public.Public(digest)
	if err != nil {
		o.Log.Error("read the journal", "err", err)
		http.Error(w, "the worker cannot read its journal; try again later", http.StatusInternalServerError)
		return
	}
	if !public {
		// The same words whether it is here or not: that it is here would
		// tell others what this replica found.
		http.Error(w, "not served here: this worker does not have it, or has not revealed it on chain yet", http.StatusNotFound)
		return
	}
	for _, files := range from {
		f, err := files.Open(text)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			o.Log.Error("open an artifact", "digest", text, "err", err)
			http.Error(w, "the worker cannot read its store; try again later", http.StatusInternalServerError)
			return
		}
		serve(w, req, f, text, etag(f, text))
		return
	}
	http.Error(w, "gone: this worker had it and no longer keeps it", http.StatusGone)
}

// digestTag is an entity tag for content that is named by its hash.
func digestTag(_ *os.File, digest string) string { return digest }

// version is an entity tag for a name under which every worker has other bytes.
func version(f *os.File, name string) string {
	info, err := f.Stat()
	if err != nil {
		return name
	}
	return name + "-" + strconv.FormatInt(info.ModTime().UnixNano(), 16)
}

// serve answers ranges and conditions. The content of a hash never changes.
func serve(w http.ResponseWriter, req *http.Request, f *os.File, digest, etag string) {
	defer f.Close()
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("ETag", `"`+etag+`"`)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Disposition", `attachment; filename="`+digest+`"`)
	http.ServeContent(w, req, "", time.Time{}, f)
}

func (o Options) healthz(w http.ResponseWriter, req *http.Request) {
	health := o.Health(req.Context())
	code := http.StatusOK
	if !health.OK {
		code = http.StatusServiceUnavailable
	}
	writeJSON(w, code, health)
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(v) // the client is gone if this fails
}

// Run serves handler on the listener until ctx is done, then gives open
// requests five seconds. It returns ctx.Err() after a clean stop.
func Run(ctx context.Context, listener net.Listener, handler http.Handler) error {
	srv := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- errors.Join(srv.Shutdown(end), srv.Close())
	})
	defer stop()
	err := srv.Serve(listener)
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", listener.Addr(), err)
	}
	<-stopped
	return ctx.Err()
}
