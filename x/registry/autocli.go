// SPDX-License-Identifier: Apache-2.0

package registry

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/cupel-network/cupel/x/registry/types"
)

const (
	createModelExample = `cupeld tx registry create-model lab/llama-8b '{"content_hash": "<base64 of the sha256>", "uri": "https://…"}' --royalty-bps 100 --from lab`
	mergeModelsExample = `cupeld tx registry merge-models 1 '{"content_hash": "…"}' --parents '{"model": "1", "version": 2}' --parents '{"model": "2", "version": 1}' --from lab`
	forkModelExample   = `cupeld tx registry fork-model '{"model": "1", "version": 2}' lab/fork '{"content_hash": "…"}' --from lab`
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
				{RpcMethod: "Model", Use: "model MODEL", Short: "Show a model", PositionalArgs: args("model")},
				{RpcMethod: "Models", Use: "models", Short: "List models, of one owner with --owner"},
				{RpcMethod: "ModelVersion", Use: "model-version MODEL VERSION", Short: "Show a version of a model", PositionalArgs: args("model", "version")},
				{RpcMethod: "ModelVersions", Use: "model-versions MODEL", Short: "List the versions of a model", PositionalArgs: args("model")},
				{RpcMethod: "Lineage", Use: "lineage MODEL VERSION", Short: "List what a version was made from, nearest first", PositionalArgs: args("model", "version")},
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
				{RpcMethod: "CreateModel", Use: "create-model NAME CONTENT", Short: "Make a model with its first version", Example: createModelExample, PositionalArgs: args("name", "content")},
				{RpcMethod: "PublishVersion", Use: "publish-version MODEL CONTENT", Short: "Add a version to a model", PositionalArgs: args("model", "content")},
				{RpcMethod: "ForkModel", Use: "fork-model PARENT NAME CONTENT", Short: "Make a model out of a version of another", Example: forkModelExample, PositionalArgs: args("parent", "name", "content")},
				{RpcMethod: "MergeModels", Use: "merge-models MODEL CONTENT", Short: "Add a version that was made from several, each named by --parents", Example: mergeModelsExample, PositionalArgs: args("model", "content")},
				{RpcMethod: "RollbackModel", Use: "rollback-model MODEL VERSION", Short: "Publish the content of an older version again", PositionalArgs: args("model", "version")},
				{RpcMethod: "SignVersion", Use: "sign-version MODEL VERSION", Short: "Sign a version as one of its signers", PositionalArgs: args("model", "version")},
				{RpcMethod: "UpdateModel", Use: "update-model MODEL ROYALTY_BPS", Short: "Replace the royalty and, with --signers, the signers of versions to come", PositionalArgs: args("model", "royalty_bps")},
				{RpcMethod: "TransferModel", Use: "transfer-model MODEL OWNER", Short: "Give a model to another account", PositionalArgs: args("model", "new_owner")},
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
