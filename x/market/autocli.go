// SPDX-License-Identifier: Apache-2.0

package market

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/cupel-network/cupel/x/market/types"
)

// AutoCLIOptions implements autocli.HasAutoCLIConfig. Messages that hold lists
// of records have commands of their own, those of governance have none.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: types.Query_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{
					RpcMethod: "Params", Use: "params [VERSION]", Short: "Show the params, or an older version of them",
					// Not a flag: config.toml has a key called version, which would set it.
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "version", Optional: true}},
				},
				{RpcMethod: "Batch", Use: "batch BATCH", Short: "Show a batch and where its coins went", PositionalArgs: args("batch")},
				{RpcMethod: "Batches", Use: "batches", Short: "List batches, of one requester with --requester"},
				{RpcMethod: "Lot", Use: "lot BATCH LOT", Short: "Show a lot with its seats", PositionalArgs: args("batch", "lot")},
				{RpcMethod: "Task", Use: "task TASK", Short: "Show a task", PositionalArgs: args("task")},
				{RpcMethod: "Tasks", Use: "tasks BATCH", Short: "List the tasks of a batch", PositionalArgs: args("batch")},
				{RpcMethod: "Manifest", Use: "manifest BATCH", Short: "Show the inline manifest of a batch", PositionalArgs: args("batch")},
				{RpcMethod: "Work", Use: "work PROVIDER", Short: "List what awaits a provider", PositionalArgs: args("provider")},
				{RpcMethod: "Case", Use: "case TASK", Short: "Show the audit or dispute of a task", PositionalArgs: args("task")},
				{RpcMethod: "Verdict", Use: "verdict VERDICT", Short: "Show a committee and how it voted", PositionalArgs: args("verdict")},
				{RpcMethod: "VerdictWork", Use: "verdict-work PROVIDER", Short: "List the committees that await a provider", PositionalArgs: args("provider")},
				{RpcMethod: "Claimable", Use: "claimable ACCOUNT", Short: "List what an account can claim", PositionalArgs: args("account")},
				{RpcMethod: "Pools", Use: "pools", Short: "List the audit pools"},
				{RpcMethod: "Session", Use: "session SESSION", Short: "Show a session and where its deposit went", PositionalArgs: args("session")},
				{RpcMethod: "Sessions", Use: "sessions", Short: "List sessions, of one party with --requester or --provider"},
				{RpcMethod: "Runway", Use: "runway SESSION", Short: "Estimate how long the deposit of a session lasts", PositionalArgs: args("session")},
				{RpcMethod: "WhyNoMatch", Use: "why-no-match BATCH", Short: "Say what keeps providers away from a batch that waits", PositionalArgs: args("batch")},
				{RpcMethod: "Estimate", Use: "estimate SUBMIT", Short: "Say what a submit, given as JSON, would cost and who could run it", PositionalArgs: args("submit")},
				{
					RpcMethod: "Earnings", Use: "earnings PROVIDER", Short: "List what a provider was paid by day of the market clock", PositionalArgs: args("provider"),
					FlagOptions: map[string]*autocliv1.FlagOptions{"from": {Name: "from-day", Usage: "the first day; without it, all"}},
				},
				{RpcMethod: "Depleting", Use: "depleting", Short: "List sessions by when their deposit is used up"},
			},
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service:              types.Msg_serviceDesc.ServiceName,
			EnhanceCustomCommand: true,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Submit", Skip: true},
				{RpcMethod: "Commit", Skip: true},
				{RpcMethod: "Reveal", Skip: true},
				{RpcMethod: "Prove", Skip: true},
				{RpcMethod: "CommitCase", Skip: true},
				{RpcMethod: "RevealCase", Skip: true},
				{RpcMethod: "Crank", Skip: true},
				{RpcMethod: "UpdateParams", Skip: true},
				{RpcMethod: "EndParams", Skip: true},
				{RpcMethod: "Cancel", Use: "cancel BATCH", Short: "Cancel the lots of a batch that nobody was drawn for", PositionalArgs: args("batch")},
				{RpcMethod: "Challenge", Use: "challenge TASK KIND", Short: "Have an agreed task run again before it is paid", PositionalArgs: args("task", "kind")},
				{RpcMethod: "Appeal", Use: "appeal TASK", Short: "Have a jury hear a decided case", PositionalArgs: args("task")},
				{RpcMethod: "OpenSession", Skip: true},
				{RpcMethod: "Redeem", Skip: true},
				{RpcMethod: "TopUp", Use: "top-up SESSION AMOUNT", Short: "Add to the deposit of a session", PositionalArgs: args("session", "amount")},
				{RpcMethod: "CloseSession", Use: "close-session SESSION", Short: "Close a session", PositionalArgs: args("session")},
				{RpcMethod: "Claim", Use: "claim DENOM", Short: "Claim what could not be sent", PositionalArgs: args("denom")},
			},
		},
	}
}

// args names the fields that a command takes by position.
func args(fields ...string) []*autocliv1.PositionalArgDescriptor {
	out := make([]*autocliv1.PositionalArgDescriptor, len(fields))
	for i, field := range fields {
		out[i] = &autocliv1.PositionalArgDescriptor{ProtoField: field}
	}
	return out
}
