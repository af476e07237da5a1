import { ApiFailure } from "./failure.ts";

/** One part's answer to the router's question. */
export interface PartHealth {
  ok: boolean;
  milliseconds: number;
}

export interface Health {
  ledger: PartHealth;
  database: PartHealth;
}

const away = (status: number | null, cause?: unknown): ApiFailure =>
  new ApiFailure({ kind: "gateway_away", message: "The gateway does not answer.", status, cause });

/** `GET /health`: a 503 that says what it checked is an answer too. Throws an `ApiFailure` when the router gives none. */
export async function readHealth(signal: AbortSignal): Promise<Health> {
  const response = await fetch("/health", { signal }).catch((cause: unknown) => {
    throw away(null, cause);
  });
  const body = (await response.json().catch(() => null)) as { checks?: Health } | null;
  if (!body?.checks) throw away(response.status);
  return body.checks;
}
