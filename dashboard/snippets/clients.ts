import { aiSdk } from "./ai-sdk.ts";
import { anthropic } from "./anthropic.ts";
import { claudeCode } from "./claude-code.ts";
import { codex } from "./codex.ts";
import { curl } from "./curl.ts";
import { gemini } from "./gemini.ts";
import { openai } from "./openai.ts";
import type { Client } from "./target.ts";

/** Every client that the dashboard writes examples for. */
export const CLIENTS: readonly Client[] = [curl, openai, anthropic, gemini, aiSdk, claudeCode, codex];
