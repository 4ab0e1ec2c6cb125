// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/cupel-network/cupel/cmd/internal/exit"
	"github.com/cupel-network/cupel/worker/jobfile"
)

// runOptions are the flags of run.
type runOptions struct {
	file    jobfile.Options
	wait    string
	timeout time.Duration
	out     string
	idOnly  bool
	dryRun  bool
	yes     bool
	follow  bool
	goal    goal
}

const runLong = `Validate a job file, say what it can cost, escrow that much, submit the job, wait for its
results, verify them against the chain and unpack them.

By default the wait ends when all results are agreed; payment follows by itself when the
window for challenges has passed. Ctrl-C at any time leaves the job running.

With -o json every line of the output is an object: 'submitted', one 'state' per change of
a task, and a last 'result'.`

func runCmd(dial connector) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run FILE",
		Short: "Run a job and fetch its results",
		Long:  runLong,
		Example: "cupeld job run job.yaml --from alice\n" +
			"cupeld job run job.yaml --from alice --wait settled --out results\n" +
			"id=$(cupeld job run job.yaml --from alice --id-only)",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.complete(cmd); err != nil {
				return err
			}
			job, err := load(args[0], o.file, func(f *jobfile.File) ([]string, error) {
				s, err := dial(cmd)
				if err != nil {
					return nil, err
				}
				return s.recipients(cmd.Context(), f)
			})
			if err != nil {
				return err
			}
			s, err := dial(cmd)
			if err != nil {
				return err
			}
			if err := s.readIdentity(cmd); err != nil {
				return err
			}
			if len(job.Manifest.ResultsTo) > 0 && s.identity == nil && o.goal != goalNone && !o.idOnly && !o.dryRun {
				return failf(exit.UsageError, "the results will be encrypted: give --%s FILE to read them, or --wait none", flagIdentity)
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return s.run(ctx, job, o)
		},
	}
	addTxFlags(cmd)
	addFileFlags(cmd)
	addIdentityFlag(cmd)
	f := cmd.Flags()
	f.Lookup(flags.FlagDryRun).Usage = "estimate the cost and simulate the transaction, and submit nothing"
	f.StringVar(&o.wait, "wait", "agreed", "wait until the results are agreed, until they are settled (paid), or not at all (none)")
	f.DurationVar(&o.timeout, "wait-timeout", 0, "stop waiting after this time and exit with 4; the job goes on (0: no limit)")
	f.StringVar(&o.out, "out", "", "directory for the results (default ./NAME-TASK)")
	f.BoolVar(&o.idOnly, "id-only", false, "print only the number of the batch, and do not wait")
	f.BoolVar(&o.follow, "follow", false, "after the results are fetched keep reporting until the job is settled")
	return cmd
}

// complete reads the flags that the SDK owns. Its dry run wants an address
// instead of a key, so the flag is taken away from it.
func (o *runOptions) complete(cmd *cobra.Command) error {
	var err error
	if o.goal, err = parseGoal(o.wait); err != nil {
		return err
	}
	if o.file, err = fileOptions(cmd); err != nil {
		return err
	}
	f := cmd.Flags()
	var err1, err2 error
	o.dryRun, err1 = f.GetBool(flags.FlagDryRun)
	o.yes, err2 = f.GetBool(flags.FlagSkipConfirmation)
	if err := errors.Join(err1, err2, f.Set(flags.FlagDryRun, "false")); err != nil {
		return exit.Usage(err)
	}
	o.file.Store = !o.dryRun
	if from, err := f.GetString(flags.FlagFrom); err != nil || from == "" {
		return failf(exit.UsageError, "--from is missing: name the key that pays\nList your keys with: cupeld keys list")
	}
	if o.idOnly {
		o.goal = goalNone
	}
	return nil
}

