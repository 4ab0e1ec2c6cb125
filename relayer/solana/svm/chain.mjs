// SPDX-License-Identifier: Apache-2.0

// A Solana ledger around LiteSVM, which executes transactions with the real
// runtime but knows no slots. This file adds what a cluster has around the
// runtime: slots that pass with time, commitment levels, forks, and the queue
// of the last 150 blockhashes.

import { createHash } from "node:crypto";
import { base58 } from "./encoding.mjs";
import { errorOf, feeOf } from "./errors.mjs";

const blockhashAge = 150;
const systemProgram = new Uint8Array(32);

export class Chain {
  #runtime;
  #vm;
  #options;
  #origin; // {time, slot}: slots are counted from here
  #forks = [{ height: 0, id: 0 }];
  #snapshots = []; // {slot, bytes}: the state before the slot's first change
  #finalized = 0;
  #hashes = new Map();
  frozen = false;
  records = []; // {signature, slot, err, raw, keys, meta}, oldest first
  index = new Map(); // signature -> record

  constructor(runtime, options) {
    this.#runtime = runtime;
    this.#options = options;
    this.#vm = this.#configure(new runtime.LiteSvm());
    this.#origin = { time: Date.now(), slot: 1000 };
    this.genesis = base58(digest("genesis", options.genesis));
  }

  #configure(vm) {
    vm.setSigverify(true);
    // The runtime knows one blockhash only; #known checks the last 150.
    vm.setBlockhashCheck(false);
    return vm;
  }

  slot(commitment = "processed") {
    const passed = Math.floor((Date.now() - this.#origin.time) / this.#options.slotMs);
    const now = this.#produced(this.#origin.slot + passed);
    if (!this.frozen) this.#finalized = Math.max(this.#finalized, now - this.#options.finalizedAfter);
    if (commitment === "processed") return now;
    if (commitment === "confirmed") return Math.max(now - this.#options.confirmedAfter, this.#finalized);
    return this.#finalized;
  }

  // Every skipEvery-th slot has no block: its transactions are in the one before.
  #produced(slot) {
    const every = this.#options.skipEvery;
    return every > 0 && slot % every === every - 1 ? slot - 1 : slot;
  }

  height(slot) {
    const every = this.#options.skipEvery;
    return every > 0 ? slot - Math.floor((slot + 1) / every) : slot;
  }

  blockhash(commitment) {
    const height = this.height(this.slot(commitment));
    return { blockhash: base58(this.#hash(height)), lastValidBlockHeight: height + blockhashAge };
  }

  #hash(height) {
    const fork = this.#forks.findLast((f) => f.height <= height);
    return digest("block", this.genesis, fork.id, height);
  }

  // Whether a transaction with this blockhash may still land.
  known(blockhash) {
    const newest = this.height(this.slot());
    for (let height = newest; height >= newest - blockhashAge; height--) {
      const key = `${this.#forks.findLast((f) => f.height <= height).id}/${height}`;
      if (!this.#hashes.has(key)) this.#hashes.set(key, base58(this.#hash(height)));
      if (this.#hashes.get(key) === blockhash) return true;
    }
    return false;
  }

  // Tries a transaction out; returns its error, or undefined.
  simulate(tx) {
    if (this.index.has(tx.signature)) return { err: "AlreadyProcessed", logs: [] };
    if (!this.known(tx.blockhash)) return { err: "BlockhashNotFound", logs: [] };
    const result = tx.version === "legacy" ? this.#vm.simulateLegacyTransaction(tx.raw) : this.#vm.simulateVersionedTransaction(tx.raw);
    const failed = result instanceof this.#runtime.FailedTransactionMetadata;
    return failed ? { err: errorOf(result), logs: result.meta().logs() } : undefined;
  }

  // Executes a transaction in the current slot. What a block cannot contain,
  // such as a transaction with an expired blockhash, leaves no trace.
  execute(tx) {
    if (this.index.has(tx.signature) || !this.known(tx.blockhash)) return;
    const slot = this.slot();
    this.#snapshot(slot);
    this.#vm.warpToSlot(BigInt(slot));
    const result = tx.version === "legacy" ? this.#vm.sendLegacyTransaction(tx.raw) : this.#vm.sendVersionedTransaction(tx.raw);
    const failed = result instanceof this.#runtime.FailedTransactionMetadata;
    const err = failed ? errorOf(result) : null;
    if (typeof err === "string") return; // not an error of an instruction: no block contains it
    const meta = failed ? result.meta() : result;
    this.#record({
      signature: tx.signature, slot, err, raw: tx.raw, keys: tx.keys, version: tx.version,
      fee: feeOf(meta), logs: meta.logs(), units: Number(meta.computeUnitsConsumed()), time: Math.floor(Date.now() / 1000),
    });
  }

  #record(record) {
    this.records.push(record);
    this.index.set(record.signature, record);
  }

  #snapshot(slot) {
    const keepFrom = this.slot("finalized");
    this.#snapshots = this.#snapshots.filter((s) => s.slot > keepFrom);
    if (this.#snapshots.at(-1)?.slot !== slot) this.#snapshots.push({ slot, bytes: this.#vm.toBytes() });
  }

  balance(key) {
    return Number(this.#vm.getBalance(key) ?? 0n);
  }

  rent(size) {
    return Number(this.#vm.minimumBalanceForRentExemption(BigInt(size)));
  }

  setBalance(key, lamports) {
    const slot = this.slot();
    this.#snapshot(slot);
    this.#vm.setAccount(key, new this.#runtime.Account(BigInt(lamports), new Uint8Array(), systemProgram, false, 0n));
    const signature = base58(Buffer.concat([digest("funding", slot, this.records.length), digest(base58(key), lamports)]));
    this.#record({ signature, slot, err: null, keys: [], fee: 0, logs: [], units: 0 });
    return signature;
  }

  // Lets so many slots pass at once.
  skip(slots) {
    this.#origin.slot += slots;
  }

  // Replaces the newest slots by a fork in which nothing happened. What is
  // finalized stays.
  rollback(slots) {
    const keep = this.slot() - slots;
    if (keep < this.slot("finalized")) throw new Error(`slot ${keep} is finalized, only later ones can be rolled back`);
    const first = this.#snapshots.findIndex((s) => s.slot > keep);
    const dropped = this.records.filter((r) => r.slot > keep);
    if (first >= 0) {
      this.#vm = this.#configure(this.#runtime.LiteSvm.fromBytes(this.#snapshots[first].bytes));
      this.#snapshots.length = first;
    }
    this.records = this.records.filter((r) => r.slot <= keep);
    for (const { signature } of dropped) this.index.delete(signature);
    this.#forks.push({ height: this.height(keep) + 1, id: this.#forks.length });
    return dropped.map((r) => r.signature);
  }
}


function digest(...parts) {
  return createHash("sha256").update(parts.join("/")).digest();
}
