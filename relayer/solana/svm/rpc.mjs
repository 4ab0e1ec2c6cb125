// SPDX-License-Identifier: Apache-2.0

// The methods of Solana's JSON-RPC that mirrors use, and controls for tests
// under the prefix svm_.


import { fromBase58, parse } from "./encoding.mjs";

const packetSize = 1232;
const order = { processed: 0, confirmed: 1, finalized: 2 };

export class RPCError extends Error {
  constructor(code, message, data) {
    super(message);
    Object.assign(this, { code, data });
  }
}

// Thrown to close the connection without an answer.
export class HangUp extends Error {}

export function methods(chain) {
  const faults = { drop: 0, fail: [] };
  return { ...reads(chain), ...history(chain), ...writes(chain, faults), ...controls(chain, faults) };
}

function commitmentOf(options, fallback = "finalized") {
  const level = options?.commitment ?? fallback;
  if (!(level in order)) throw new RPCError(-32602, `unknown commitment ${level}`);
  return level;
}

function context(chain, value, commitment = "processed") {
  return { context: { apiVersion: "3.0.0", slot: chain.slot(commitment) }, value };
}

function key(text) {
  try {
    return fromBase58(text, 32);
  } catch (err) {
    throw new RPCError(-32602, `Invalid param: ${err.message}`);
  }
}

function reads(chain) {
  return {
    getHealth: () => "ok",
    getVersion: () => ({ "solana-core": "3.0.0", "feature-set": 0 }),
    getGenesisHash: () => chain.genesis,
    getSlot: (options) => chain.slot(commitmentOf(options)),
    getBlockHeight: (options) => chain.height(chain.slot(commitmentOf(options))),
    getEpochInfo: (options) => {
      const absoluteSlot = chain.slot(commitmentOf(options));
      return { absoluteSlot, blockHeight: chain.height(absoluteSlot), epoch: 0, slotIndex: absoluteSlot, slotsInEpoch: 432000, transactionCount: chain.records.length };
    },
    getLatestBlockhash: (options) => context(chain, chain.blockhash(commitmentOf(options)), commitmentOf(options)),
    isBlockhashValid: (hash, options) => context(chain, chain.known(hash), commitmentOf(options)),
    getBalance: (account, options) => context(chain, chain.balance(key(account)), commitmentOf(options)),
    getMinimumBalanceForRentExemption: (size) => chain.rent(size),
  };
}

function history(chain) {
  const reached = (record, commitment) => record.slot <= chain.slot(commitment);
  const statusOf = (record) => ["finalized", "confirmed", "processed"].find((level) => reached(record, level));
  const settled = (options) => {
    const level = commitmentOf(options);
    if (level === "processed") throw new RPCError(-32602, "Method does not support commitment below `confirmed`");
    return level;
  };
  return {
    getSignatureStatuses: (signatures) => {
      if (signatures.length > 256) throw new RPCError(-32602, "Too many inputs provided; max 256");
      return context(chain, signatures.map((signature) => {
        const record = chain.index.get(signature);
        if (!record) return null;
        const confirmationStatus = statusOf(record);
        return {
          slot: record.slot, err: record.err, status: record.err ? { Err: record.err } : { Ok: null }, confirmationStatus,
          confirmations: confirmationStatus === "finalized" ? null : chain.slot() - record.slot,
        };
      }));
    },
    getSignaturesForAddress: (address, options) => {
      const level = settled(options);
      key(address);
      const found = chain.records.filter((r) => r.keys.includes(address) && reached(r, level)).reverse();
      const limit = options?.limit ?? 1000;
      if (limit < 1 || limit > 1000) throw new RPCError(-32602, "Invalid limit; max 1000");
      // A signature that is not known here starts, or ends, nowhere.
      const start = options?.before ? found.findIndex((r) => r.signature === options.before) + 1 : 0;
      if (options?.before && start === 0) return [];
      const stop = options?.until ? found.findIndex((r) => r.signature === options.until) : -1;
      return found.slice(start, stop < 0 ? undefined : stop).slice(0, limit).map((r) => ({
        signature: r.signature, slot: r.slot, err: r.err, memo: null, blockTime: r.time, confirmationStatus: statusOf(r),
      }));
    },
    getTransaction: (signature, options) => {
      const record = chain.index.get(signature);
      if (!record?.raw || !reached(record, settled(options))) return null;
      if ((options?.encoding ?? "json") !== "base64") throw new RPCError(-32602, "this server encodes in base64 only");
      if (record.version === 0 && options?.maxSupportedTransactionVersion === undefined) {
        throw new RPCError(-32015, "Transaction version (0) is not supported by the requesting client");
      }
      return {
        slot: record.slot, blockTime: record.time, version: record.version,
        transaction: [Buffer.from(record.raw).toString("base64"), "base64"],
        meta: {
          err: record.err, status: record.err ? { Err: record.err } : { Ok: null }, fee: record.fee,
          logMessages: record.logs, computeUnitsConsumed: record.units,
        },
      };
    },
  };
}

function writes(chain, faults) {
  return {
    requestAirdrop: (account, lamports) => chain.setBalance(key(account), chain.balance(key(account)) + lamports),
    sendTransaction: (text, options) => {
      if ((options?.encoding ?? "base58") !== "base64") throw new RPCError(-32602, "this server reads base64 only");
      const raw = Buffer.from(text, "base64");
      if (raw.length > packetSize) throw new RPCError(-32602, `base64 encoded transaction too large: ${raw.length} bytes (max: ${packetSize} bytes)`);
      let tx;
      try {
        tx = parse(raw);
      } catch (err) {
        throw new RPCError(-32602, `failed to deserialize transaction: ${err.message}`);
      }
      const fault = faults.fail.shift();
      if (fault === "refuse") throw new RPCError(-32005, "Node is behind by 200 slots", { numSlotsBehind: 200 });
      if (fault === "lose") throw new HangUp();
      if (!options?.skipPreflight) {
        const failed = chain.simulate(tx);
        if (failed) throw new RPCError(-32002, `Transaction simulation failed: ${JSON.stringify(failed.err)}`, failed);
      }
      if (faults.drop > 0) {
        faults.drop--;
        return tx.signature;
      }
      chain.execute(tx);
      if (fault === "land") throw new HangUp();
      return tx.signature;
    },
  };
}

function controls(chain, faults) {
  return {
    svm_expireBlockhash: () => chain.skip(160),
    svm_dropNext: (count) => void (faults.drop = count),
    svm_failNext: (count, mode) => {
      if (!["refuse", "lose", "land"].includes(mode)) throw new RPCError(-32602, `mode ${mode} is not refuse, lose or land`);
      for (let i = 0; i < count; i++) faults.fail.push(mode);
    },
    svm_rollback: (slots) => chain.rollback(slots),
    svm_freezeFinality: (frozen) => void (chain.frozen = frozen),
    svm_setBalance: (account, lamports) => chain.setBalance(key(account), lamports),
  };
}
