// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/cupel-network/cupel/testutil/net"
)

// settleAndRotate settles jobs until there are enough checkpoints, and changes
// the attestors between them.
func (w *world) settleAndRotate(ctx context.Context) error {
	changes := map[int]func(context.Context) error{2: w.join, 4: w.rotate, 6: w.leave, 8: w.shift}
	for i := 0; i < w.size.checkpoints || i*tasks*replicas < w.size.settlements; i++ {
		if change := changes[i]; change != nil {
			if err := change(ctx); err != nil {
				return err
			}
		}
		if err := w.settle(ctx); err != nil {
			return err
		}
	}
	return nil
}

// changed waits for a set of another id.
func (w *world) changed(ctx context.Context, what string, change func() error) error {
	before, err := w.Line(ctx)
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	if err := w.WaitSet(ctx, before.SetID+1); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	w.say("%s: set %d", what, before.SetID+1)
	return nil
}

func (w *world) join(ctx context.Context) error {
	last := w.all[validators-1]
	return w.changed(ctx, "the fourth validator attests too", func() error {
		if err := last.Register(ctx); err != nil {
			return err
		}
		return last.Start(ctx)
	})
}

func (w *world) rotate(ctx context.Context) error {
	return w.changed(ctx, "the first attestor has a new key", func() error { return w.all[0].Rotate(ctx) })
}

// leave: the second validator takes its whole stake back.
func (w *world) leave(ctx context.Context) error {
	return w.changed(ctx, "the second validator leaves", func() error {
		validator, stake, err := w.stake(ctx, w.Nodes[1])
		if err != nil {
			return err
		}
		_, err = w.Tx(ctx, w.operator(w.Nodes[1]), "staking", "unbond", validator, fmt.Sprintf("%s%s", stake, net.Denom))
		return err
	})
}

// shift: the requester delegates to the third validator.
func (w *world) shift(ctx context.Context) error {
	return w.changed(ctx, "the third validator has more stake", func() error {
		validator, stake, err := w.stake(ctx, w.Nodes[2])
		if err != nil {
			return err
		}
		_, err = w.Tx(ctx, w.Requester, "staking", "delegate", validator, fmt.Sprintf("%s%s", stake, net.Denom))
		return err
	})
}

// operator is the key of a validator's operator.
func (w *world) operator(node *net.Node) net.Key { return net.Key{Name: node.Name, Home: node.Home} }

// stake returns a validator's operator address and its tokens in ucupel.
func (w *world) stake(ctx context.Context, node *net.Node) (address, tokens string, err error) {
	var res struct {
		Validators []struct {
			OperatorAddress string `json:"operator_address"`
			Tokens          string
			Description     struct{ Moniker string }
		}
	}
	if err := w.Query(ctx, 0, "/cosmos/staking/v1beta1/validators", &res); err != nil {
		return "", "", err
	}
	for _, v := range res.Validators {
		if v.Description.Moniker == node.Name {
			return v.OperatorAddress, v.Tokens, nil
		}
	}
	return "", "", fmt.Errorf("no validator has the moniker %s: %+v", node.Name, res.Validators)
}
