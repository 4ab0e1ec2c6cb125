// SPDX-License-Identifier: Apache-2.0

package registry

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/cupel-network/cupel/x/registry/types"
)

// AutoCLIOptions implements autocli.HasAutoCLIConfig. Register and
// UpdateProvider hold lists of records and have commands of their own.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: types.Query_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Params", Use: "params", Short: "Show the params"},
				{RpcMethod: "Clock", Use: "clock", Short: "Show the market clock"},
				{RpcMethod: "Provider", Use: "provider ID|ADDRESS", Short: "Show a provider by id, operator or worker", PositionalArgs: args("provider")},
				{RpcMethod: "Providers", Use: "providers", Short: "List the providers"},
				{RpcMethod: "Classes", Use: "classes", Short: "List the classes"},
				{RpcMethod: "Roster", Use: "roster CLASS", Short: "List who can be drawn in a class", PositionalArgs: args("class")},
				{RpcMethod: "Unbondings", Use: "unbondings ID|ADDRESS", Short: "List what unbonds of a provider", PositionalArgs: args("provider")},
			},
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service:              types.Msg_serviceDesc.ServiceName,
			EnhanceCustomCommand: true,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Register", Skip: true},
				{RpcMethod: "UpdateProvider", Skip: true},
				{RpcMethod: "AddClass", Skip: true},
				{RpcMethod: "UpdateParams", Skip: true},
				{RpcMethod: "RotateWorker", Use: "rotate-worker ADDRESS", Short: "Replace the worker's key", PositionalArgs: args("worker")},
				{RpcMethod: "Bond", Use: "bond AMOUNT", Short: "Add to the bond", PositionalArgs: args("amount")},
				{RpcMethod: "Unbond", Use: "unbond AMOUNT", Short: "Take a part of the bond out after the cooldown", PositionalArgs: args("amount")},
				{RpcMethod: "Heartbeat", Use: "heartbeat", Short: "Say that the worker is alive"},
				{RpcMethod: "Drain", Use: "drain true|false", Short: "Stop or resume taking new work", PositionalArgs: args("drain")},
				{RpcMethod: "Unjail", Use: "unjail", Short: "Bring a jailed provider back"},
				{RpcMethod: "Deregister", Use: "deregister", Short: "Leave for good once no work is open"},
			},
		},
	}
}

func args(fields ...string) []*autocliv1.PositionalArgDescriptor {
	descriptors := make([]*autocliv1.PositionalArgDescriptor, 0, len(fields))
	for _, field := range fields {
		descriptors = append(descriptors, &autocliv1.PositionalArgDescriptor{ProtoField: field})
	}
	return descriptors
}