// run does everything from the estimate to the results.
func (s *session) run(ctx context.Context, job *jobfile.Job, o runOptions) error {
	job.Msg.Requester = s.chain.From()
	if done, err := s.chain.Unsigned(&job.Msg); done {
		return classify(err)
	}
	ready, err := s.prepare(ctx, job, o)
	if err != nil || !ready {
		return interrupted(ctx, err)
	}
	start := s.now()
	sent, err := s.submit(ctx, job)
	if err != nil {
		return err
	}
	if o.idOnly {
		s.print("%d", sent.batch)
		return nil
	}
	if s.json {
		s.emit(sent.json(job))
	} else {
		s.say("Submitted batch %d in transaction %s, %d%s in escrow", sent.batch, sent.hash, sent.escrow, job.Msg.Denom)
	}
	return s.await(ctx, job, o, sent, start)
}

func interrupted(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return failf(exit.Failure, "interrupted before the job was submitted; nothing was spent")
	}
	return err
}

// await waits for the goal, fetches the results and says how the job ended.
func (s *session) await(ctx context.Context, job *jobfile.Job, o runOptions, sent submitted, start time.Time) error {
	if o.goal == goalNone {
		return s.leave(ctx, sent)
	}
	if !s.json {
		s.say("Enter Ctrl+C to exit at any time, your job will continue running")
	}
	wait, cancel := ctx, context.CancelFunc(func() {})
	if o.timeout > 0 {
		wait, cancel = context.WithTimeout(ctx, o.timeout)
	}
	defer cancel()
	v, err := s.follow(wait, sent.batch, o.goal, start, s.reporter())
	if err != nil {
		return s.stopped(ctx, wait, v, sent, err)
	}
	dirs, fetchErr := s.collect(wait, v, job.File.Name, o.out)
	if fetchErr != nil && wait.Err() != nil {
		return s.stopped(ctx, wait, v, sent, fetchErr)
	}
	if o.follow && o.goal == goalAgreed {
		s.say("The results are here; waiting for settlement")
		if v, err = s.follow(wait, sent.batch, goalSettled, start, s.reporter()); err != nil {
			return s.stopped(ctx, wait, v, sent, err)
		}
	}
	s.conclude(v, dirs, sent.hash)
	if fetchErr != nil {
		return classify(fetchErr)
	}
	return v.verdict()
}

// leave reports a job that is not waited for.
func (s *session) leave(ctx context.Context, sent submitted) error {
	if !s.json {
		s.print("batch %d", sent.batch)
		s.say("Watch it with: cupeld job describe %d", sent.batch)
		return nil
	}
	v, err := s.snapshot(ctx, sent.batch)
	if err != nil {
		return classify(err)
	}
	s.conclude(v, nil, sent.hash)
	return nil
}

// stopped says that the job goes on, and how to come back to it.
func (s *session) stopped(ctx, wait context.Context, v snapshot, sent submitted, err error) error {
	if s.json && v.Batch.Id != 0 {
		s.conclude(v, nil, sent.hash)
	}
	again := fmt.Sprintf("See it with: cupeld job describe %d\nFetch its results with: cupeld job results %d", sent.batch, sent.batch)
	switch {
	case ctx.Err() != nil:
		return failf(exit.WaitTimedOut, "batch %d goes on without you\n%s", sent.batch, again)
	case wait.Err() != nil:
		return failf(exit.WaitTimedOut, "batch %d is not finished yet and goes on\n%s", sent.batch, again)
	default:
		return classify(err)
	}
}

// conclude prints how the job stands at the end.
func (s *session) conclude(v snapshot, dirs []string, hash string) {
	if s.json {
		s.emit(v.result(dirs, hash))
		return
	}
	if len(v.tasks) > maxTaskLines {
		s.print("%s", v.summary())
	} else {
		for _, t := range v.tasks {
			s.print("%s", conclusion(t))
		}
	}
	t := v.Tally
	s.print("escrowed %d%s: paid %d, treasury %d, pooled %d, burned %d, refunded %d, held %d",
		t.Escrowed, v.Batch.Denom, t.Paid, t.Treasury, t.Pooled, t.Burned, t.Refunded, t.Escrow)
	switch len(dirs) {
	case 0:
	case 1:
		s.print("result in %s", dirs[0])
	default:
		s.print("%d results in %s to %s", len(dirs), dirs[0], dirs[len(dirs)-1])
	}
}
