// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"

	"github.com/cupel-network/cupel/cmd/internal/exit"
)

// asNode makes the test binary behave as cupeld: the node under test is a
// process of its own, because a node ends with its process.
const asNode = "CUPEL_TEST_AS_NODE"

func TestMain(m *testing.M) {
	if os.Getenv(asNode) != "" {
		os.Exit(Execute())
	}
	os.Exit(m.Run())
}

func nodeCommand(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	binary, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Env = append(os.Environ(), asNode+"=1")
	return cmd
}

// printed runs a command as a process and returns its standard output, which
// must carry the result and no log.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	out, err := nodeCommand(t, args...).Output()
	require.NoError(t, err, strings.Join(args, " "))
	return string(out)
}

// node runs a validator until it has made some blocks and check has returned,
// then stops it as an operator does.
func node(t *testing.T, config testnetConfig, check func(), command ...string) {
	t.Helper()
	logs, err := os.Create(filepath.Join(t.TempDir(), "node.log"))
	require.NoError(t, err)
	if len(command) == 0 {
		command = []string{"start", "--state-sync.snapshot-interval", "2"}
	}
	cmd := nodeCommand(t, append(command, "--home", config.home(0))...)
	cmd.Stdout, cmd.Stderr = logs, logs
	require.NoError(t, cmd.Start())
	defer func() {
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		if err := cmd.Wait(); err != nil {
			text, _ := os.ReadFile(logs.Name())
			t.Errorf("the node ended with %v:\n%s", err, text)
		}
	}()
	from := int64(-1)
	require.Eventually(t, func() bool {
		height := latestHeight(config.nodePorts(0).rpc)
		if from < 0 {
			from = height
		}
		return height >= 3 && height >= from+3
	}, time.Minute, 100*time.Millisecond)
	check()
}

// freePorts returns the first of ten ports in a row that nobody listens on.
func freePorts(t *testing.T) int {
	t.Helper()
	for first := 21000 + os.Getpid()%500*20; first < 60000; first += portStep {
		free := true
		for port := first; port < first+portStep && free; port++ {
			listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if free = err == nil; free {
				require.NoError(t, listener.Close())
			}
		}
		if free {
			return first
		}
	}
	t.Fatal("no ten free ports in a row below 60000")
	return 0
}

// latestHeight returns -1 while the node does not answer.
func latestHeight(port int) int64 {
	var status struct {
		Result struct {
			SyncInfo struct {
				Height int64 `json:"latest_block_height,string"`
			} `json:"sync_info"`
		} `json:"result"`
	}
	code, body := get(fmt.Sprintf("http://127.0.0.1:%d/status", port))
	if code != http.StatusOK || json.Unmarshal(body, &status) != nil {
		return -1
	}
	return status.Result.SyncInfo.Height
}

func get(url string) (int, []byte) {
	response, err := http.Get(url)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, nil
	}
	return response.StatusCode, body
}

// TestNode runs one validator as an operator would: start, look, stop, roll
// back, list snapshots, export, start again.
func TestNode(t *testing.T) {
	home := t.TempDir()
	config := testnetConfig{
		outputDir: filepath.Join(home, "net"), nodePrefix: "node", nodeHome: nodeHome, startingPort: freePorts(t),
	}
	mustCupeld(t, home, "testnet", "init-files", "--v", "1", "--single-host", "--commit-timeout", "100ms",
		"--starting-port", fmt.Sprint(config.startingPort), "--output-dir", config.outputDir)
	validator := config.home(0)

	node(t, config, func() {
		status := mustCupeld(t, validator, "status")
		require.Contains(t, status, "cupel-local-1")
		checkREST(t, config.nodePorts(0).api)
		checkReflection(t, config.nodePorts(0).grpc)
		require.Contains(t, mustCupeld(t, validator, "query", "bank", "denom-metadata", "ucupel"), "CUPEL")
	})

	require.Contains(t, printed(t, "rollback", "--home", validator), "Rolled back")
	require.Contains(t, printed(t, "snapshots", "list", "--home", validator), "height: 2")
	exported := printed(t, "export", "--home", validator)
	require.True(t, json.Valid([]byte(exported)), "%.200s", exported)
	require.Contains(t, exported, `"registry"`)

	require.Contains(t, printed(t, "debug", "invariants", "--home", validator), "ok market\nok supply\n")
	require.Contains(t, printed(t, "debug", "invariants", "--home", validator, "--height", "2"), "all invariants hold at height 2")

	node(t, config, func() {})
	checkBrokenState(t, validator)

	// A rehearsal on the same state: another chain id, one funded operator.
	operator := strings.TrimSpace(mustCupeld(t, validator, "keys", "show", "node0", "-a", "--keyring-backend", "test"))
	signed := filepath.Join(validator, "data", "priv_validator_state.json")
	require.NoError(t, os.WriteFile(signed, []byte(`{"height":"0","round":0,"step":0}`), 0o600))
	node(t, config, func() {
		_, block := get(fmt.Sprintf("http://127.0.0.1:%d/block", config.nodePorts(0).rpc))
		require.Contains(t, string(block), `"chain_id":"cupel-fork-1"`)
	}, "in-place-testnet", "cupel-fork-1", operator, "--skip-confirmation")
}

func checkREST(t *testing.T, port int) {
	t.Helper()
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	for path, want := range map[string]string{
		"/swagger/":                        "swagger-ui",
		"/swagger/swagger.yaml":            "/cosmos/bank/v1beta1/balances/{address}",
		"/cosmos/bank/v1beta1/supply":      "ucupel",
		"/cosmos/base/node/v1beta1/config": "0.001",
	} {
		require.Eventually(t, func() bool {
			code, body := get(base + path)
			return code == http.StatusOK && strings.Contains(string(body), want)
		}, 10*time.Second, 100*time.Millisecond, path)
	}
}

//nolint:staticcheck // the SDK serves v1alpha only; clients fall back to it
func checkReflection(t *testing.T, port int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	connection, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", port), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer connection.Close()
	stream, err := reflection.NewServerReflectionClient(connection).ServerReflectionInfo(ctx)
	require.NoError(t, err)
	require.NoError(t, stream.Send(&reflection.ServerReflectionRequest{
		MessageRequest: &reflection.ServerReflectionRequest_ListServices{},
	}))
	answer, err := stream.Recv()
	require.NoError(t, err)
	var services []string
	for _, service := range answer.GetListServicesResponse().GetService() {
		services = append(services, service.GetName())
	}
	require.Contains(t, services, "cosmos.bank.v1beta1.Query")
	require.Contains(t, services, "cupel.registry.v1.Query")
	require.NoError(t, stream.CloseSend())
}

// TestAnApplicationThatCannotStartIsAnError: no stack trace, exit code 1.
func TestAnApplicationThatCannotStartIsAnError(t *testing.T) {
	home := t.TempDir()
	initNode(t, home)
	require.NoError(t, os.WriteFile(filepath.Join(home, "data", "upgrade-info.json"), []byte("{"), 0o600))
	out, err := nodeCommand(t, "start", "--home", home).CombinedOutput()
	var ended *exec.ExitError
	require.ErrorAs(t, err, &ended)
	require.Equal(t, exit.Failure, ended.ExitCode())
	require.Contains(t, string(out), "upgrade-info.json")
	require.NotContains(t, string(out), "goroutine")
}
