import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { readJsonFile, writePrivateFile } from "./files.ts";

/** What the stack must not lose, since the database has only HMACs and hashes of it. */
export interface Secrets {
  KEY_PEPPER: string;
  MASTER_KEY: string;
  SESSION_SECRET: string;
  SETUP_TOKEN: string;
  appPassword: string;
  ownerPassword: string;
  admin: { email: string; password: string };
  /** From the set-up on. */
  apiKey?: string;
  adminKey?: string;
}

const FILE = "secrets.json";
const secret = (bytes: number): string => randomBytes(bytes).toString("base64url");

/** The secrets of a data directory, made on the first call. What a newer version needs beyond the file is added to it. */
export function loadSecrets(dataDir: string): Secrets {
  const kept = (readJsonFile(join(dataDir, FILE)) ?? {}) as Partial<Secrets>;
  const secrets = {
    KEY_PEPPER: secret(32),
    MASTER_KEY: secret(32),
    SESSION_SECRET: secret(32),
    SETUP_TOKEN: secret(32),
    appPassword: secret(24),
    ownerPassword: secret(24),
    admin: { email: "admin@gaiarouter.local", password: secret(18) },
    ...kept,
  };
  saveSecrets(dataDir, secrets);
  return secrets;
}

/** Writes `secrets.json`, readable by its owner only. */
export function saveSecrets(dataDir: string, secrets: Secrets): void {
  writePrivateFile(join(dataDir, FILE), `${JSON.stringify(secrets, null, 2)}\n`);
}
