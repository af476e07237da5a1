/** The part of Node's crypto that workerd offers under `nodejs_compat` and we use; workers-types does not declare it. */
declare module "node:crypto" {
  interface ScryptOptions {
    N: number;
    r: number;
    p: number;
    /** Bytes. */
    maxmem: number;
  }
  export function scrypt(
    password: Uint8Array,
    salt: Uint8Array,
    keyLength: number,
    options: ScryptOptions,
    callback: (error: Error | null, derivedKey: Uint8Array) => void,
  ): void;
}
