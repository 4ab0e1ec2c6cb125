// SPDX-License-Identifier: Apache-2.0

package net

import (
	"context"
	"encoding/json"
	"fmt"
	gonet "net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// attestPoll is how often an attestor looks at its node.
const attestPoll = "200ms"

// Attestor is the process that signs checkpoints for one validator. It lives
// in the home of the validator's node.
type Attestor struct {
	Name string
	Node *Node
	// Binary is its program.
	Binary string
	// Key is the Ethereum address that it registers, Account the hot account.
	Key, Account string

	network *Network
	process *Process
	signer  *remoteSigner
}

// remoteSigner is a process of its own that holds the key.
type remoteSigner struct {
	home, token string
	port        int
	process     *Process
}

// AddAttestor makes the keys of a node's attestor. With remote, the signing
// key is in a home of its own, that of a remote signer.
func (n *Network) AddAttestor(ctx context.Context, node *Node, remote bool) (*Attestor, error) {
	a := &Attestor{Name: "attestor-" + strings.TrimPrefix(node.Name, "node"), Node: node, Binary: n.Binaries.Cupeld, network: n}
	if remote {
		if err := a.addSigner(); err != nil {
			return nil, err
		}
		key, err := a.init(ctx, a.signer.home, "--no-account", "--chain-id", n.ChainID)
		if err != nil {
			return nil, err
		}
		account, err := a.init(ctx, node.Home, "--no-key")
		a.Key, a.Account = key.Key, account.Account
		return a, err
	}
	made, err := a.init(ctx, node.Home)
	a.Key, a.Account = made.Key, made.Account
	return a, err
}

// attestInit is what `cupeld attest init` prints.
type attestInit struct{ Key, Account string }

func (a *Attestor) init(ctx context.Context, home string, args ...string) (attestInit, error) {
	args = append([]string{"attest", "init", "--home", home, "--keyring-backend", "test", "--output", "json"}, args...)
	out, _, err := runTool(ctx, a.Binary, args...)
	if err != nil {
		return attestInit{}, err
	}
	var made attestInit
	return made, json.Unmarshal(out, &made)
}

// addSigner claims a port and writes the token.
func (a *Attestor) addSigner() error {
	n := a.network
	n.mu.Lock()
	port, err := n.Ports.Take(1)
	n.mu.Unlock()
	if err != nil {
		return err
	}
	home := filepath.Join(n.Dir, a.Name)
	a.signer = &remoteSigner{home: home, token: filepath.Join(home, "token"), port: port}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	return os.WriteFile(a.signer.token, []byte(strings.Repeat("token-of-a-test-", 3)), 0o600)
}

// SignerHome is the home that holds the signing key and its guard.
func (a *Attestor) SignerHome() string {
	if a.signer != nil {
		return a.signer.home
	}
	return a.Node.Home
}

// Register makes the validator an attestor by `cupeld attest register`.
func (a *Attestor) Register(ctx context.Context) error {
	if err := a.startSigner(ctx); err != nil {
		return err
	}
	return a.tx(ctx, "register")
}

// Rotate replaces the signing key by `cupeld attest rotate`.
func (a *Attestor) Rotate(ctx context.Context) error { return a.tx(ctx, "rotate") }

// tx runs a verb that sends a transaction of the validator's operator.
func (a *Attestor) tx(ctx context.Context, verb string) error {
	args := append([]string{"attest", verb, "--from", a.Node.Name, "--home", a.Node.Home, "--keyring-backend", "test", "--yes"}, a.signerArgs()...)
	_, _, err := runTool(ctx, a.Binary, args...)
	return err
}

func (a *Attestor) signerArgs() []string {
	if a.signer == nil {
		return nil
	}
	return []string{"--signer", "http://127.0.0.1:" + strconv.Itoa(a.signer.port), "--signer-token-file", a.signer.token}
}

// startSigner runs the remote signer, if there is one, until the network ends.
func (a *Attestor) startSigner(ctx context.Context) error {
	if a.signer == nil || (a.signer.process != nil && a.signer.process.Running()) {
		return nil
	}
	address := "127.0.0.1:" + strconv.Itoa(a.signer.port)
	process, err := a.network.Run(a.Name+"-signer", nil, a.Binary, "attest", "signer", "--home", a.signer.home,
		"--chain-id", a.network.ChainID, "--listen", "tcp://"+address, "--token-file", a.signer.token)
	if err != nil {
		return err
	}
	a.signer.process = process
	return Until(ctx, pollEvery, func() (bool, error) { return answers(ctx, address, process) })
}

// Start runs the attestor's process, and its signer's. Env is added to the
// environment.
func (a *Attestor) Start(ctx context.Context, env ...string) error {
	if err := a.startSigner(ctx); err != nil {
		return err
	}
	args := append([]string{"attest", "start", "--home", a.Node.Home, "--keyring-backend", "test", "--node", a.Node.TCP(), "--poll", attestPoll}, a.signerArgs()...)
	process, err := a.network.Run(a.Name, env, a.Binary, args...)
	a.process = process
	return err
}

// Stop ends the attestor and its signer as a service manager does.
func (a *Attestor) Stop() {
	a.process.Stop()
	if a.signer != nil {
		a.signer.process.Stop()
	}
}

// Process is the attestor's process, nil before Start.
func (a *Attestor) Process() *Process { return a.process }

// WaitTombstoned returns once the chain says that the attestor has equivocated.
func (a *Attestor) WaitTombstoned(ctx context.Context) error {
	return Until(ctx, pollEvery, func() (bool, error) {
		var res struct {
			Attestors []struct {
				Account    string
				Tombstoned bool
			}
		}
		err := a.network.Query(ctx, 0, "/cupel/oracle/v1/attestors", &res)
		for _, known := range res.Attestors {
			if known.Account == a.Account && known.Tombstoned {
				return true, err
			}
		}
		return false, err
	})
}

// Evidence submits a file by `cupeld attest evidence` and returns once it is in
// a block.
func (n *Network) Evidence(ctx context.Context, from Key, file string) error {
	_, _, err := runTool(ctx, n.Binaries.Cupeld, "attest", "evidence", file, "--from", from.Name, "--home", from.Home,
		"--keyring-backend", "test", "--chain-id", n.ChainID, "--node", n.Nodes[0].TCP(), "--yes")
	return err
}

// StartAttestors makes every validator an attestor and returns once the first
// set is formed. Of a network that runs again it starts those that there are.
func (n *Network) StartAttestors(ctx context.Context) ([]*Attestor, error) {
	all := make([]*Attestor, len(n.Nodes))
	err := Parallel(len(n.Nodes), func(i int) (err error) {
		if all[i], err = n.attestor(ctx, n.Nodes[i]); err != nil {
			return err
		}
		return all[i].Start(ctx)
	})
	if err != nil {
		return nil, err
	}
	return all, n.WaitSet(ctx, 1)
}

// attestor returns the registered attestor of a node's home, which is made if
// there is none.
func (n *Network) attestor(ctx context.Context, node *Node) (*Attestor, error) {
	found, err := filepath.Glob(filepath.Join(node.Home, "config", "attest", "*.json"))
	if err == nil && len(found) > 0 {
		return n.loadAttestor(ctx, node)
	}
	a, err := n.AddAttestor(ctx, node, false)
	if err != nil {
		return nil, err
	}
	return a, a.Register(ctx)
}

func (n *Network) loadAttestor(ctx context.Context, node *Node) (*Attestor, error) {
	a := &Attestor{Name: "attestor-" + strings.TrimPrefix(node.Name, "node"), Node: node, Binary: n.Binaries.Cupeld, network: n}
	out, _, err := runTool(ctx, a.Binary, "attest", "status", "--home", node.Home, "--keyring-backend", "test", "--node", node.TCP(), "--output", "json")
	if err != nil {
		// It was made and never registered; else this says what is wrong.
		return a, a.Register(ctx)
	}
	var known attestInit
	err = json.Unmarshal(out, &known)
	a.Key, a.Account = known.Key, known.Account
	return a, err
}

// answers reports whether a process listens. One that has ended never will.
func answers(ctx context.Context, address string, p *Process) (bool, error) {
	if !p.Running() {
		return false, fmt.Errorf("%s has ended: %s", p.Name, p.Tail(3))
	}
	conn, err := (&gonet.Dialer{Timeout: pollEvery}).DialContext(ctx, "tcp", address)
	if err != nil {
		return false, err
	}
	return true, conn.Close()
}
