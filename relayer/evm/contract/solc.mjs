#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The compiler of the npm package behind the two calls of a native solc that
// forge and gen make: --version and --standard-json.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const npm = fileURLToPath(new URL("../../../build/npm", import.meta.url));
const solc = createRequire(`${npm}/`)("solc");

// Imports of what the input does not hold come from the installed packages.
function library(name) {
  try {
    return { contents: readFileSync(`${npm}/node_modules/${name}`, "utf8") };
  } catch (error) {
    return { error: error.message };
  }
}

if (process.argv.includes("--version")) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else if (process.argv.includes("--standard-json")) {
  process.stdout.write(solc.compile(readFileSync(0, "utf8"), { import: library }));
} else {
  console.error("usage: solc.mjs --version | --standard-json < input.json");
  process.exit(2);
}
