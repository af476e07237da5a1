/** The part of Node's crypto for hashing at once that workerd offers under `nodejs_compat`; workers-types does not declare it. */
declare module "node:crypto" {
  interface Hash {
    update(text: string): Hash;
    digest(encoding: "base64" | "hex"): string;
  }
  export function createHash(algorithm: "sha256"): Hash;
}
