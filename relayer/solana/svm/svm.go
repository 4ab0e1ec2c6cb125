// SPDX-License-Identifier: Apache-2.0

// Package svm starts a Solana JSON-RPC server over LiteSVM, the real Solana
// runtime in one process, for tests and local networks. It needs node and the
// installation of package npm; no shipped binary needs it.
package svm

import (
	"bufio"
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

//go:embed *.mjs
var scripts embed.FS

// startTimeout bounds how long the server may take to listen.
const startTimeout = 30 * time.Second

// Options is the clock and the identity of the chain. A zero field takes the
// default of server.mjs: slots of 400 ms, confirmed after 1, final after 32.
type Options struct {
	// Port on 127.0.0.1; 0 takes any free one.
	Port int
	// SlotTime is how long a slot lasts, in steps of milliseconds.
	SlotTime time.Duration
	// ConfirmedAfter and FinalizedAfter are in slots.
	ConfirmedAfter, FinalizedAfter int
	// SkipEvery leaves every so-manieth slot without a block; 0 leaves none.
	SkipEvery int
	// Genesis names the chain: another name is another genesis hash.
	Genesis string
}

func (o Options) args() []string {
	var out []string
	for flag, n := range map[string]int{
		"port": o.Port, "slot-ms": int(o.SlotTime.Milliseconds()), "confirmed-after": o.ConfirmedAfter,
		"finalized-after": o.FinalizedAfter, "skip-every": o.SkipEvery,
	} {
		if n != 0 {
			out = append(out, "--"+flag, strconv.Itoa(n))
		}
	}
	if o.Genesis != "" {
		out = append(out, "--genesis", o.Genesis)
	}
	return out
}

// Server is a running server.
type Server struct {
	// URL of the JSON-RPC.
	URL string

	cmd   *exec.Cmd
	stdin io.Closer
	dir   string
}

// Start starts a server and returns when it listens. dir holds node_modules
// with litesvm. The server ends with Stop, with ctx or with this process.
func Start(ctx context.Context, dir string, opts Options) (*Server, error) {
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "litesvm")); err != nil {
		return nil, fmt.Errorf("litesvm is not installed in %s: %w", dir, err)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, fmt.Errorf("node is not installed, version 20 or later is needed: %w", err)
	}
	temp, err := unpack()
	if err != nil {
		return nil, err
	}
	s := &Server{dir: temp}
	if err := s.start(ctx, node, append([]string{filepath.Join(temp, "server.mjs"), "--modules", dir, "--attached"}, opts.args()...)); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, node string, args []string) error {
	s.cmd = exec.CommandContext(ctx, node, args...)
	s.cmd.Stderr = os.Stderr
	stdin, err := s.cmd.StdinPipe()
	if err != nil {
		return err
	}
	s.stdin = stdin
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(stdout).ReadString('\n')
		line <- strings.TrimSpace(text)
	}()
	select {
	case s.URL = <-line:
	case <-time.After(startTimeout):
	}
	if s.URL == "" {
		return errors.New("the server did not start, its standard error says why")
	}
	return nil
}

// unpack writes the server's scripts to a new folder.
func unpack() (string, error) {
	dir, err := os.MkdirTemp("", "cupel-svm-")
	if err != nil {
		return "", err
	}
	return dir, fs.WalkDir(scripts, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := scripts.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name), text, 0o600)
	})
}

// Stop ends the server; its state is gone.
func (s *Server) Stop() error {
	if s.stdin != nil {
		_ = s.stdin.Close() // the server ends when its standard input does
	}
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait() // reports the signal that was just sent
	}
	return os.RemoveAll(s.dir)
}

// GenesisHash identifies the chain, in base58.
func (s *Server) GenesisHash(ctx context.Context) (string, error) {
	var hash string
	err := s.Call(ctx, &hash, "getGenesisHash")
	return hash, err
}

// Airdrop adds lamports to an account.
func (s *Server) Airdrop(ctx context.Context, address string, lamports uint64) error {
	return s.Call(ctx, nil, "requestAirdrop", address, lamports)
}

// SetBalance sets the lamports of an account.
func (s *Server) SetBalance(ctx context.Context, address string, lamports uint64) error {
	return s.Call(ctx, nil, "svm_setBalance", address, lamports)
}

// ExpireBlockhash lets so many blocks pass at once that no blockhash handed out
// before is valid.
func (s *Server) ExpireBlockhash(ctx context.Context) error {
	return s.Call(ctx, nil, "svm_expireBlockhash")
}

// DropNext answers the next transactions with success and forgets them; 0 ends
// that.
func (s *Server) DropNext(ctx context.Context, count int) error {
	return s.Call(ctx, nil, "svm_dropNext", count)
}

// Failure is how FailNext fails a transaction.
type Failure string

// Refuse answers with an error, Lose closes the connection before the
// transaction is executed, Land after it.
const (
	Refuse Failure = "refuse"
	Lose   Failure = "lose"
	Land   Failure = "land"
)

// FailNext fails the next transactions sent.
func (s *Server) FailNext(ctx context.Context, count int, failure Failure) error {
	return s.Call(ctx, nil, "svm_failNext", count, failure)
}

// Rollback replaces the newest slots by a fork in which nothing happened and
// returns the signatures that are gone. Slots that are final cannot go.
func (s *Server) Rollback(ctx context.Context, slots int) ([]string, error) {
	var gone []string
	err := s.Call(ctx, &gone, "svm_rollback", slots)
	return gone, err
}

// FreezeFinality stops, or lets go on, the finalized slot.
func (s *Server) FreezeFinality(ctx context.Context, frozen bool) error {
	return s.Call(ctx, nil, "svm_freezeFinality", frozen)
}

// Call calls any method; result may be nil.
func (s *Server) Call(ctx context.Context, result any, method string, params ...any) error {
	if params == nil {
		params = []any{}
	}
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var answer struct {
		Result json.RawMessage
		Error  *struct {
			Code    int
			Message string
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	if answer.Error != nil {
		return fmt.Errorf("%s: %s (%d)", method, answer.Error.Message, answer.Error.Code)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(answer.Result, result)
}
