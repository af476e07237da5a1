import type { Losses } from "../../canonical/losses.ts";
import type { CanonicalRequest } from "../../canonical/request.ts";
import { memberPath } from "../../canonical/source.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import { arrangedFor } from "../arrange-history.ts";
import type { EncodedRequest } from "../dialect.ts";
import { compact } from "../fields.ts";
import { refusePrefill } from "../prefill.ts";
import { SettingReader } from "../setting-reader.ts";
import { withJsonAsked } from "../structured-output.ts";
import { ToolNames } from "../tool-names.ts";
import { encodeHistory } from "./encode-messages.ts";
import { encodeOwn } from "./encode-own.ts";
import { encodeReasoning } from "./reasoning.ts";
import { encodeConfig, encodeSettings, toolsExcludeFormat } from "./settings.ts";
import { checkForced, encodeToolChoice, encodeTools, GOOGLE_NAMES } from "./tools.ts";

/** Any client's request as a GenerateContentRequest; model and streaming stand in the path. */
export function encodeRequest(request: CanonicalRequest, target: TargetModel, losses: Losses): EncodedRequest {
  return request.dialect === "google-generate-content" ? encodeOwn(request) : encodeForeign(request, target, losses);
}

function encodeForeign(request: CanonicalRequest, target: TargetModel, losses: Losses): EncodedRequest {
  const names = new ToolNames(request.tools, GOOGLE_NAMES, losses);
  const settings = new SettingReader(request, losses);
  const arranged = arrangedFor(request, target, losses);
  refusePrefill(request, arranged);
  const inWords = request.settings.responseFormat?.type === "json" && toolsExcludeFormat(request, target);
  const history = inWords ? withJsonAsked(arranged, settings) : arranged;
  const { tools, mixed, declared } = encodeTools(request, target, names, losses);
  const turnsPath = memberPath(request.source, "messages");
  const { system, contents } = encodeHistory(history, { target, names, losses, turnsPath });
  const choice = settings.take("toolChoice");
  if (tools !== undefined) checkForced(request, settings, choice, declared);
  const calling = declared ? encodeToolChoice(request, choice, names) : undefined;
  const toolConfig = compact({
    functionCallingConfig: calling,
    includeServerSideToolInvocations: mixed ? true : undefined,
  });
  const generationConfig = compact({
    ...encodeConfig(request, settings, target),
    thinkingConfig: encodeReasoning(request, settings, target),
  });
  const body = compact({
    contents,
    systemInstruction: system.length === 0 ? undefined : { parts: system },
    tools,
    toolConfig: Object.keys(toolConfig).length === 0 ? undefined : toolConfig,
    generationConfig: Object.keys(generationConfig).length === 0 ? undefined : generationConfig,
    ...encodeSettings(settings),
  });
  settings.finish();
  return { body, tools: names.restored };
}
