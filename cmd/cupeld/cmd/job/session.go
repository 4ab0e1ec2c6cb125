// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/cosmos/cosmos-sdk/client"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/cupel-network/cupel/worker/crypt"
	markettypes "github.com/cupel-network/cupel/x/market/types"
	oracletypes "github.com/cupel-network/cupel/x/oracle/types"
	registrytypes "github.com/cupel-network/cupel/x/registry/types"
)

const (
	pollInterval = 500 * time.Millisecond
	httpTimeout  = 10 * time.Minute
)

// sender signs and sends the message of a command.
type sender interface {
	// From is the address that signs.
	From() string
	// Estimate returns the gas and the fees that a message would take.
	Estimate(ctx context.Context, msg sdk.Msg) (gas uint64, fees sdk.Coins, err error)
	// Send signs and broadcasts the message as estimated, and returns the hash
	// of the transaction.
	Send(ctx context.Context, msg sdk.Msg) (hash string, err error)
	// Await returns once the transaction is in a block and has decoded the
	// answer to the message into response.
	Await(ctx context.Context, hash string, response sdk.Msg) error
	// Unsigned prints the transaction instead of sending it, if the flags ask
	// for that, and reports whether they do.
	Unsigned(msg sdk.Msg) (bool, error)
	// SignBytes signs what is not a transaction, and returns the public key too.
	SignBytes(message []byte) (signature, publicKey []byte, err error)
}

// session is what a verb works with.
type session struct {
	market   markettypes.QueryClient
	registry registrytypes.QueryClient
	bank     banktypes.QueryClient
	oracle   oracletypes.QueryClient
	// oracleAt reads x/oracle in the state of an earlier height.
	oracleAt func(height int64) oracletypes.QueryClient
	blocks   chronicle
	chain    sender
	http     *http.Client
	// identity opens encrypted results; nil if there is none.
	identity *crypt.Identities
	// network returns the id of the chain.
	network func(context.Context) (string, error)
	// node is how the node is called in messages.
	node string

	out, err io.Writer
	in       io.Reader
	// json asks for JSON on out, live allows progress to be redrawn on err,
	// asks means that a person can answer questions.
	json, live, asks bool

	// width is the number of columns of err, 0 if it is not known.
	width func() int

	poll time.Duration
	now  func() time.Time
}

func newSession(ctx client.Context) *session {
	return &session{
		market:   markettypes.NewQueryClient(ctx),
		registry: registrytypes.NewQueryClient(ctx),
		bank:     banktypes.NewQueryClient(ctx),
		oracle:   oracletypes.NewQueryClient(ctx),
		oracleAt: func(height int64) oracletypes.QueryClient { return oracletypes.NewQueryClient(ctx.WithHeight(height)) },
		blocks:   &node{ctx},
		http:     &http.Client{Timeout: httpTimeout},
		network:  func(c context.Context) (string, error) { return chainID(c, ctx) },
		node:     ctx.NodeURI,
		poll:     pollInterval,
		now:      time.Now,
	}
}

// say writes a line for people to err.
func (s *session) say(format string, args ...any) {
	fmt.Fprintf(s.err, format+"\n", args...)
}

// print writes a line of the result to out.
func (s *session) print(format string, args ...any) {
	fmt.Fprintf(s.out, format+"\n", args...)
}

// pause waits for one interval of polling.
func (s *session) pause(ctx context.Context) error {
	timer := time.NewTimer(s.poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
