// SPDX-License-Identifier: Apache-2.0

// Transaction errors and fees of the runtime's results. The package gives the
// names of errors, and the fee, only in the text of a result.

// Returns the error in the JSON form of Solana's RPC: a name, or an object for
// an error of an instruction.
export function errorOf(result) {
  const [, name, index, inner, code] = /\berr: (\w+)(?:\((\d+), (\w+)(?:\((\d+)\))?\))?/.exec(result.toString()) ?? [];
  if (!name) throw new Error(`the runtime's result names no error: ${result}`);
  if (name !== "InstructionError") return name;
  return { InstructionError: [Number(index), code === undefined ? inner : { [inner]: Number(code) }] };
}

export function feeOf(meta) {
  const found = /\bfee: (\d+)/.exec(meta.toString());
  if (!found) throw new Error("the runtime's result names no fee");
  return Number(found[1]);
}
