import { createHash } from "node:crypto";

/** A unit vector that follows from the text: the same text, the same direction. */
export function embed(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  // A linear congruential generator started by the text's digest: plain, fast and the same on every machine.
  let state = createHash("sha256").update(text).digest().readUInt32LE(0) || 1;
  let squares = 0;
  for (let index = 0; index < dimensions; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const value = state / 2 ** 31 - 1;
    vector[index] = value;
    squares += value * value;
  }
  const length = Math.sqrt(squares);
  return vector.map((value) => value / length);
}

/** Little-endian float32, in base64. */
export const toBase64 = (vector: Float32Array): string =>
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");

/** Rounded to what float32 holds, so that JSON stays short. */
export const toNumbers = (vector: Float32Array): number[] =>
  Array.from(vector, (value) => Number(value.toPrecision(8)));
