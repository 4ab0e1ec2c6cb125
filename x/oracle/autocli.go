// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/cupel-network/cupel/x/oracle/types"
)

// AutoCLIOptions describes the commands that differ from autocli's defaults.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: types.Query_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Params", Use: "params", Short: "Query the length of an epoch and how many seeds are kept"},
				{RpcMethod: "Epoch", Use: "epoch", Short: "Query the current epoch"},
				{
					RpcMethod:      "Seed",
					Use:            "seed <epoch>",
					Short:          "Query the seed of an epoch that is still in state",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "epoch"}},
				},
				{
					// As a flag, height would be taken twice.
					RpcMethod:      "Proof",
					Use:            "proof <task> [height]",
					Short:          "Query the leaves of a task with their proofs",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "task"}, {ProtoField: "height", Optional: true}},
				},
			},
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service: types.Msg_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{{
				RpcMethod:      "UpdateParams",
				Use:            "update-params-proposal <params>",
				Short:          "Submit a proposal that replaces the params of x/oracle",
				Example:        `cupeld tx oracle update-params-proposal '{"epoch_blocks":"30","keep_seeds":"200"}' --title … --deposit 1000000ucupel`,
				PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "params"}},
				GovProposal:    true,
			}},
		},
	}
}
