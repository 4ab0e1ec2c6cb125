// SPDX-License-Identifier: Apache-2.0

// Base58 and the parts of a transaction that a ledger needs to index it.

const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

export function base58(bytes) {
  let number = BigInt("0x" + (Buffer.from(bytes).toString("hex") || "0"));
  let text = "";
  for (; number > 0n; number /= 58n) text = alphabet[Number(number % 58n)] + text;
  for (const byte of bytes) {
    if (byte !== 0) break;
    text = "1" + text;
  }
  return text;
}

export function fromBase58(text, size) {
  let number = 0n;
  for (const letter of text) {
    const digit = alphabet.indexOf(letter);
    if (digit < 0) throw new Error(`not base58: ${text}`);
    number = number * 58n + BigInt(digit);
  }
  const hex = number.toString(16);
  const bytes = Buffer.from(hex.padStart(2 * size, "0"), "hex");
  if (bytes.length !== size || base58(bytes) !== text) throw new Error(`not ${size} bytes in base58: ${text}`);
  return bytes;
}

// Reads signature, account keys and blockhash of a legacy or v0 transaction.
export function parse(raw) {
  let at = 0;
  const take = (n) => {
    if (at + n > raw.length) throw new Error("transaction ends early");
    return raw.subarray(at, (at += n));
  };
  const length = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = take(1)[0];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
      if (shift === 14) throw new Error("length has more than three bytes");
    }
  };
  const signatures = length();
  if (signatures === 0) throw new Error("transaction has no signature");
  const signature = base58(take(64 * signatures).subarray(0, 64));
  const versioned = raw[at] >= 0x80;
  if (versioned && take(1)[0] !== 0x80) throw new Error("unsupported transaction version");
  take(3);
  const keys = Array.from({ length: length() }, () => base58(take(32)));
  return { raw, signature, keys, blockhash: base58(take(32)), version: versioned ? 0 : "legacy" };
}
