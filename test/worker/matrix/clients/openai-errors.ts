import OpenAI from "openai";
import type { Caught } from "../client.ts";

/** Errors of OpenAI's SDK, the same for Chat and Responses. */
export function caught(error: unknown): Caught {
  if (!(error instanceof OpenAI.OpenAIError)) return { name: "", status: null, code: null, headers: null };
  const { status, code, headers } = error as Partial<InstanceType<typeof OpenAI.APIError>>;
  return { name: error.constructor.name, status: status ?? null, code: code ?? null, headers: headers ?? null };
}

const NAMES: Record<number, string> = {
  400: "BadRequestError",
  401: "AuthenticationError",
  404: "NotFoundError",
  429: "RateLimitError",
};

export const errorName = (status: number): string => NAMES[status] ?? "InternalServerError";
