// SPDX-License-Identifier: Apache-2.0

// The official client, used as its users do. Usage: node client.mjs SCENARIO;
// OPENAI_BASE_URL and OPENAI_API_KEY name the server. Prints one JSON line.
import OpenAI from "openai";

const client = new OpenAI({ maxRetries: 0 });
const [scenario, ...args] = process.argv.slice(2);
const ask = (content, more) => ({ model: "tiny", messages: [{ role: "user", content }], max_tokens: 8, ...more });

const scenarios = {
  // What a user sees: the list, a chat, a stream with and without usage.
  async tour() {
    const models = [];
    for await (const m of client.models.list()) models.push(m.id);
    const one = await client.models.retrieve("tiny");
    const { data: chat, response } = await client.chat.completions.create(ask("hello")).withResponse();
    const stream = async (more) => {
      const got = { pieces: 0, text: "", finish: null, usage: null };
      for await (const chunk of await client.chat.completions.create(ask("hello", { stream: true, ...more }))) {
        const choice = chunk.choices[0];
        if (choice?.delta?.content) got.pieces++;
        got.text += choice?.delta?.content ?? "";
        got.finish ??= choice?.finish_reason ?? null;
        if (chunk.usage) got.usage = chunk.usage;
      }
      return got;
    };
    return {
      models, object: one.object, chat, request_id: chat._request_id,
      price: response.headers.get("cupel-price"), used: response.headers.get("cupel-used"),
      stream: await stream(), counted: await stream({ stream_options: { include_usage: true } }),
      two: (await client.chat.completions.create(ask([{ type: "text", text: "hello" }], { n: 1, temperature: 0 }))).choices.length,
    };
  },

  // What the client makes of errors: its class, and the fields of the body.
  async error(kind, param) {
    const calls = {
      chat: () => client.chat.completions.create(ask("hello")),
      stream: () => client.chat.completions.create(ask("hello", { stream: true })),
      model: () => client.chat.completions.create(ask("hello", { model: param })),
      fault: () => client.chat.completions.create(ask(`fault ${param}`)),
      image: () => client.chat.completions.create(ask([{ type: "image_url", image_url: { url: "http://127.0.0.1/" } }])),
      embeddings: () => client.embeddings.create({ model: "tiny", input: "a" }),
    };
    try {
      await calls[kind]();
      return { thrown: null };
    } catch (e) {
      return { thrown: e.constructor.name, status: e.status, code: e.code, type: e.type, param: e.param, message: e.message, cupel: e.error?.cupel, request_id: e.requestID };
    }
  },

  // Many calls, some at once.
  async many(count, lanes) {
    const totals = { calls: 0, prompt_tokens: 0, completion_tokens: 0 };
    let left = Number(count);
    const lane = async () => {
      while (left-- > 0) {
        const { usage } = await client.chat.completions.create(ask("hi", { max_tokens: 1 }));
        totals.calls++;
        totals.prompt_tokens += usage.prompt_tokens;
        totals.completion_tokens += usage.completion_tokens;
      }
    };
    await Promise.all(Array.from({ length: Number(lanes) }, lane));
    return totals;
  },
};

console.log(JSON.stringify(await scenarios[scenario](...args)));
