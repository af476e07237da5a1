import type { ChatDialectId } from "../../canonical/dialect-id.ts";
import { Losses } from "../../canonical/losses.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import type { CatalogModel } from "../../catalog/models.ts";
import { reportRest } from "../../dialects/portability.ts";
import { chatDialects } from "../../dialects/registry.ts";
import { GatewayError } from "../../errors.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { ProviderSettings } from "../../providers/connection.ts";
import { resolveTarget, routesOf } from "../../router/resolve.ts";
import { targetModelOf } from "../../router/target-model.ts";

/**
 * What a client of Messages can ask of a model that is reached by translation, in the words of Anthropic's Models API
 * (`capabilities`). Nothing is claimed by hand: each feature is put into a small request and given to the translator, and
 * it is supported when the translator keeps it without a warning.
 */

export interface Support {
  supported: boolean;
}

const support = (supported: boolean): Support => ({ supported });
const no = support(false);

/** Enough for every way of thinking, and more than no model can write. */
const CAP = 16_000;
const SCHEMA = {
  type: "object",
  properties: { answer: { type: "string" } },
  required: ["answer"],
  additionalProperties: false,
};

/** Whether a request with `feature` reaches the model with nothing lost. */
type Keeps = (feature: JsonObject, content?: JsonObject[]) => boolean;

function keeperFor(target: TargetModel, dialect: ChatDialectId): Keeps {
  const client = chatDialects["anthropic-messages"];
  const cap = Math.min(CAP, target.maxOutputTokens ?? CAP);
  return (feature, content = []) => {
    const losses = new Losses();
    const body = {
      model: target.name,
      max_tokens: cap,
      messages: [{ role: "user", content: [...content, { type: "text", text: "?" }] }],
      ...feature,
    };
    try {
      const request = client.decodeRequest(body, { model: target.name, stream: false });
      reportRest(request, client.portability, losses);
      chatDialects[dialect].encodeRequest(request, target, losses);
    } catch (error) {
      if (error instanceof GatewayError) return false;
      throw error;
    }
    return !losses.any;
  };
}

const inline = (type: "image" | "document", mediaType: string, data: string): JsonObject => ({
  type,
  source: { type: "base64", media_type: mediaType, data },
});
const IMAGE = inline("image", "image/png", "iVBORw0KGgo=");
const PDF = inline("document", "application/pdf", "JVBERi0xLjQ=");

function probed(keeps: Keeps, { inputModalities, capabilities }: CatalogModel) {
  const effort = (level: string) => support(keeps({ output_config: { effort: level } }));
  const levels = {
    low: effort("low"),
    medium: effort("medium"),
    high: effort("high"),
    xhigh: effort("xhigh"),
    max: effort("max"),
  };
  const reasons = capabilities?.reasoning !== "none";
  const thinking = (type: string, more: JsonObject = {}) => keeps({ thinking: { type, ...more } });
  const webSearch = support(keeps({ tools: [{ type: "web_search_20250305", name: "web_search" }] }));
  const codeExecution = support(keeps({ tools: [{ type: "code_execution_20250825", name: "code_execution" }] }));
  return {
    // There is no endpoint for batches.
    batch: no,
    citations: support(keeps({}, [{ ...PDF, citations: { enabled: true } }])),
    // Code that calls the request's other tools would have to run at the vendor's.
    code_execution: no,
    context_management: {
      supported: false,
      clear_thinking_20251015: no,
      clear_tool_uses_20250919: no,
      compact_20260112: no,
    },
    effort: { supported: Object.values(levels).some(({ supported }) => supported), ...levels },
    image_input: support(inputModalities.includes("image") && keeps({}, [IMAGE])),
    pdf_input: support(inputModalities.includes("pdf") && keeps({}, [PDF])),
    server_tools: {
      supported: webSearch.supported || codeExecution.supported,
      web_search: webSearch,
      code_execution: codeExecution,
    },
    structured_outputs: support(keeps({ output_config: { format: { type: "json_schema", schema: SCHEMA } } })),
    thinking: {
      supported: reasons,
      types: {
        adaptive: support(reasons && thinking("adaptive")),
        between_tools: support(reasons && thinking("between_tools")),
        disabled: support(thinking("disabled")),
        enabled: support(reasons && thinking("enabled", { budget_tokens: 8192 })),
      },
    },
  };
}

type Capabilities = ReturnType<typeof probed>;

/** By model: neither the catalogue nor the translators change while an isolate lives. */
const known = new WeakMap<CatalogModel, Capabilities>();

/**
 * Null where a vendor's own Messages endpoint answers, which knows more than we do, and where the catalogue does not know
 * what the model can do.
 */
export function capabilitiesOf(model: CatalogModel, settings: ProviderSettings): Capabilities | null {
  const { reasoning, structuredOutput } = model.capabilities ?? {};
  if (model.kind !== "chat" || reasoning === undefined || structuredOutput === undefined) return null;
  const target = { ...resolveTarget(model.id, settings), model };
  const [route] = routesOf(target, "anthropic-messages", "generate", { toolsWithReasoning: false, learned: null });
  if (route === undefined || route.dialect === "anthropic-messages") return null;
  const remembered = known.get(model);
  if (remembered !== undefined) return remembered;
  const capabilities = probed(keeperFor(targetModelOf(target, settings), route.dialect as ChatDialectId), model);
  known.set(model, capabilities);
  return capabilities;
}
