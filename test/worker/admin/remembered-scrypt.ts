import type { BinaryLike, ScryptOptions } from "node:crypto";
import { vi } from "vitest";

/**
 * scrypt that remembers what it has derived. It is a function of its arguments, made to take a tenth of a second of a core;
 * tests of accounts sign the same people in hundreds of times.
 */
vi.mock("node:crypto", async (importOriginal) => {
  const original = await importOriginal<typeof import("node:crypto")>();
  const derived = new Map<string, Promise<Buffer>>();
  const text = (input: BinaryLike): string => Buffer.from(input as Uint8Array).toString("base64");
  type Done = (error: Error | null, hash: Buffer) => void;
  const scrypt = (password: BinaryLike, salt: BinaryLike, bytes: number, options: ScryptOptions, done: Done) => {
    const key = JSON.stringify([text(password), text(salt), bytes, options]);
    const hash =
      derived.get(key) ??
      new Promise<Buffer>((resolve, reject) => {
        original.scrypt(password, salt, bytes, options, (error, made) => (error ? reject(error) : resolve(made)));
      });
    derived.set(key, hash);
    hash.then(
      (made) => done(null, made),
      (error: Error) => done(error, Buffer.alloc(0)),
    );
  };
  return { ...original, scrypt };
});
