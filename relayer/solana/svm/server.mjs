// SPDX-License-Identifier: Apache-2.0

// A Solana JSON-RPC over LiteSVM, the real Solana runtime in one process, for
// tests and local networks. Usage:
//
//   node server.mjs --modules DIR [--port N] [--slot-ms N] [--confirmed-after N]
//     [--finalized-after N] [--skip-every N] [--genesis TEXT] [--attached]
//
// DIR holds node_modules with litesvm. It listens on 127.0.0.1 and prints one
// line, its URL, when it is ready. Attached, it ends when its standard input does.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Chain } from "./chain.mjs";
import { HangUp, methods, RPCError } from "./rpc.mjs";

const maxBody = 1 << 20;

const { values } = parseArgs({
  options: {
    modules: { type: "string" },
    port: { type: "string", default: "0" },
    "slot-ms": { type: "string", default: "400" },
    "confirmed-after": { type: "string", default: "1" },
    "finalized-after": { type: "string", default: "32" },
    "skip-every": { type: "string", default: "0" },
    genesis: { type: "string", default: "cupel" },
    attached: { type: "boolean", default: false },
  },
});
if (!values.modules) {
  console.error("--modules is missing: it names the folder that holds node_modules with litesvm");
  process.exit(2);
}

// The class below the package's TypeScript layer takes transactions as bytes.
const runtime = createRequire(join(resolve(values.modules), "package.json"))("litesvm/dist/internal.js");
const chain = new Chain(runtime, {
  slotMs: Number(values["slot-ms"]),
  confirmedAfter: Number(values["confirmed-after"]),
  finalizedAfter: Number(values["finalized-after"]),
  skipEvery: Number(values["skip-every"]),
  genesis: values.genesis,
});
const handlers = methods(chain);

function answer({ id = null, method, params = [] }) {
  try {
    if (!Object.hasOwn(handlers, method)) throw new RPCError(-32601, `Method not found: ${method}`);
    return { jsonrpc: "2.0", id, result: handlers[method](...params) ?? null };
  } catch (err) {
    if (err instanceof HangUp) throw err;
    return { jsonrpc: "2.0", id, error: { code: err.code ?? -32603, message: err.message, data: err.data } };
  }
}

async function body(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > maxBody) throw new Error("request is too large");
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString());
}

const server = createServer(async (request, response) => {
  try {
    const call = await body(request);
    const result = Array.isArray(call) ? call.map(answer) : answer(call);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(result));
  } catch (err) {
    if (err instanceof HangUp) {
      request.socket.destroy();
      return;
    }
    response.statusCode = 400;
    response.end(JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32700, message: err.message } }));
  }
});
server.listen(Number(values.port), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));

if (values.attached) process.stdin.on("end", () => process.exit(0)).resume();
