import type { Ready } from "../../../local/stack/ready.ts";

/** The management API, as somebody else than the walker uses it: with the stack's admin key. Throws what it refuses with. */
export async function asAdmin<T>(
  { router, adminKey }: Ready,
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: object,
): Promise<T> {
  const response = await fetch(router + path, {
    method,
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

interface Answered {
  status: number;
  code: string | null;
  id: string;
}

/** What the router answers to a request with a key: its status, the code of its error, and the request's id. */
export async function askWith({ router }: Ready, key: string): Promise<Answered> {
  const response = await fetch(`${router}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "openai/gpt-6.1-sol", messages: [{ role: "user", content: "Hello" }] }),
  });
  const body = (await response.json()) as { error?: { code?: string } };
  return { status: response.status, code: body.error?.code ?? null, id: response.headers.get("x-request-id") ?? "" };
}
