// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/types/query"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// sessionJSON is a session in JSON output.
type sessionJSON struct {
	Type      string `json:"type"`
	Session   uint64 `json:"session"`
	State     string `json:"state"`
	Reason    string `json:"reason,omitempty"`
	Requester string `json:"requester"`
	Provider  uint32 `json:"provider"`
	Operator  string `json:"operator"`
	Endpoint  string `json:"endpoint"`
	Class     string `json:"class"`
	Denom     string `json:"denom"`
	Price     uint64 `json:"price"`
	Scale     uint64 `json:"scale"`
	Deposit   uint64 `json:"deposit"`
	Redeemed  uint64 `json:"redeemed"`
	Refunded  uint64 `json:"refunded"`
	Remaining uint64 `json:"remaining"`
	Units     uint64 `json:"units"`
	Sequence  uint64 `json:"sequence"`
	Expires   uint64 `json:"expires"`
	Due       uint64 `json:"due"`
	Tick      uint64 `json:"tick"`
	Low       bool   `json:"low_funds"`
}

func asSessionJSON(v markettypes.QuerySessionResponse) sessionJSON {
	r := v.Session
	return sessionJSON{
		Type: "session", Session: r.Id, State: sessionState(v.State), Reason: sessionReason(r.Reason),
		Requester: v.Requester, Provider: r.Provider, Operator: v.Operator, Endpoint: v.Endpoint, Class: v.Class,
		Denom: r.Denom, Price: r.Price, Scale: r.Scale, Deposit: r.Deposit, Redeemed: r.Redeemed,
		Refunded: r.Refunded, Remaining: v.Remaining, Units: r.Units, Sequence: r.Sequence,
		Expires: r.Expires, Due: r.Due, Tick: v.Tick, Low: r.Low,
	}
}

// statusJSON is a session with its runway.
type statusJSON struct {
	sessionJSON
	UnitsLeft      uint64 `json:"units_left"`
	TicksLeft      uint64 `json:"ticks_left"`
	SecondsLeft    uint64 `json:"seconds_left"`
	RatePerMillion uint64 `json:"rate_per_million_ticks"`
}

func sessionStatusCmd(dial connector) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "status SESSION",
		Short:   "Show a session and how long its deposit lasts",
		Example: "cupeld session status 7\ncupeld session status 7 -o json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseSession(args[0])
			if err != nil {
				return err
			}
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			return s.sessionStatus(cmd.Context(), id)
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	return cmd
}

func (s *session) sessionStatus(ctx context.Context, id uint64) error {
	v, err := s.paySession(ctx, id)
	if err != nil {
		return err
	}
	runway, err := s.market.Runway(ctx, &markettypes.QueryRunwayRequest{Session: id})
	if err != nil {
		return classifySession(err)
	}
	if s.json {
		s.emit(statusJSON{
			sessionJSON: asSessionJSON(*v), UnitsLeft: runway.Units, TicksLeft: runway.Ticks,
			SecondsLeft: runway.Seconds, RatePerMillion: runway.Rate,
		})
		return nil
	}
	r := v.Session
	state := sessionState(v.State)
	if reason := sessionReason(r.Reason); reason != "" {
		state += " (" + reason + ")"
	}
	s.print("session    %d of %s, %s", r.Id, v.Requester, state)
	s.print("provider   %d, %s, %s at %s", r.Provider, v.Operator, v.Class, v.Endpoint)
	s.print("price      %d%s %s", r.Price, r.Denom, per(r.Scale))
	s.print("deposit    %d%s: redeemed %d, refunded %d, left %d", r.Deposit, r.Denom, r.Redeemed, r.Refunded, v.Remaining)
	s.print("redeemed   %d units, voucher %d", r.Units, r.Sequence)
	s.print("runway     %s", runwayWords(runway))
	s.print("ends       %s", endWords(v))
	return nil
}

// runwayWords says how long a deposit lasts.
func runwayWords(r *markettypes.QueryRunwayResponse) string {
	switch {
	case r.State == markettypes.SessionClosed:
		return "none"
	case r.Rate == 0:
		return fmt.Sprintf("%d units; nothing was redeemed yet", r.Units)
	}
	text := fmt.Sprintf("%d units, about %s at the use so far", r.Units, (time.Duration(min(r.Seconds, 1<<32)) * time.Second).String())
	if r.Low {
		text += "; top it up"
	}
	return text
}

// endWords says when the state ends by itself.
func endWords(v *markettypes.QuerySessionResponse) string {
	switch v.State {
	case markettypes.SessionActive:
		return fmt.Sprintf("at tick %d, now %d", v.Session.Expires, v.Tick)
	case markettypes.SessionPaused:
		return fmt.Sprintf("at tick %d unless it is topped up, now %d", v.Session.Due, v.Tick)
	case markettypes.SessionClosing:
		return fmt.Sprintf("with the dispute window, at tick %d and not before a day, now %d", v.Session.Due, v.Tick)
	default:
		return "it has ended"
	}
}

func sessionListCmd(dial connector) *cobra.Command {
	var req markettypes.QuerySessionsRequest
	var limit uint64
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List sessions, the newest first",
		Example: "cupeld session list --requester $(cupeld keys show alice -a)",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			req.Pagination = &query.PageRequest{Limit: limit, Reverse: true}
			return s.listSessions(cmd.Context(), &req)
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	cmd.Flags().StringVar(&req.Requester, "requester", "", "only the sessions of this address")
	cmd.Flags().Uint32Var(&req.Provider, "provider", 0, "only the sessions with the provider of this id")
	cmd.Flags().Uint64Var(&limit, "limit", 50, "how many to list")
	return cmd
}

func (s *session) listSessions(ctx context.Context, req *markettypes.QuerySessionsRequest) error {
	res, err := s.market.Sessions(ctx, req)
	if err != nil {
		return classifySession(err)
	}
	if s.json {
		for _, v := range res.Sessions {
			s.emit(asSessionJSON(v))
		}
		return nil
	}
	if len(res.Sessions) == 0 {
		s.say("There are no sessions")
		return nil
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SESSION\tSTATE\tPROVIDER\tCLASS\tDEPOSIT\tREDEEMED\tLEFT\tREQUESTER")
	for _, v := range res.Sessions {
		r := v.Session
		fmt.Fprintf(w, "%d\t%s\t%d\t%s\t%d%s\t%d\t%d\t%s\n", r.Id, sessionState(v.State), r.Provider, v.Class, r.Deposit, r.Denom, r.Redeemed, v.Remaining, v.Requester)
	}
	return w.Flush()
}
