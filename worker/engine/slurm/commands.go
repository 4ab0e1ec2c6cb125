// SPDX-License-Identifier: Apache-2.0

package slurm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// commandTimeout bounds one of Slurm's commands. They retry for a while by
// themselves when the controller does not answer.
const commandTimeout = 30 * time.Second

// maxCommandOutput bounds what is read of one command.
const maxCommandOutput = 16 << 20

// commands runs Slurm's command line.
type commands struct {
	sbatch, squeue, scancel, scontrol string
	env                               []string
}

func newCommands(extra []string) (*commands, error) {
	c := &commands{env: commandEnv(extra)}
	for name, path := range map[string]*string{"sbatch": &c.sbatch, "squeue": &c.squeue, "scancel": &c.scancel, "scontrol": &c.scontrol} {
		found, err := exec.LookPath(name)
		if err != nil {
			return nil, fmt.Errorf("find Slurm's commands: %w (Debian: apt-get install slurm-client)", err)
		}
		*path = found
	}
	return c, nil
}

// commandEnv leaves out all that steers sbatch or that the job should not see:
// sbatch hands its environment to the job.
func commandEnv(extra []string) []string {
	env := []string{"LC_ALL=C", "TZ=UTC"}
	for _, key := range []string{"PATH", "HOME", "USER", "LOGNAME", "SLURM_CONF"} {
		if v, ok := os.LookupEnv(key); ok {
			env = append(env, key+"="+v)
		}
	}
	return append(env, extra...)
}

// output runs a command. Held files stay open in the child.
func (c *commands) output(ctx context.Context, held []*os.File, path string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	out, problem := &limited{limit: maxCommandOutput}, &limited{limit: 4 << 10}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env, cmd.Dir, cmd.ExtraFiles = c.env, "/", held
	cmd.Stdout, cmd.Stderr = out, problem
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", path, err, strings.TrimSpace(problem.buf.String()))
	}
	if out.over {
		return "", fmt.Errorf("%s wrote more than %d bytes", path, maxCommandOutput)
	}
	return out.buf.String(), nil
}

// limited keeps what fits and drops the rest.
type limited struct {
	buf   bytes.Buffer
	limit int
	over  bool
}

// Write never fails.
func (l *limited) Write(p []byte) (int, error) {
	room := l.limit - l.buf.Len()
	if len(p) > room {
		l.over = true
		l.buf.Write(p[:room])
	} else {
		l.buf.Write(p)
	}
	return len(p), nil
}

// submit sends a job and returns Slurm's number for it. Held is kept open until
// sbatch has ended, whatever becomes of this process.
func (c *commands) submit(ctx context.Context, held *os.File, args []string) (uint64, error) {
	out, err := c.output(ctx, []*os.File{held}, c.sbatch, args...)
	if err != nil {
		return 0, err
	}
	number, _, _ := strings.Cut(strings.TrimSpace(out), ";")
	id, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("sbatch answered %q, not the number of a job", out)
	}
	return id, nil
}

// cancel ends jobs; those that have ended are no error.
func (c *commands) cancel(ctx context.Context, ids ...uint64) error {
	if len(ids) == 0 {
		return nil
	}
	args := []string{"--quiet"}
	for _, id := range ids {
		args = append(args, strconv.FormatUint(id, 10))
	}
	_, err := c.output(ctx, nil, c.scancel, args...)
	return err
}

// ping reports whether the controller answers.
func (c *commands) ping(ctx context.Context) bool {
	_, err := c.output(ctx, nil, c.scontrol, "ping")
	return err == nil
}

// entry is a job in the queue.
type entry struct {
	id     uint64
	name   string
	state  string
	reason string
}

// list returns the jobs of this user whose name has the prefix, ended ones as
// long as Slurm remembers them.
func (c *commands) list(ctx context.Context, prefix string) ([]entry, error) {
	out, err := c.output(ctx, nil, c.squeue, "--noheader", "--states=all", "--user="+strconv.Itoa(os.Getuid()), "--format=%i|%T|%j|%r")
	if err != nil {
		return nil, err
	}
	return parseQueue(out, prefix)
}

func parseQueue(out, prefix string) ([]entry, error) {
	var all []entry
	for line := range strings.Lines(out) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), "|", 4)
		if len(f) != 4 {
			return nil, errors.New("squeue answered a line without its four fields: is it Slurm's squeue?")
		}
		if !strings.HasPrefix(f[2], prefix) {
			continue
		}
		id, err := strconv.ParseUint(f[0], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("squeue answered %q for the number of a job", f[0])
		}
		all = append(all, entry{id: id, state: f[1], name: f[2], reason: f[3]})
	}
	return all, nil
}

// Ping reports whether Slurm's commands are here and its controller answers.
func Ping(ctx context.Context) error {
	c, err := newCommands(nil)
	if err != nil {
		return err
	}
	_, err = c.output(ctx, nil, c.scontrol, "ping")
	return err
}
