// SPDX-License-Identifier: Apache-2.0

package net

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Class is the class of WebAssembly work.
const Class = "wasm/v1-amd64"

// What a provider of a local network has, in ucupel.
const (
	operatorFund = 1_000 * CUPEL
	workerFund   = 10 * CUPEL
	// Bond is the least that a provider may bond.
	Bond = 100 * CUPEL
)

// Provider is one provider: the accounts of its operator and the worker.
type Provider struct {
	Name string
	// Home holds the operator's keyring, WorkerHome all of the worker.
	Home, WorkerHome string
	Operator, Payout Key
	WorkerAddress    string
	// EncryptionKey is the age recipient of the worker.
	EncryptionKey string
	// Endpoint serves artifacts.
	Endpoint string
	// Binary is the worker's program.
	Binary string
	// ID is known once it is registered.
	ID uint32

	network *Network
	process *Process
}

// Offer is what a provider sells.
type Offer struct {
	// Price is the ask in ucupel per 10^9 fuel, Bond in ucupel.
	Price, Bond uint64
	// Asks are the prices of further classes, by name.
	Asks map[string]uint64
	// Files are the folders from which file:// inputs may be read.
	Files []string
	// Poll is how often the worker looks at the chain.
	Poll time.Duration
}

var workerAddress = regexp.MustCompile(`worker address: (cupel1[0-9a-z]+)`)

// AddProvider makes the keys of a provider and the home of its worker, as
// its operator would.
func (n *Network) AddProvider(ctx context.Context, name string, offer Offer) (*Provider, error) {
	n.mu.Lock()
	port, err := n.Ports.Take(2)
	n.mu.Unlock()
	if err != nil {
		return nil, err
	}
	home := filepath.Join(n.Dir, name)
	p := &Provider{
		Name: name, Home: filepath.Join(home, "operator"), WorkerHome: filepath.Join(home, "worker"),
		Endpoint: fmt.Sprintf("http://127.0.0.1:%d", port), Binary: n.Binaries.Worker, network: n,
	}
	if p.Operator, err = n.Binaries.AddKey(ctx, p.Home, "operator"); err != nil {
		return nil, err
	}
	if p.Payout, err = n.Binaries.AddKey(ctx, p.Home, "payout"); err != nil {
		return nil, err
	}
	args := []string{
		// All workers are on this machine: whom they could not ask they would
		// report, and a replica that is not served is not paid.
		"init", "--private-hosts", "--home", p.WorkerHome, "--chain-id", n.ChainID, "--keyring-backend", "test", "--poll", offer.Poll.String(),
		"--listen", fmt.Sprintf("127.0.0.1:%d", port), "--endpoint", p.Endpoint,
		"--operations", fmt.Sprintf("127.0.0.1:%d", port+1),
	}
	for _, node := range n.Nodes {
		args = append(args, "--node", node.RPC())
	}
	for _, dir := range offer.Files {
		args = append(args, "--file-root", dir)
	}
	out, _, err := runTool(ctx, p.Binary, args...)
	if err != nil {
		return nil, err
	}
	found := workerAddress.FindSubmatch(out)
	if found == nil {
		return nil, fmt.Errorf("%s init printed no address: %s", p.Binary, out)
	}
	p.WorkerAddress = string(found[1])
	if out, _, err = runTool(ctx, p.Binary, "encryption-key", "--home", p.WorkerHome); err != nil {
		return nil, err
	}
	p.EncryptionKey = strings.TrimSpace(string(out))
	return p, p.writeProfile(offer)
}

// AddProviders makes several providers at once.
func (n *Network) AddProviders(ctx context.Context, offers []Offer) ([]*Provider, error) {
	all := make([]*Provider, len(offers))
	err := Parallel(len(offers), func(i int) (err error) {
		all[i], err = n.AddProvider(ctx, fmt.Sprintf("provider%d", i+1), offers[i])
		return err
	})
	return all, err
}

// profile is the file that the provider is registered from.
func (p *Provider) profile() string { return filepath.Join(p.Home, "provider.yaml") }

func (p *Provider) writeProfile(offer Offer) error {
	text := fmt.Sprintf(`worker: %s
payout: %s
bond: %d%s
region: local
endpoint: %s
encryption_key: %s
resources:
  - class: %s
    count: 4
    price: %d
`, p.WorkerAddress, p.Payout.Address, offer.Bond, Denom, p.Endpoint, p.EncryptionKey, Class, offer.Price)
	for class, ask := range offer.Asks {
		text += fmt.Sprintf("  - class: %s\n    count: 4\n    price: %d\n", class, ask)
	}
	return os.WriteFile(p.profile(), []byte(text), 0o644)
}

// Funds are what the provider's accounts need at genesis. The payout account
// has nothing: what it holds later, it has earned.
func (p *Provider) Funds() []Fund {
	return []Fund{{p.Operator.Address, operatorFund}, {p.WorkerAddress, workerFund}}
}

// Register bonds the provider by `cupeld tx registry register`.
func (p *Provider) Register(ctx context.Context) error {
	if _, err := p.network.Tx(ctx, p.Operator, "registry", "register", p.profile()); err != nil {
		return err
	}
	account, err := p.network.Provider(ctx, 0, p.Operator.Address)
	p.ID = account.ID
	return err
}

// StartWorker runs the worker's process. Env is added to the environment.
func (p *Provider) StartWorker(env ...string) error {
	process, err := p.network.Run(p.Name, env, p.Binary, "run", "--home", p.WorkerHome)
	p.process = process
	return err
}

// Process is the worker's process, nil before StartWorker.
func (p *Provider) Process() *Process { return p.process }

// ProviderAccount is a provider as the chain shows it.
type ProviderAccount struct {
	ID                         uint32
	Operator, Worker, Payout   string
	Status                     string
	Bond                       uint64 `json:",string"`
	Unbonding                  uint64 `json:",string"`
	Slashed                    uint64 `json:",string"`
	InFlight, Verifying        uint32 `json:"-"`
	Completed, Missed, Freezes uint64 `json:"-"`
}

// Provider returns a provider by address or id.
func (n *Network) Provider(ctx context.Context, height int64, name string) (ProviderAccount, error) {
	var res struct {
		Provider ProviderAccount
		Load     struct {
			InFlight  uint32 `json:"in_flight"`
			Verifying uint32
			Freezes   uint32
			Completed uint64 `json:",string"`
			Missed    uint64 `json:",string"`
		}
	}
	err := n.Query(ctx, height, "/cupel/registry/v1/providers/"+name, &res)
	a := res.Provider
	a.InFlight, a.Verifying, a.Freezes = res.Load.InFlight, res.Load.Verifying, uint64(res.Load.Freezes)
	a.Completed, a.Missed = res.Load.Completed, res.Load.Missed
	return a, err
}

// Parallel calls fn for 0 to n-1 at once and returns the first error by index.
func Parallel(n int, fn func(i int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = fn(i) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
