import type { Losses } from "../../canonical/losses.ts";
import type { CanonicalRequest } from "../../canonical/request.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import { arrangedFor } from "../arrange-history.ts";
import type { EncodedRequest } from "../dialect.ts";
import { compact } from "../fields.ts";
import { wantsJsonAsked } from "../openai-settings.ts";
import { refusePrefill } from "../prefill.ts";
import { SettingReader } from "../setting-reader.ts";
import { withJsonAsked } from "../structured-output.ts";
import { PLAIN_NAMES, ToolNames } from "../tool-names.ts";
import { encodeHistory } from "./encode-messages.ts";
import { encodeOwn } from "./encode-own.ts";
import { encodeReasoning } from "./reasoning.ts";
import { encodeSettings } from "./settings.ts";
import { encodeToolChoice, encodeTools } from "./tools.ts";

/** Any client's request as a Responses request. */
export function encodeRequest(request: CanonicalRequest, target: TargetModel, losses: Losses): EncodedRequest {
  return request.dialect === "openai-responses" ? encodeOwn(request, target) : encodeForeign(request, target, losses);
}

function encodeForeign(request: CanonicalRequest, target: TargetModel, losses: Losses): EncodedRequest {
  const names = new ToolNames(request.tools, PLAIN_NAMES, losses);
  const settings = new SettingReader(request, losses);
  const arranged = arrangedFor(request, target, losses);
  refusePrefill(request, arranged);
  const history = wantsJsonAsked(request) ? withJsonAsked(arranged, settings) : arranged;
  // JSON mode wants to be told of in the input.
  const apart = request.settings.responseFormat?.type !== "json";
  const tools = encodeTools(request, names, losses);
  const choice = settings.take("toolChoice");
  // OpenAI caches every prefix by itself.
  settings.ignore("cacheAuto");
  const body = compact({
    model: target.name,
    ...encodeHistory(history, { target, names, losses }, apart),
    ...encodeSettings(request, settings, target),
    reasoning: encodeReasoning(request, settings, target),
    tools: tools.length === 0 ? undefined : tools,
    tool_choice: choice === undefined || tools.length === 0 ? undefined : encodeToolChoice(request, choice, names),
    stream: request.stream ? true : undefined,
  });
  settings.finish();
  return { body, tools: names.restored };
}
