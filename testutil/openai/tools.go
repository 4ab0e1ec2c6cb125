// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/cupel-network/cupel/testutil/net"
)

// RequireEnv names a variable that, if set, turns a missing installation from
// a skipped test into a failed one.
const RequireEnv = "CUPEL_REQUIRE_ALL"

// Tools are the scripts of this folder beside the packages that they import.
type Tools struct{ dir string }

// Find copies the scripts into build/openai, where `make npm` has installed
// their packages. It is an error if nothing is installed there.
func Find() (Tools, error) {
	root, err := net.Root()
	if err != nil {
		return Tools{}, err
	}
	dir := filepath.Join(root, "build", "openai")
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "openai")); err != nil {
		return Tools{}, fmt.Errorf("OpenAI's client and llama.cpp are not installed, run `make npm` on Linux x86_64: %w", err)
	}
	for _, name := range []string{"engine.mjs", "client.mjs"} {
		text, err := os.ReadFile(filepath.Join(root, "testutil", "openai", name))
		if err != nil {
			return Tools{}, err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil { //nolint:gosec // G703: two names of this package
			return Tools{}, err
		}
	}
	return Tools{dir}, nil
}

// Engine is llama.cpp on the tiny model, behind an OpenAI-compatible server.
type Engine struct {
	// URL ends in /v1.
	URL string
	cmd *exec.Cmd
	in  interface{ Close() error }
}

// StartEngine makes the model in dir and serves it until Stop or ctx is done.
func (t Tools) StartEngine(ctx context.Context, dir string) (*Engine, error) {
	model := filepath.Join(dir, "tiny.gguf")
	if err := WriteModel(model); err != nil {
		return nil, err
	}
	// It ends with its standard input, so also with this process.
	cmd := exec.CommandContext(ctx, "node", filepath.Join(t.dir, "engine.mjs"), model)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	e := &Engine{cmd: cmd, in: in}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if port, ok := strings.CutPrefix(lines.Text(), "listening "); ok {
			e.URL = "http://127.0.0.1:" + port + "/v1"
			return e, nil
		}
	}
	return nil, errors.Join(errors.New("the engine ended before it served"), e.Stop())
}

// Stop ends the engine.
func (e *Engine) Stop() error {
	err := e.in.Close()
	if waited := e.cmd.Wait(); waited != nil {
		err = errors.Join(err, waited)
	}
	return err
}

// Client runs one scenario of client.mjs and returns what it printed.
func (t Tools) Client(ctx context.Context, url, key, scenario string, args ...string) ([]byte, error) {
	cmd := net.Command(ctx, "node", append([]string{filepath.Join(t.dir, "client.mjs"), scenario}, args...)...)
	cmd.Env = append(os.Environ(), "OPENAI_BASE_URL="+url, "OPENAI_API_KEY="+key)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("client.mjs %s: %w: %s", scenario, err, out)
	}
	return out, nil
}
