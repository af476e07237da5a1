import { Losses } from "../../canonical/losses.ts";
import type { CanonicalRequest } from "../../canonical/request.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import type { JsonObject } from "../../lib/json.ts";
import { cacheControl } from "../cache-marks.ts";
import type { EncodedRequest } from "../dialect.ts";
import { compact, withRest } from "../fields.ts";
import { SettingReader } from "../setting-reader.ts";
import { ToolNames } from "../tool-names.ts";
import { encodeMessages } from "./encode-messages.ts";
import { encodeSettings } from "./settings.ts";
import { encodeTools } from "./tools.ts";

/** A Chat client's request in its own spelling: what was decoded, and nothing else. */
export function encodeOwn(request: CanonicalRequest, target: TargetModel): EncodedRequest {
  const losses = new Losses();
  const names = new ToolNames(request.tools, { valid: /^/, illegal: /^$/g }, null);
  const settings = new SettingReader(request, losses);
  const { form } = request.source;
  const choiceKey = request.paths.toolChoice ?? "tool_choice";
  const cache = settings.take("cacheAuto");
  const options = form?.include_usage === undefined ? undefined : { include_usage: form.include_usage };
  const body: JsonObject = compact({
    model: form?.model === undefined ? undefined : target.name,
    messages:
      form?.messages === true ? encodeMessages(request.messages, { target, names, losses, own: true }) : undefined,
    ...encodeSettings(request, settings, target),
    ...ownReasoning(request, settings),
    ...encodeTools(request, target, names, losses),
    [choiceKey]: form?.choice,
    ...(cache === undefined ? {} : cacheControl(cache)),
    stream: form?.stream,
    stream_options: options,
  });
  return { body: withRest(body, request.source), tools: null };
}

function ownReasoning(request: CanonicalRequest, settings: SettingReader): JsonObject {
  const effort = settings.take("reasoningEffort");
  const inner = compact({
    effort: request.paths.reasoningEffort === "reasoning.effort" ? effort : undefined,
    max_tokens: settings.take("reasoningBudget"),
    enabled: onOff(settings.take("reasoningMode")),
    exclude: negated(settings.take("reasoningVisible")),
    summary: settings.take("reasoningSummary"),
  });
  return compact({
    reasoning_effort: request.paths.reasoningEffort === "reasoning_effort" ? effort : undefined,
    reasoning: Object.keys(inner).length === 0 ? undefined : inner,
  });
}

const onOff = (mode: string | undefined): boolean | undefined => (mode === undefined ? undefined : mode !== "off");
const negated = (flag: boolean | undefined): boolean | undefined => (flag === undefined ? undefined : !flag);
