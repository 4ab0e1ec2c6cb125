// SPDX-License-Identifier: Apache-2.0
// Prints what @openzeppelin/merkle-tree computes for the vectors of ADR-002:
// the hash of each leaf, and of each tree the root and the proofs.
// Usage: node merkle.mjs node_modules vectors.json
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [modules, file] = process.argv.slice(2);
const { StandardMerkleTree } = createRequire(`${resolve(modules)}/`)("@openzeppelin/merkle-tree");
const { leaves, trees } = JSON.parse(readFileSync(file, "utf8"));

const types = [
  "uint8", "string", "uint64", "uint32", "bytes", "bytes", "string", "uint256", "bytes32", "uint64", "address", "address",
];
const hex = (base64) => `0x${Buffer.from(base64, "base64").toString("hex")}`;
const values = leaves.map(({ leaf }) => [
  leaf.version, leaf.home_chain, leaf.task, leaf.attempt, hex(leaf.provider), hex(leaf.requester), leaf.denom, leaf.amount,
  leaf.result, leaf.dest_chain, leaf.vault, leaf.to,
]);

const all = StandardMerkleTree.of(values, types);
const result = {
  leaves: values.map((value) => all.leafHash(value)),
  trees: trees.map(({ leaves: n }) => {
    const tree = StandardMerkleTree.of(values.slice(0, n), types);
    return { root: tree.root, proofs: values.slice(0, n).map((_, i) => tree.getProof(i)) };
  }),
};
console.log(JSON.stringify(result));
