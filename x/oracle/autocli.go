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
			Service:           types.Query_serviceDesc.ServiceName,
			RpcCommandOptions: append(append(epochQueries(), checkpointQueries()...), circuitQueries()...),
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service: types.Msg_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{
					RpcMethod: "UpdateParams", Use: "update-params-proposal <params>",
					Short:          "Submit a proposal that replaces the params of x/oracle",
					Example:        `cupeld tx oracle update-params-proposal "$(cupeld query oracle params -o json | jq -c '.params + {"checkpoint_blocks": "120"}')" --title … --deposit 1000000ucupel`,
					PositionalArgs: args("params"), GovProposal: true,
				},
				{
					RpcMethod: "ForceSeal", Use: "force-seal-proposal <nonce>",
					Short:          "Submit a proposal that seals the lowest unsealed header without signatures",
					Long:           "For a set that has lost more than a third of its keys. Mirrors do not follow: their owner must install the next set.",
					Example:        "cupeld tx oracle force-seal-proposal 42 --title … --deposit 1000000ucupel",
					PositionalArgs: args("nonce"), GovProposal: true,
				},
				{
					RpcMethod: "RegisterCircuit", Use: "register-circuit <name> <inputs> <key>",
					Short:          "Register a Groth16 circuit by its verifying key, for the fee of the params",
					Long:           "The key is gnark's raw encoding (WriteRawTo) of a BN254 verifying key without commitments: hex, base64 or a file.",
					Example:        "cupeld tx oracle register-circuit cube/v1 6 ./verifying.key --from owner",
					PositionalArgs: args("name", "inputs", "key"),
				},
				{
					RpcMethod: "AuditCircuit", Use: "audit-circuit-proposal <circuit> <audited> <note>",
					Short:          "Submit a proposal that marks a circuit as audited, or takes the mark back",
					Example:        "cupeld tx oracle audit-circuit-proposal 1 true https://audits.example.com/1 --title … --deposit 1000000ucupel",
					PositionalArgs: args("circuit", "audited", "note"), GovProposal: true,
				},
				// cupeld attest makes the proofs and signatures of these.
				{RpcMethod: "RegisterAttestor", Skip: true},
				{RpcMethod: "RotateAttestorKey", Skip: true},
				{RpcMethod: "Attest", Skip: true},
				{RpcMethod: "SubmitEvidence", Skip: true},
			},
		},
	}
}

func epochQueries() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{RpcMethod: "Params", Use: "params", Short: "Query the params of epochs, checkpoints and attestors"},
		{RpcMethod: "Epoch", Use: "epoch", Short: "Query the current epoch"},
		{
			RpcMethod: "Seed", Use: "seed <epoch>", Short: "Query the seed of an epoch that is still in state",
			PositionalArgs: args("epoch"),
		},
	}
}

func checkpointQueries() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{RpcMethod: "Line", Use: "line", Short: "Query how far the headers are: made, sealed, and the leaves that wait"},
		{RpcMethod: "Attestors", Use: "attestors", Short: "List the attestors", Example: "cupeld query oracle attestors --page-limit 10"},
		{
			RpcMethod: "Attestor", Use: "attestor <operator>", Short: "Query the attestor of a validator's operator account",
			Example: "cupeld query oracle attestor $(cupeld keys show validator -a)", PositionalArgs: args("operator"),
		},
		{RpcMethod: "AttestorSets", Use: "attestor-sets", Short: "List the sets of attestors by id"},
		{
			RpcMethod: "AttestorSet", Use: "attestor-set <id>", Short: "Query a set of attestors with their frozen power",
			Example: "cupeld query oracle attestor-set 1", PositionalArgs: args("id"),
		},
		{
			RpcMethod: "Checkpoints", Use: "checkpoints", Short: "List checkpoints and set changes by nonce",
			Example: "cupeld query oracle checkpoints --page-reverse --page-limit 5",
		},
		{
			RpcMethod: "Checkpoint", Use: "checkpoint <nonce>", Short: "Query a checkpoint or set change",
			Example: "cupeld query oracle checkpoint 42", PositionalArgs: args("nonce"),
		},
		{
			RpcMethod: "Signatures", Use: "signatures <nonce>", Short: "Query the fewest signatures that seal a header, with its set",
			Example: "cupeld query oracle signatures 42 --all", PositionalArgs: args("nonce"),
		},
		{
			RpcMethod: "Leaves", Use: "leaves <nonce>", Short: "List the leaves of a checkpoint in the order of settlement",
			Example: "cupeld query oracle leaves 42 --offset 4096", PositionalArgs: args("nonce"),
		},
		{
			RpcMethod: "Proof", Use: "proof <task>", Short: "Query the leaves of a settled task with their Merkle proofs",
			Example: "cupeld query oracle proof 4096 --settled-height 1234", PositionalArgs: args("task"),
			FlagOptions: map[string]*autocliv1.FlagOptions{
				"height": {Name: "settled-height", Usage: "height of the block in which the task settled; without it only the newest leaves are searched"},
			},
		},
		{
			RpcMethod: "Duties", Use: "duties <account>", Short: "List the headers that an attestor has still to sign, oldest first",
			Example: "cupeld query oracle duties $(cupeld keys show hot -a)", PositionalArgs: args("account"),
		},
	}
}

func circuitQueries() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{RpcMethod: "Circuits", Use: "circuits", Short: "List the circuits by id"},
		{
			RpcMethod: "Circuit", Use: "circuit <id>", Short: "Query a circuit with its verifying key",
			Example: "cupeld query oracle circuit 1", PositionalArgs: args("circuit"),
		},
	}
}

func args(fields ...string) []*autocliv1.PositionalArgDescriptor {
	out := make([]*autocliv1.PositionalArgDescriptor, len(fields))
	for i, field := range fields {
		out[i] = &autocliv1.PositionalArgDescriptor{ProtoField: field}
	}
	return out
}
