import { join } from "node:path";
import { CLIENTS } from "../../dashboard/snippets/clients.ts";
import { type ChatRequest, HELLO } from "../../dashboard/snippets/target.ts";
import type { Door } from "../support/door.ts";
import { runSnippet } from "../support/run-snippet.ts";
import type { RunningStack } from "../support/stack.ts";
import { faultsOf } from "./faults.ts";

/** A picture of one point. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** What the playground may ask with, as far as an agent has options for it. */
const RICH: ChatRequest = {
  messages: [
    { role: "system", content: "Be `brief`, isn't $HOME enough?" },
    {
      role: "user",
      content: [
        { type: "image_url", image_url: { url: `data:image/png;base64,${PNG.toString("base64")}` } },
        { type: "text", text: "- What's this?" },
      ],
    },
  ],
  max_completion_tokens: 500,
  reasoning_effort: "low",
  response_format: {
    type: "json_schema",
    json_schema: {
      name: "answer",
      strict: true,
      schema: {
        type: "object",
        properties: { fruitfulWord: { type: "string" } },
        required: ["fruitfulWord"],
        additionalProperties: false,
      },
    },
  },
};

/** What must have reached the gateway, in JSON's spelling. */
const CARRIED = ["Be `brief`, isn't $HOME enough?", "- What's this?", PNG.toString("base64"), "fruitfulWord"];

/** The dashboard's examples for coding agents, run by the agents themselves: what is wrong with each. */
export async function runExamples(
  wanted: string,
  { packages, stack, door }: { packages: string; stack: RunningStack; door: Door },
): Promise<{ name: string; faults: string[] }[]> {
  const done: { name: string; faults: string[] }[] = [];
  for (const { id, name: client, file, code } of CLIENTS) {
    if (id !== "claude-code" && id !== "codex") continue;
    for (const [what, request] of [
      ["first request", HELLO],
      ["playground request", RICH],
    ] as const) {
      const name = `${client} by the dashboard's example (${what})`;
      if (!name.toLowerCase().includes(wanted)) continue;
      const ended = await runSnippet({
        code: code({ router: door.url, key: null, model: "openai/gpt-6.1-sol", request }),
        ...{ file, beside: { "image-1.png": PNG }, key: stack.ready.apiKey },
        agents: join(packages, "node_modules/.bin"),
      });
      // Claude Code looks whether somebody is there, by a path of Anthropic's own, and goes on whatever it hears.
      const passages = door.takePassages().filter(({ method }) => method === "POST");
      const sent = passages.map((passage) => passage.request).join();
      done.push({
        name,
        faults: [
          ...(await faultsOf(passages, stack)),
          ...(passages.length === 0 ? ["it asked nothing"] : []),
          ...(request === RICH ? CARRIED : ["Hello"])
            .filter((text) => !sent.includes(text))
            .map((text) => `not sent: ${text}`),
          ...(ended.code === 0 ? [] : [`it ended with ${ended.code}: ${ended.output.slice(-1000)}`]),
        ],
      });
    }
  }
  return done;
}
