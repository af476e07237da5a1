import type { Ready } from "./ready.ts";
import { PROVIDERS, type Settings } from "./settings.ts";

/** A model that the simulator and OpenAI itself both serve. */
const EXAMPLE_MODEL = "openai/gpt-6.1-sol";

/** What the person at the terminal needs to know, `elapsedMs` milliseconds after the start. */
export function readyMessage(ready: Ready, settings: Settings, elapsedMs: number): string {
  const providers = PROVIDERS.map((name) => {
    const how = settings.workerVariables[`${name}_API_KEY`] ? "your key" : "simulated";
    return `${name.toLowerCase()} (${how})`;
  });
  const body = JSON.stringify({
    model: EXAMPLE_MODEL,
    stream: true,
    messages: [{ role: "user", content: "Say hello in three languages." }],
  });
  return `
GaiaRouter is ready, after ${(elapsedMs / 1000).toFixed(1)} s. Ctrl-C stops it.

  Router      ${ready.router}   (OpenAI SDKs: ${ready.router}/v1)
  Dashboard   ${ready.dashboard}
  Sign-in     ${ready.admin.email}   ${ready.admin.password}
  API key     ${ready.apiKey}
  Admin key   ${ready.adminKey}
  Providers   ${providers.join(", ")}
  Data        ${settings.dataDir}

Try it:

curl -N ${ready.router}/v1/chat/completions -H "Authorization: Bearer ${ready.apiKey}" -H "Content-Type: application/json" -d '${body}'
`;
}
