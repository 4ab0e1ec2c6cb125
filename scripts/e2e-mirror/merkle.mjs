// SPDX-License-Identifier: Apache-2.0
// Prints the root and the proofs that @openzeppelin/merkle-tree computes for the
// leaves on standard input.
// Usage: node merkle.mjs node_modules < leaves.json
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const { StandardMerkleTree } = createRequire(`${resolve(process.argv[2])}/`)("@openzeppelin/merkle-tree");
const values = JSON.parse(readFileSync(0, "utf8"));
const types = [
  "uint8", "string", "uint64", "uint32", "bytes", "bytes", "string", "uint256", "bytes32", "uint64", "address", "address",
];
const tree = StandardMerkleTree.of(values, types);
console.log(JSON.stringify({ root: tree.root, proofs: values.map((_, i) => tree.getProof(i)) }));
