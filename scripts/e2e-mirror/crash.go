// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/cupel-network/cupel/testutil/mirror"
)

// steps are those of a relayer at which it is killed, in the order in which an
// entry passes them.
var steps = []string{"polled", "collected", "reserved", "stored", "sent", "raised", "included", "final"}

// crashes kills the relayer as kill -9 does after each of its steps, on one
// chain and then on the other. The other target is paused, so that a backlog
// is left for it.
func (w *world) crashes(ctx context.Context) error {
	if !w.size.crashes {
		return nil
	}
	line, err := w.Line(ctx)
	if err != nil {
		return err
	}
	if err := w.chains.WaitMirrored(ctx, line.LastNonce); err != nil {
		return err
	}
	w.say("both chains have all %d headers; now without a relayer", line.LastNonce)
	w.chains.Relayer().Stop()
	for range steps {
		if err := w.settle(ctx); err != nil {
			return err
		}
	}
	if line, err = w.Line(ctx); err != nil {
		return err
	}
	if err := w.WaitSealed(ctx, line.LastNonce); err != nil {
		return err
	}
	for target, other := range map[string]string{mirror.Base: mirror.Solana, mirror.Solana: mirror.Base} {
		if err := w.chains.Pause(ctx, other); err != nil {
			return err
		}
		for _, step := range steps {
			if err := w.crashAt(ctx, target, step); err != nil {
				return fmt.Errorf("%s, %s: %w", target, step, err)
			}
		}
		if err := w.chains.Resume(ctx, other); err != nil {
			return err
		}
	}
	w.say("the relayer was killed %d times", w.crashed)
	return w.chains.StartRelayer("")
}

// crashAt runs the relayer until it kills itself after a step.
func (w *world) crashAt(ctx context.Context, target, step string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	stuck := step == "raised"
	if stuck {
		if err := w.chains.Stick(ctx, target, true); err != nil {
			return err
		}
	}
	if err := w.chains.StartRelayer(w.crashing, "CUPEL_CRASH_AFTER="+target+":"+step); err != nil {
		return err
	}
	process := w.chains.Relayer()
	if err := process.Wait(ctx); ctx.Err() != nil {
		process.Kill()
		return fmt.Errorf("the relayer goes on: %w\n%s", err, process.Tail(20))
	}
	if !process.Killed() {
		return fmt.Errorf("the relayer ended otherwise than by SIGKILL\n%s", process.Tail(20))
	}
	w.crashed++
	w.say("killed at %s:%s", target, step)
	if stuck {
		return w.chains.Stick(ctx, target, false)
	}
	return nil
}

// finish waits until both chains have everything, finally.
func (w *world) finish(ctx context.Context) error {
	line, err := w.Line(ctx)
	if err != nil {
		return err
	}
	if err := w.WaitSealed(ctx, line.LastNonce); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	return w.chains.WaitMirrored(ctx, line.LastNonce)
}
