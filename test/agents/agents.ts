import { onlyBlock } from "../clients/pages.ts";
import type { Packages } from "../support/packages.ts";

/** What the agent is pointed at. */
export interface Gateway {
  /** Without a path. */
  url: string;
  key: string;
  /** As the gateway names it. */
  model: string;
}

/** A call of one of the agent's own tools; `input` is an object, or the text of a tool that takes free text. */
export interface ToolUse {
  tool: string;
  input: Record<string, unknown> | string;
}

/** A coding agent: how it is run without a terminal, and how its model reads and edits a file with its tools. */
export interface Agent {
  name: string;
  program: string;
  /** Files of its home, which has no others; written as its page in docs/clients says. */
  home(gateway: Gateway): Record<string, string>;
  environment(gateway: Gateway): Record<string, string>;
  arguments(gateway: Gateway, task: string): string[];
  read(file: string): ToolUse;
  replace(file: string, from: string, to: string): ToolUse;
}

/** The agents' packages. They are large and change weekly, so they are no dependencies. */
export const PACKAGES: Packages = {
  "@anthropic-ai/claude-code": "2.1.332",
  "@openai/codex": "0.169.0",
  "@google/gemini-cli": "0.61.0",
};

/** A text of a page with this gateway's address, key and model in place of those it is written with. */
const filledIn = (text: string, { url, key, model }: Gateway): string =>
  text
    .replaceAll("http://127.0.0.1:8787", url)
    .replaceAll("sk-gaia-…", key)
    .replaceAll(/(?:openai|anthropic)\/[a-z0-9.-]+/g, model);

const block = (page: string, language: string, containing: string, gateway: Gateway): string =>
  filledIn(onlyBlock(page, language, containing), gateway);

/** What a page has its reader export. */
function exported(page: string, containing: string, gateway: Gateway): Record<string, string> {
  const lines = block(page, "sh", containing, gateway).matchAll(/^export (\w+)=(.*)$/gm);
  return Object.fromEntries([...lines].map(([, name = "", value = ""]) => [name, value]));
}

export const claudeCode: Agent = {
  name: "Claude Code",
  program: "claude",
  home: () => ({}),
  environment: (gateway) => exported("claude-code.md", "ANTHROPIC_BASE_URL", gateway),
  arguments: (_, task) => ["-p", task, "--allowedTools", "Read,Edit"],
  read: (file) => ({ tool: "Read", input: { file_path: file } }),
  replace: (file, from, to) => ({ tool: "Edit", input: { file_path: file, old_string: from, new_string: to } }),
};

/** Codex as it is with a model it does not know: it reads and edits by shell commands. */
export const codex: Agent = {
  name: "Codex CLI",
  program: "codex",
  home: (gateway) => ({ ".codex/config.toml": block("codex-cli.md", "toml", "model_provider", gateway) }),
  environment: (gateway) => exported("codex-cli.md", "GAIA_KEY", gateway),
  // The folder is the run's own, and not every machine lets Codex build its sandbox.
  arguments: (_, task) => ["exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", task],
  read: (file) => ({ tool: "exec_command", input: { cmd: `cat ${file}` } }),
  replace: (file, from, to) => ({ tool: "exec_command", input: { cmd: `sed -i s/${from}/${to}/ ${file}` } }),
};

/** With a catalogue that knows the model it has `apply_patch`, which takes free text by a grammar. */
export const codexWithCatalogue: Agent = {
  ...codex,
  name: "Codex CLI (apply_patch)",
  home: (gateway) => ({
    ".codex/config.toml":
      onlyBlock("codex-cli.md", "toml", "model_catalog_json") +
      block("codex-cli.md", "toml", "model_provider", gateway),
    ".codex/models.json": block("codex-cli.md", "json", "models", gateway),
  }),
  replace: (file, from, to) => ({
    tool: "apply_patch",
    input: `*** Begin Patch\n*** Update File: ${file}\n@@\n-${from}\n+${to}\n*** End Patch\n`,
  }),
};

export const geminiCli: Agent = {
  name: "Gemini CLI",
  program: "gemini",
  home: (gateway) => ({ ".gemini/settings.json": block("gemini-cli.md", "json", "security", gateway) }),
  environment: (gateway) => exported("gemini-cli.md", "GEMINI_API_KEY", gateway),
  arguments: ({ model }, task) => ["--skip-trust", "--approval-mode", "auto_edit", "-m", model, "-p", task],
  read: (file) => ({ tool: "read_file", input: { file_path: file } }),
  replace: (file, from, to) => ({
    tool: "replace",
    input: { file_path: file, instruction: `Name ${to} instead of ${from}.`, old_string: from, new_string: to },
  }),
};
