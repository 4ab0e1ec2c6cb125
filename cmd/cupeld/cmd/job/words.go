// SPDX-License-Identifier: Apache-2.0

package job

import (
	"strings"

	markettypes "github.com/cupel-network/cupel/x/market/types"
)

// stateName is the state without the prefix of the enum: AGREED.
func stateName(s markettypes.TaskState) string {
	return strings.TrimPrefix(markettypes.TaskState_name[int32(s)], "TASK_STATE_")
}

// reasonName is empty where there is no reason.
func reasonName(r markettypes.Reason) string {
	if r == markettypes.ReasonNone {
		return ""
	}
	return strings.TrimPrefix(markettypes.Reason_name[int32(r)], "REASON_")
}

// outcomeName is empty where there is no outcome.
func outcomeName(o markettypes.Outcome) string {
	if o == markettypes.OutcomeUnspecified {
		return ""
	}
	return strings.TrimPrefix(markettypes.Outcome_name[int32(o)], "OUTCOME_")
}

var reasonWords = map[markettypes.Reason]string{
	markettypes.ReasonCancelled:        "it was cancelled",
	markettypes.ReasonDeadline:         "no provider took it before the deadline: raise price.max or deadline, or relax requirements",
	markettypes.ReasonNoShow:           "too few of the drawn providers committed a result",
	markettypes.ReasonNoReveal:         "too few of the committed results were revealed",
	markettypes.ReasonNoQuorum:         "the providers did not agree on a result",
	markettypes.ReasonWall:             "two providers reached the wall limit: raise limits.wall",
	markettypes.ReasonStack:            "two providers exhausted the native stack: the program recurses too deep",
	markettypes.ReasonInputUnavailable: "two providers could not fetch the module or an input: check that they are served where the job file says",
	markettypes.ReasonHostError:        "the machines of two providers failed",
	markettypes.ReasonParamsEnded:      "governance ended the params that ruled it",
	markettypes.ReasonAuditUnfilled:    "nobody could audit its only result",
	markettypes.ReasonVoided:           "its providers were found wrong in another task",
}

var outcomeWords = map[markettypes.Outcome]string{
	markettypes.OutcomeExit:        "the program ended with an exit code that is not 0",
	markettypes.OutcomeTrap:        "the program trapped",
	markettypes.OutcomeOutOfFuel:   "the program used all its fuel: raise limits.fuel",
	markettypes.OutcomeMemoryLimit: "the program was refused memory: raise limits.memory, or resources.memory of a container",
}

// failure says why a task did not succeed, or "" if it did or has not ended.
func failure(t markettypes.TaskView) string {
	switch t.State {
	case markettypes.TaskFailed, markettypes.TaskCancelled, markettypes.TaskExpired:
		if words := reasonWords[t.Reason]; words != "" {
			return words
		}
		return "no reason is recorded"
	case markettypes.TaskAgreed, markettypes.TaskSettled:
		return outcomeWords[t.Result.Outcome]
	default:
		return ""
	}
}

// hasResult reports whether the result of a task is known.
func hasResult(t markettypes.TaskView) bool {
	return (t.State == markettypes.TaskAgreed || t.State == markettypes.TaskSettled) && len(t.Result.Digest) == markettypes.HashSize
}
