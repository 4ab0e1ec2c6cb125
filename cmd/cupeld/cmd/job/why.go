// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// whyJSON is what the why command writes as JSON.
type whyJSON struct {
	Type       string                    `json:"type"`
	Batch      uint64                    `json:"batch"`
	Class      string                    `json:"class"`
	Unassigned uint32                    `json:"unassigned_lots"`
	Providers  uint32                    `json:"providers"`
	Admitted   uint32                    `json:"admitted"`
	Together   uint32                    `json:"together"`
	Needed     uint32                    `json:"needed"`
	Binding    string                    `json:"binding"`
	Filters    []markettypes.FilterCount `json:"filters"`
	Relaxation *markettypes.Relaxation   `json:"relaxation,omitempty"`
	Advice     string                    `json:"advice"`
}

func whyCmd(dial connector) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "why BATCH",
		Short: "Say why a job waits for providers",
		Long: "Say which conditions keep the providers of the class away from a job that waits, and the\n" +
			"smallest change that would help. The chain counts with the rules by which it draws.",
		Example: "cupeld job why 7\ncupeld job why 7 -o json | jq .relaxation",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			batch, err := parseBatch(args[0])
			if err != nil {
				return err
			}
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			return s.why(cmd.Context(), batch)
		},
	}
	flags.AddQueryFlagsToCmd(cmd)
	return cmd
}

func (s *session) why(ctx context.Context, batch uint64) error {
	res, err := s.market.WhyNoMatch(ctx, &markettypes.QueryWhyNoMatchRequest{Batch: batch})
	if err != nil {
		return classify(err)
	}
	if s.json {
		s.emit(whyJSON{
			Type: "why", Batch: res.Batch, Class: res.Class, Unassigned: res.Unassigned, Providers: res.Roster,
			Admitted: res.Admitted, Together: res.Together, Needed: res.Needed, Binding: res.Binding,
			Filters: res.Filters, Relaxation: res.Relaxation, Advice: res.Advice,
		})
		return nil
	}
	if res.Unassigned > 0 {
		s.print("batch %d of %s waits with %s; %d of %d providers pass, %d together, %d needed",
			res.Batch, res.Class, count(int(res.Unassigned), "lot"), res.Admitted, res.Roster, res.Together, res.Needed)
		showFilters(s, res.Filters)
	}
	s.print("%s", res.Advice)
	return nil
}

// showFilters prints the filters that keep somebody away.
func showFilters(s *session, filters []markettypes.FilterCount) {
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	defer w.Flush()
	for _, f := range filters {
		if f.Refused > 0 {
			fmt.Fprintf(w, "  %s\trefuses %d\talone %d\n", f.Filter, f.Refused, f.Alone)
		}
	}
}
