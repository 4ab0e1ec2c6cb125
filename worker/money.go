// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/cupel-network/cupel/worker/earnings"
	"github.com/cupel-network/cupel/worker/metrics"
	"github.com/cupel-network/cupel/worker/policy"
	"github.com/cupel-network/cupel/worker/sender"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

// Names of files in the home.
const (
	bookName  = "earnings.db"
	drainName = "drained-by-policy"
)

// spending tells metrics and the book what the sender did.
type spending struct {
	*metrics.Metrics
	book *earnings.Book
	fail func(error)
}

// FeePaid implements sender.Observer.
func (s spending) FeePaid(kind sender.Kind, fee uint64) {
	s.Metrics.FeePaid(kind, fee)
	if err := s.book.Fee(kind.String(), fee); err != nil {
		s.fail(err)
	}
}

func (s *Service) spending() spending {
	return spending{Metrics: s.metrics, book: s.book, fail: func(err error) {
		s.log.Error("a fee is not in the book", "err", err)
	}}
}

func (s *Service) openBook() (err error) {
	if s.policy, err = s.cfg.openPolicy(); err != nil {
		return err
	}
	s.book, err = earnings.Open(s.cfg.Path(bookName))
	return err
}

// ReadEarnings reads the book of a worker that is not running.
func ReadEarnings(cfg Config, days int) (earnings.Report, error) {
	book, err := earnings.View(cfg.Path(bookName))
	if errors.Is(err, fs.ErrNotExist) {
		return earnings.Report{}, fmt.Errorf("there is no book of earnings at %s yet: cupel-worker run makes it: %w", cfg.Path(bookName), err)
	}
	if err != nil {
		return earnings.Report{}, err
	}
	r, err := book.Report(days)
	return r, errors.Join(err, book.CloseFile())
}

// Earnings is what the book says of the last days, with the asks of now.
func (s *Service) Earnings(days int) (earnings.Report, error) {
	r, err := s.book.Report(days)
	if err != nil {
		return r, err
	}
	asks := make(map[string]uint64)
	for _, res := range s.runner.Provider().Resources {
		asks[res.Class] = res.Price
	}
	for i, c := range r.Classes {
		r.Classes[i].Ask = asks[c.Class]
		r.Classes[i].Asked, _ = s.policy.File().Ask(c.Class, s.busy(), time.Now())
	}
	return r, nil
}

// busy is the percentage of the slots in use.
func (s *Service) busy() uint32 {
	running := s.runner.Snapshot().Running
	return uint32(min(100*max(running, 0)/s.cfg.Work.Slots, 100))
}

// Prices compares the registered asks with those that the policy calls for.
func Prices(file policy.File, registered []registrytypes.Resource, busy uint32, now time.Time) []Price {
	var all []Price
	for _, res := range registered {
		want, ok := file.Ask(res.Class, busy, now)
		if !ok {
			continue
		}
		all = append(all, Price{Class: res.Class, Registered: res.Price, Policy: want, Floor: file.Classes[res.Class].Floor})
	}
	return all
}

// Price is the ask of a class in ucupel per price unit.
type Price struct {
	Class      string `json:"class"`
	Registered uint64 `json:"registered"`
	// Policy is what the file calls for now, never below Floor.
	Policy uint64 `json:"policy"`
	Floor  uint64 `json:"floor"`
}

// reasonToDrain says why no new work shall be taken now; empty if it shall.
func (s *Service) reasonToDrain(now time.Time) string {
	file := s.policy.File()
	if file.MaxAtRisk != 0 && file.OverLimit == policy.OverDrain {
		if who, amount := s.book.MostAtRisk(); amount > file.MaxAtRisk {
			return fmt.Sprintf("%d ucupel of work of %s are not released, the limit is %d", amount, who, file.MaxAtRisk)
		}
	}
	if !file.DrainBelowFloor {
		return ""
	}
	for _, p := range Prices(file, s.runner.Provider().Resources, s.busy(), now) {
		if p.Registered < p.Policy {
			return fmt.Sprintf("the registered ask of %s is %d, the policy calls for %d", p.Class, p.Registered, p.Policy)
		}
	}
	return ""
}

// readPolicy follows the policy file. One that cannot be read leaves the last one
// in force.
func (s *Service) readPolicy() {
	switch changed, err := s.policy.Refresh(); {
	case err != nil && changed:
		s.log.Error("the price policy cannot be read; the last one stays in force", "err", err)
	case changed:
		s.log.Info("the price policy has changed", "file", s.cfg.Policy.File)
	}
}

// followPolicy drains the provider while the policy says so. It never undoes a
// drain that somebody else asked for: a file remembers its own.
func (s *Service) followPolicy(context.Context) {
	s.readPolicy()
	snap := s.runner.Snapshot()
	if snap.Provider == 0 {
		return
	}
	own, err := s.drainedByPolicy()
	if err != nil {
		s.log.Error("the home cannot be read", "err", err)
		return
	}
	draining := snap.Status == registrytypes.ProviderDraining.String()
	active := snap.Status == registrytypes.ProviderActive.String()
	reason := s.reasonToDrain(time.Now())
	switch {
	case reason != "" && active:
		if err := os.WriteFile(s.cfg.Path(drainName), []byte(reason+"\n"), 0o600); err != nil {
			s.log.Error("a drain cannot be remembered, so it is not asked for", "err", err)
			return
		}
		s.log.Warn("the policy takes no new work", "reason", reason)
		s.sender.Offer(sender.Drain(true), snap.Height)
	case reason == "" && own != "" && draining:
		s.log.Info("the policy takes work again")
		s.sender.Offer(sender.Drain(false), snap.Height)
	case reason == "" && own != "" && active && s.drainSettled():
		if err := os.Remove(s.cfg.Path(drainName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.log.Error("an ended drain cannot be forgotten", "err", err)
		}
	}
}

// drainSettled reports whether no drain of the policy can be in a block any more
// that has not been seen: what is known of the provider is some seconds old, and a
// drain on its way must not become one that nobody undoes.
func (s *Service) drainSettled() bool {
	info, err := os.Stat(s.cfg.Path(drainName))
	return err == nil && time.Since(info.ModTime()) > 2*s.cfg.Fees.TTL
}

// drainedByPolicy returns the reason of the policy's own drain; empty if there
// is none.
func (s *Service) drainedByPolicy() (string, error) {
	raw, err := os.ReadFile(s.cfg.Path(drainName))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(raw), err
}

// ForgetPolicyDrain makes a drain the operator's own: the policy will not undo
// it.
func ForgetPolicyDrain(cfg Config) error {
	if err := os.Remove(cfg.Path(drainName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget the drain of the policy: %w", err)
	}
	return nil
}

// maxReportDays bounds what one request reads of the book.
const maxReportDays = 3660

func (s *Service) serveEarnings(w http.ResponseWriter, req *http.Request) {
	days, err := strconv.Atoi(cmp.Or(req.URL.Query().Get("days"), "1"))
	if err != nil || days < 1 || days > maxReportDays {
		http.Error(w, fmt.Sprintf("days is a number from 1 to %d", maxReportDays), http.StatusBadRequest)
		return
	}
	r, err := s.Earnings(days)
	if err != nil {
		s.log.Error("read the book of earnings", "err", err)
		http.Error(w, "the worker cannot read its book of earnings; try again later", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(r) // the client is gone if this fails
}
