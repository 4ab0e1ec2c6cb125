// SPDX-License-Identifier: Apache-2.0

// An OpenAI-compatible server before llama.cpp, as llama-server and vLLM are:
// POST /v1/chat/completions with and without a stream, usage counted by the
// tokenizer of the model. Usage: node engine.mjs MODEL; prints its port.
import http from "node:http";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";

const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1, logLevel: LlamaLogLevel.error });
const model = await llama.loadModel({ modelPath: process.argv[2] });
const context = await model.createContext({ contextSize: 1024, sequences: 4, threads: 1 });

// A sequence is one conversation in the memory of the engine.
const free = [];
const waiting = [];
for (let i = 0; i < 4; i++) free.push(context.getSequence());
const take = () => (free.length ? Promise.resolve(free.pop()) : new Promise((ok) => waiting.push(ok)));
const give = (seq) => (waiting.length ? waiting.shift()(seq) : free.push(seq));

class Refused extends Error {}

function promptOf(messages) {
  if (!Array.isArray(messages) || messages.length === 0) throw new Refused("messages is empty");
  const text = (c) => (typeof c === "string" ? c : Array.isArray(c) ? c.map((p) => p.text).join("") : "");
  return messages.map((m) => `${m.role}: ${text(m.content)}\n`).join("") + "assistant:";
}

// generate yields the text of one token after the other.
async function* generate(req, tokens, count, gone) {
  const seq = await take();
  try {
    await seq.clearHistory();
    const options = { temperature: req.temperature ?? 0.8, seed: req.seed ?? 1, topP: req.top_p ?? 0.95 };
    for await (const token of seq.evaluate(tokens, options)) {
      if (gone() || model.isEogToken(token)) {
        count.finish = "stop";
        return;
      }
      count.out++;
      yield model.detokenize([token], false, tokens);
      if (count.out >= req.max_tokens) return;
    }
  } finally {
    give(seq);
  }
}

async function chat(req, res) {
  const tokens = model.tokenize(promptOf(req.messages));
  const limit = context.contextSize / 4;
  if (tokens.length >= limit) throw new Refused(`the prompt has ${tokens.length} tokens, the context ${limit}`);
  req.max_tokens = Math.min(req.max_tokens ?? 128, limit - tokens.length);
  const count = { out: 0, finish: "length" };
  const base = { id: `chatcmpl-${Date.now()}`, created: Math.floor(Date.now() / 1000), model: process.argv[2] };
  const usage = () => ({ prompt_tokens: tokens.length, completion_tokens: count.out, total_tokens: tokens.length + count.out });
  if (!req.stream) {
    let content = "";
    for await (const piece of generate(req, tokens, count, () => res.destroyed)) content += piece;
    res.setHeader("Content-Type", "application/json");
    const choices = [{ index: 0, message: { role: "assistant", content }, logprobs: null, finish_reason: count.finish }];
    res.end(JSON.stringify({ ...base, object: "chat.completion", choices, usage: usage() }));
    return;
  }
  res.setHeader("Content-Type", "text/event-stream");
  const send = (choices, more) =>
    res.write(`data: ${JSON.stringify({ ...base, object: "chat.completion.chunk", choices, ...more })}\n\n`);
  send([{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }]);
  for await (const piece of generate(req, tokens, count, () => res.destroyed))
    send([{ index: 0, delta: { content: piece }, finish_reason: null }]);
  send([{ index: 0, delta: {}, finish_reason: count.finish }]);
  if (req.stream_options?.include_usage) send([], { usage: usage() });
  res.end("data: [DONE]\n\n");
}

function fail(res, status, message) {
  if (res.headersSent) return res.destroy();
  res.writeHead(status, { "Content-Type": "application/json" });
  res.end(JSON.stringify({ error: { message, type: "invalid_request_error", param: null, code: status } }));
}

const server = http.createServer((request, res) => {
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", async () => {
    try {
      if (request.method !== "POST" || request.url !== "/v1/chat/completions") return fail(res, 404, "not found");
      const req = JSON.parse(body);
      // Faults that a server has, on demand.
      const fault = /^fault (\d{3})$/.exec(req.messages?.[0]?.content ?? "");
      if (fault) return fail(res, Number(fault[1]), "on demand");
      await chat(req, res);
    } catch (err) {
      fail(res, err instanceof Refused || err instanceof SyntaxError ? 400 : 500, err.message);
    }
  });
});
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));
process.stdin.on("end", () => process.exit(0)).resume(); // ends with its parent
