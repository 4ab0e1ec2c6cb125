// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/cupel-network/cupel/cmd/cupeld/attestor"
	"github.com/cupel-network/cupel/cmd/cupeld/attestor/signing"
	"github.com/cupel-network/cupel/x/oracle/types"
	"github.com/cupel-network/cupel/x/oracle/types/checkpoint"
)

// lookback is how many headers are searched for the last signature.
const lookback = 50

// status is what an attestor is on chain.
type status struct {
	Operator   string             `json:"operator"`
	Account    string             `json:"account"`
	Key        checkpoint.Address `json:"key"`
	Active     bool               `json:"active"`
	Tombstoned bool               `json:"tombstoned"`
	Missed     uint32             `json:"missed"`
	// SetID is the set that signs new headers, Power the attestor's in it, 0 if
	// it is none of its members; TotalPower that of all.
	SetID      uint64 `json:"set_id,string"`
	SetKey     string `json:"set_key,omitempty"`
	Power      uint64 `json:"power,string"`
	TotalPower uint64 `json:"total_power,string"`
	// LastNonce is the newest header, SealedNonce the highest sealed one,
	// LastSigned the highest of the last 50 with a signature of the attestor.
	LastNonce   uint64 `json:"last_nonce,string"`
	SealedNonce uint64 `json:"sealed_nonce,string"`
	LastSigned  uint64 `json:"last_signed,string"`
	// Duties are the open headers without its signature, 100 at most.
	Duties []uint64 `json:"duties"`
	// Beacon is what it owes the beacon.
	Beacon beaconStatus `json:"beacon"`
}

func statusCmd() *cobra.Command {
	var account string
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Show what the chain knows of an attestor",
		Long:    "Shows the attestor's key, its power in the set that signs new headers, what it owes and\nwhat it has missed. It asks the node, not the running attestor.",
		Example: "cupeld attest status\ncupeld attest status --account cupel1... -o json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, err := queryContext(cmd)
			if err != nil {
				return err
			}
			if account == "" {
				if account, err = hotAccount(ctx); err != nil {
					return err
				}
			}
			node, err := attestor.NewNode(ctx.NodeURI, ctx.ChainID)
			if err != nil {
				return classify(err)
			}
			keys, err := signing.LoadKeys(signing.KeysDir(ctx.HomeDir))
			if err != nil {
				keys = nil // with a remote signer there are none here
			}
			s, err := readStatus(cmd.Context(), node, account, keys)
			if err != nil {
				return classify(err)
			}
			return output(cmd, s, s.print)
		},
	}
	cmd.Flags().StringVar(&account, "account", "", "hot account or operator (default: the hot account that init has made)")
	addChainFlags(cmd)
	addOutputFlag(cmd)
	return cmd
}

// beaconStatus is an attestor's part in the beacon. Epoch is 0 without a slot in
// an open round.
type beaconStatus struct {
	Epoch          uint64 `json:"epoch"`
	OwesCommitment bool   `json:"owes_commitment"`
	OwesShare      bool   `json:"owes_share"`
	PausedUntil    uint64 `json:"paused_until"`
	Missed         uint32 `json:"missed"`
}

func readStatus(ctx context.Context, node *attestor.Node, account string, local []signing.Key) (status, error) {
	own, err := node.Attestor(ctx, account)
	if err != nil {
		return status{}, err
	}
	s := status{
		Operator: own.Operator, Account: own.Account, Active: own.Active, Tombstoned: own.Tombstoned, Missed: own.Missed, Duties: []uint64{},
	}
	if s.Key, err = checkpoint.ToAddress(own.Key); err != nil {
		return s, err
	}
	line, err := node.Line(ctx)
	if err != nil {
		return s, err
	}
	s.SetID, s.LastNonce, s.SealedNonce = line.SetId, line.LastNonce, line.SealedNonce
	keys := []checkpoint.Address{s.Key}
	for _, key := range local {
		keys = append(keys, key.Address)
	}
	duties, beacon, err := node.Duties(ctx, own.Account)
	if err != nil {
		return s, err
	}
	s.Beacon = beaconStatus{PausedUntil: own.PausedUntil, Missed: own.BeaconMissed}
	if beacon != nil {
		s.Beacon.Epoch, s.Beacon.OwesCommitment, s.Beacon.OwesShare = beacon.Epoch, beacon.Commit, len(beacon.Commitment) > 0
	}
	for _, duty := range duties {
		s.Duties = append(s.Duties, duty.Checkpoint.Header.Nonce)
		if key, err := checkpoint.ToAddress(duty.Key); err == nil {
			keys = append(keys, key)
		}
	}
	if err := s.readSet(ctx, node, keys); err != nil {
		return s, err
	}
	return s, s.readLastSigned(ctx, node, keys)
}

// readSet finds the member that is one of the attestor's keys: before a
// rotation takes effect it is the old one.
func (s *status) readSet(ctx context.Context, node *attestor.Node, keys []checkpoint.Address) error {
	if s.SetID == 0 {
		return nil
	}
	stored, err := node.Set(ctx, s.SetID)
	if err != nil {
		return err
	}
	set, err := stored.Decode()
	if err != nil {
		return err
	}
	s.TotalPower = set.Total()
	for _, key := range keys {
		if power := set.Power(key); power > 0 {
			s.Power, s.SetKey = power, key.String()
		}
	}
	return nil
}

func (s *status) readLastSigned(ctx context.Context, node *attestor.Node, keys []checkpoint.Address) error {
	for i := uint64(0); i < min(lookback, s.LastNonce); i++ {
		res, err := node.Signatures(ctx, s.LastNonce-i)
		if err != nil {
			return err
		}
		own := func(sig types.AttestorSignature) bool {
			return slices.ContainsFunc(keys, func(key checkpoint.Address) bool { return string(key[:]) == string(sig.Key) })
		}
		if slices.ContainsFunc(res.Signatures, own) {
			s.LastSigned = s.LastNonce - i
			return nil
		}
	}
	return nil
}

func (s status) print(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	state := "active"
	switch {
	case s.Tombstoned:
		state = "tombstoned: it has equivocated and attests no more"
	case !s.Active:
		state = "absent: register it again"
	}
	fmt.Fprintf(tw, "operator\t%s, %s\n", s.Operator, state)
	fmt.Fprintf(tw, "account\t%s\n", s.Account)
	fmt.Fprintf(tw, "key\t%s\n", s.Key)
	switch {
	case s.SetID == 0:
		fmt.Fprintf(tw, "set\tnone is formed yet\n")
	case s.Power == 0:
		fmt.Fprintf(tw, "set\t%d, without this attestor\n", s.SetID)
	default:
		fmt.Fprintf(tw, "set\t%d, power %d of %d as %s\n", s.SetID, s.Power, s.TotalPower, s.SetKey)
	}
	fmt.Fprintf(tw, "headers\t%d made, %d sealed, last signed %d\n", s.LastNonce, s.SealedNonce, s.LastSigned)
	fmt.Fprintf(tw, "duties\t%d open, %d missed in a row\n", len(s.Duties), s.Missed)
	switch b := s.Beacon; {
	case b.Epoch > 0:
		fmt.Fprintf(tw, "beacon\tepoch %d, commitment due %t, share due %t\n", b.Epoch, b.OwesCommitment, b.OwesShare)
	case b.PausedUntil > 0:
		fmt.Fprintf(tw, "beacon\twithout this attestor; a share was withheld, it is back in epoch %d\n", b.PausedUntil)
	default:
		fmt.Fprintf(tw, "beacon\twithout this attestor\n")
	}
	_ = tw.Flush() // w is a buffer
}
