// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/cupel-network/cupel/worker/engine"
)

// The bits of a SCORE. See ADR-009 of x/market.
const (
	JobExists byte = 1 << iota
	LogsExist
	NodeMatches
	Completed
	TimingPlausible
	HashesValid

	// All is the vote on evidence that holds in every part.
	All = JobExists | LogsExist | NodeMatches | Completed | TimingPlausible | HashesValid
)

const (
	// clockSkew is how far, in milliseconds, the clock of a provider may be
	// from that of the chain.
	clockSkew = 120_000
	// wallSlack is how long, in milliseconds, a run may take to be stopped.
	wallSlack = 10_000
	// fastest is more fuel in a millisecond than any machine uses.
	fastest = 100_000_000
)

// Facts are what the chain and the manifest say of a task. They are the same
// for every member.
type Facts struct {
	Job  Job
	Node Node
	// Outcome is that of the result on chain, Units what it charges.
	Outcome engine.Outcome
	Units   uint64
	// WallSeconds is the limit; Processors are those that are paid by the
	// second, 0 in a class metered in fuel.
	WallSeconds uint32
	Processors  uint32
	// Assigned is the block time of the draw in Unix seconds and Elapsed the
	// seconds to the reveal; 0 where the chain does not keep them.
	Assigned int64
	Elapsed  uint32
}

// Score judges the artifact of a SCORED task. An artifact that cannot be read
// scores nothing; an error is one of the disk.
func Score(path string, f Facts) (vote byte, err error) {
	a, err := engine.OpenArtifact(path, engine.ArtifactLimits{})
	var disk *fs.PathError
	if errors.As(err, &disk) {
		return 0, err
	}
	if err != nil {
		return 0, nil // what is no artifact is no evidence
	}
	defer func() { _ = a.Close() }() // read only
	e, ok := readEvidence(a)
	if !ok {
		return 0, nil
	}
	files, err := logs(a)
	if err != nil {
		return 0, err
	}
	for bit, holds := range map[byte]bool{
		JobExists:       e.Job == f.Job,
		LogsExist:       logsExist(e, files),
		NodeMatches:     e.Node == f.Node,
		Completed:       completed(e, a.Meta, f),
		TimingPlausible: plausible(e, f),
		HashesValid:     len(files) > 0 && slices.Equal(e.Files, files),
	} {
		if holds {
			vote |= bit
		}
	}
	return vote, nil
}

// logsExist: the run has said something, and the evidence has its hash.
func logsExist(e Evidence, files []Log) bool {
	return slices.ContainsFunc(files, func(l Log) bool {
		stream := l.Name == engine.StdoutName || l.Name == engine.StderrName
		return stream && l.Size > 0 && slices.Contains(e.Files, l)
	})
}

// completed: the program ended by itself, and artifact, evidence and chain say
// the same of it.
func completed(e Evidence, meta engine.Meta, f Facts) bool {
	byItself := meta.Outcome == engine.OutcomeOK || meta.Outcome == engine.OutcomeExit
	return byItself && meta.Outcome == f.Outcome && e.Outcome == meta.Outcome.String() && e.ExitCode == meta.ExitCode
}

// plausible: the run took some of the time between its draw and its reveal, no
// more than its limit, and could use what it is paid for.
func plausible(e Evidence, f Facts) bool {
	took := e.Finished - e.Started
	switch {
	case e.Started <= 0 || took < 0 || took > int64(f.WallSeconds)*1000+wallSlack:
		return false
	case f.Assigned > 0 && e.Started < f.Assigned*1000-clockSkew:
		return false
	case f.Assigned > 0 && e.Finished > (f.Assigned+int64(f.Elapsed))*1000+clockSkew:
		return false
	case e.Units == 0 || f.Units > e.Units:
		return false
	case f.Processors > 0:
		return e.Units <= (uint64(took)/1000+1)*uint64(f.Processors)
	default:
		return e.Units/fastest <= uint64(took)
	}
}
