/**
 * Does with Codex's command line what Codex does, for one question: asks the provider that its settings name. `npm run agents`
 * has Codex itself do it.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "skip-git-repo-check": { type: "boolean" },
    config: { type: "string", short: "c", multiple: true },
    image: { type: "string", short: "i" },
    "output-schema": { type: "string" },
  },
});
const [command, question] = positionals;
if (command !== "exec" || !values["skip-git-repo-check"]) throw new Error(`not what runs in any folder: ${command}`);
// A basic string of TOML is one of JSON.
const settings = new Map(
  (values.config ?? []).map((line): [string, string] => {
    const [name = "", ...value] = line.split("=");
    return [name, JSON.parse(value.join("="))];
  }),
);
const provider = (name: string) => settings.get(`model_providers.${settings.get("model_provider")}.${name}`) ?? "";
if (provider("wire_api") !== "responses") throw new Error("no Responses");
const images = (values.image?.split(",") ?? []).map((file) => ({
  type: "input_image",
  image_url: `data:image/png;base64,${readFileSync(file).toString("base64")}`,
}));
const schema = values["output-schema"];
const response = await fetch(`${provider("base_url")}/responses`, {
  method: "POST",
  headers: {
    authorization: `Bearer ${process.env[provider("env_key")]}`,
    "content-type": "application/json",
  },
  body: JSON.stringify({
    model: settings.get("model"),
    instructions: "You are Codex.",
    input: [
      { type: "message", role: "developer", content: settings.get("developer_instructions") ?? "Be brief." },
      { type: "message", role: "user", content: [...images, { type: "input_text", text: question }] },
    ],
    reasoning: settings.has("model_reasoning_effort") ? { effort: settings.get("model_reasoning_effort") } : undefined,
    text: schema && {
      format: { type: "json_schema", name: "answer", schema: JSON.parse(readFileSync(schema, "utf8")), strict: true },
    },
    stream: true,
    store: false,
  }),
});
console.log(response.status, await response.text());
