// SPDX-License-Identifier: Apache-2.0

package net

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
)

// stateFile says what the folder of a local network holds.
const stateFile = "localnet.json"

// state is what a later process needs to run a network again.
type state struct {
	ChainID    string
	Base, Next int
	Validators int
	Requester  Key
	Providers  []*Provider
}

// Save writes down what Load needs.
func (l *Local) Save() error {
	text, err := json.MarshalIndent(state{
		ChainID: l.ChainID, Base: l.Ports.base, Next: l.Ports.next, Validators: len(l.Nodes),
		Requester: l.Requester, Providers: l.Providers,
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(l.Dir, stateFile), text, 0o600)
}

// Load finds a network that Save has written down; os.ErrNotExist if there is
// none. Its ports must be free.
func Load(binaries Binaries, dir string) (*Local, error) {
	text, err := os.ReadFile(filepath.Join(dir, stateFile))
	if err != nil {
		return nil, err
	}
	var s state
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, err
	}
	ports, err := claim(s.Base)
	if err != nil {
		return nil, err
	}
	ports.next = s.Next
	n := &Network{Binaries: binaries, Dir: dir, ChainID: s.ChainID, Ports: ports}
	for i := range s.Validators {
		n.Nodes = append(n.Nodes, n.node(i, s.Base+i*nodePorts))
	}
	for _, p := range s.Providers {
		p.network, p.Binary = n, binaries.Worker
	}
	return &Local{Network: n, Requester: s.Requester, Providers: s.Providers}, nil
}

func (n *Network) node(i, base int) *Node {
	name := "node" + strconv.Itoa(i)
	return &Node{Name: name, Home: filepath.Join(n.Dir, name, "cupeld"), Base: base, network: n}
}
