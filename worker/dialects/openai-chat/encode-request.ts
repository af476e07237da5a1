import type { Losses } from "../../canonical/losses.ts";
import type { CanonicalRequest } from "../../canonical/request.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import { chosenBuiltin } from "../../canonical/tool.ts";
import { arrangedFor } from "../arrange-history.ts";
import { cacheControl } from "../cache-marks.ts";
import type { EncodedRequest } from "../dialect.ts";
import { compact } from "../fields.ts";
import { wantsJsonAsked } from "../openai-settings.ts";
import { refusePrefill } from "../prefill.ts";
import { SettingReader } from "../setting-reader.ts";
import { withJsonAsked } from "../structured-output.ts";
import { PLAIN_NAMES, ToolNames } from "../tool-names.ts";
import { encodeMessages } from "./encode-messages.ts";
import { encodeOwn } from "./encode-own.ts";
import { encodeReasoning } from "./reasoning.ts";
import { encodeSettings } from "./settings.ts";
import { encodeToolChoice, encodeTools } from "./tools.ts";

/** Any client's request as Chat Completions. */
export function encodeRequest(request: CanonicalRequest, target: TargetModel, losses: Losses): EncodedRequest {
  return request.dialect === "openai-chat" ? encodeOwn(request, target) : encodeForeign(request, target, losses);
}

function encodeForeign(request: CanonicalRequest, target: TargetModel, losses: Losses): EncodedRequest {
  const names = new ToolNames(request.tools, PLAIN_NAMES, losses);
  const settings = new SettingReader(request, losses);
  const arranged = arrangedFor(request, target, losses, target.quirks.has("reasoning_text"));
  refusePrefill(request, arranged);
  const history = wantsJsonAsked(request) ? withJsonAsked(arranged, settings) : arranged;
  const tools = encodeTools(request, target, names, losses);
  const choice = settings.take("toolChoice");
  // Models that search in Chat always do.
  const searches = chosenBuiltin(request.tools, choice) !== undefined;
  const automatic = settings.take("cacheAuto");
  const body = compact({
    model: target.name,
    messages: encodeMessages(history, { target, names, losses, own: false }),
    ...encodeSettings(request, settings, target),
    ...encodeReasoning(request, settings, target),
    ...tools,
    tool_choice:
      choice === undefined || tools.tools === undefined || searches
        ? undefined
        : encodeToolChoice(request, choice, names),
    ...(automatic !== undefined && target.quirks.has("cache_control") ? cacheControl(automatic) : {}),
    ...(request.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
  });
  settings.finish();
  return { body, tools: names.restored };
}
