// SPDX-License-Identifier: Apache-2.0

package reputation

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/cupel-network/cupel/x/reputation/types"
)

// AutoCLIOptions describes the commands that differ from autocli's defaults.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: types.Query_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Params", Use: "params", Short: "Query the table of levels and how scores are computed"},
				{
					RpcMethod:      "Standing",
					Use:            "standing <provider> <class>",
					Short:          "Query score, level and audit rate of a provider in a class, by their ids",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "provider"}, {ProtoField: "class"}},
				},
				{
					RpcMethod:      "Ranking",
					Use:            "ranking <class>",
					Short:          "List the providers of a class, given by its id, best score first",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "class"}},
				},
				{
					RpcMethod:      "Leaderboard",
					Use:            "leaderboard <class>",
					Short:          "List what the providers of a class, given by its id, are worth now, in the order of the ranking",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "class"}},
				},
				{
					RpcMethod:      "Requester",
					Use:            "requester <address>",
					Short:          "Query the score of a requester and what it rests on",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "address"}},
				},
			},
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service: types.Msg_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{{
				RpcMethod:      "UpdateParams",
				Use:            "update-params-proposal <params>",
				Short:          "Submit a proposal that replaces the params of x/reputation",
				PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "params"}},
				GovProposal:    true,
			}},
		},
	}
}
