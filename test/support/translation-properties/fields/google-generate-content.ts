import { PNG } from "../plan.ts";
import {
  as,
  convention,
  each,
  type Field,
  fixed,
  many,
  notOnWire,
  of,
  one,
  opaque,
  refusedAt,
  type Shape,
  whole,
} from "../shape.ts";
import { FORCED, PDF, SCHEMA, SOUND } from "./samples.ts";

/** generateContent (`GenerateContentParameters` as the SDK writes it: GenerateContentRequest in proto JSON). */

const question = { role: "user", parts: [{ text: "a question" }] };
const call = { functionCall: { id: "call_1", name: "lookup", args: { place: "here" } } };
const response = { functionResponse: { id: "call_1", name: "lookup", response: { output: "found" } } };

/** Parts tell their kind by the member they have; what stands beside it is tried with each. */
const beside: Record<string, Field> = {
  thought: as(of(true), "reasoning_content=a text"),
  thoughtSignature: of("c2lnbmVk"),
  partMetadata: whole({ note: "a-note-to-find" }),
  mediaResolution: whole({ level: "MEDIA_RESOLUTION_HIGH" }),
  mediaProcessing: of("EFFICIENT"),
  speechMetadata: whole({ speaker: "a-speaker-to-find" }),
};
const metadata: Field = whole({ startOffset: "1s", endOffset: "2s", fps: 3 });

const blob = (minimal: Record<string, unknown>, data: unknown, written: unknown): Field =>
  one({
    minimal,
    fields: { data: as(of(data), written), mimeType: of("image/tiff"), displayName: of("a-name-to-find") },
  });

const part = (minimal: Record<string, unknown>, fields: Record<string, Field>): Shape => ({
  minimal,
  fields: { ...beside, ...fields },
});

/** Every member a part can have, each tried where it makes sense. */
const text = part({ text: "a text" }, { text: of("a-text-to-find"), videoMetadata: metadata });
const picture = part(
  { inlineData: { mimeType: "image/png", data: PNG } },
  {
    inlineData: blob({ mimeType: "image/png", data: PNG }, `${PNG}AAAA`, `data:image/png;base64,${PNG}AAAA`),
    videoMetadata: metadata,
  },
);
const paper = part(
  { inlineData: { mimeType: "application/pdf", data: PDF } },
  {
    inlineData: blob(
      { mimeType: "application/pdf", data: PDF },
      `${PDF}AAAA`,
      `data:application/pdf;base64,${PDF}AAAA`,
    ),
  },
);
const sound = part(
  { inlineData: { mimeType: "audio/wav", data: SOUND } },
  { inlineData: blob({ mimeType: "audio/wav", data: SOUND }, `${SOUND}AAAA`, `${SOUND}AAAA`) },
);
const film = part(
  { fileData: { mimeType: "video/mp4", fileUri: "https://example.com/film.mp4" } },
  { videoMetadata: metadata },
);
const linked = part(
  { fileData: { mimeType: "image/png", fileUri: "https://example.com/dot.png" } },
  {
    fileData: one({
      minimal: { mimeType: "image/png", fileUri: "https://example.com/dot.png" },
      fields: {
        fileUri: of("https://example.com/other.png", "https://generativelanguage.googleapis.com/v1beta/files/x"),
        mimeType: as(of("application/pdf"), "input_file", "document", "file"),
        displayName: of("a-name-to-find"),
      },
    }),
  },
);

const partialArgument: Shape = opaque({ jsonPath: "$.place", stringValue: "here" });
const calling = part(call, {
  functionCall: one({
    minimal: call.functionCall,
    fields: {
      args: as(whole({ place: "a-call-to-find" }), '{"place":"a-call-to-find"}'),
      id: of("call_2"),
      name: of("other_tool"),
      partialArgs: many(partialArgument),
      willContinue: of(true),
    },
  }),
});
const responding = part(response, {
  functionResponse: one({
    minimal: response.functionResponse,
    fields: {
      // The call that is left without a result is named.
      id: refusedAt(of("call_of_nobody"), /^contents\[1\]\.parts\[0\]$/),
      name: of("other_tool"),
      parts: many({
        minimal: { inlineData: { mimeType: "image/png", data: PNG } },
        fields: {
          inlineData: blob({ mimeType: "image/png", data: PNG }, `${PNG}AAAA`, `data:image/png;base64,${PNG}AAAA`),
          fileData: one({
            minimal: { mimeType: "image/png", fileUri: "https://example.com/dot.png" },
            fields: {
              fileUri: of("https://example.com/other.png"),
              mimeType: of("application/pdf"),
              displayName: of("a-name-to-find"),
            },
          }),
          mediaProcessing: of("EFFICIENT"),
        },
      }),
      response: whole({ output: "a-result-to-find" }, { error: "a-result-to-find" }),
      scheduling: of("INTERRUPT"),
      willContinue: of(true),
    },
  }),
});

/** Only Google has these. */
const foreign: Record<string, Field> = {
  toolCall: whole({ id: "t", toolType: "GOOGLE_SEARCH", args: {} }),
  toolResponse: whole({ id: "t", toolType: "GOOGLE_SEARCH", response: {} }),
  audioTranscription: whole({ text: "a-transcript-to-find" }),
  codeExecutionResult: whole({ outcome: "OUTCOME_OK", output: "o" }),
  executableCode: whole({ code: "c", language: "PYTHON" }),
};
const nothing: Shape = { minimal: {}, fields: foreign };

/** All of them together are what the SDK calls a part. */
const anyPart: Shape = {
  minimal: { text: "a text" },
  fields: {
    ...beside,
    ...foreign,
    text: of("a-text-to-find"),
    videoMetadata: metadata,
    inlineData: picture.fields.inlineData as Field,
    fileData: linked.fields.fileData as Field,
    functionCall: { ...(calling.fields.functionCall as Field), samples: [] },
    functionResponse: { ...(responding.fields.functionResponse as Field), samples: [] },
  },
};

const parts = (shapes: Record<string, Shape>): Field => many(shapes);
const contents: Record<string, Shape> = {
  "": { minimal: question, fields: { role: fixed, parts: parts({ "": anyPart }) } },
  user: {
    minimal: question,
    fields: { role: fixed, parts: parts({ text, picture, paper, sound, film, linked, nothing }) },
  },
  model: {
    minimal: { role: "model", parts: [{ text: "an answer" }] },
    before: [question],
    after: [question],
    fields: { role: fixed, parts: parts({ text, nothing }) },
  },
  calling: {
    minimal: { role: "model", parts: [call] },
    before: [question],
    after: [{ role: "user", parts: [response] }],
    fields: { parts: parts({ calling }) },
  },
  responding: {
    minimal: { role: "user", parts: [response] },
    before: [question, { role: "model", parts: [call] }],
    fields: { parts: parts({ responding }) },
  },
};

const declaration: Shape = {
  minimal: { name: "lookup" },
  fields: {
    name: of("a_tool_to_find", "tool:to.rename"),
    description: of("a-description-to-find"),
    parameters: as(
      whole({
        type: "OBJECT",
        properties: { place: { type: "STRING", description: "a-place-to-find", nullable: true } },
      }),
      "object",
      "string",
      "null",
    ),
    parametersJsonSchema: whole(SCHEMA),
    behavior: of("NON_BLOCKING"),
    response: whole({ type: "OBJECT", description: "a-response-to-find" }),
    responseJsonSchema: whole(SCHEMA),
  },
};

const tool: Shape = {
  minimal: {},
  fields: {
    functionDeclarations: many(declaration),
    googleSearch: as(
      one(
        {
          minimal: {},
          fields: {
            excludeDomains: whole(["a-domain-to-find.com"]),
            timeRangeFilter: whole({ startTime: "2026-01-01T00:00:00Z", endTime: "2026-02-01T00:00:00Z" }),
            searchTypes: whole({ imageSearch: {} }),
            blockingConfidence: of("BLOCK_LOW_AND_ABOVE"),
          },
        },
        {},
      ),
      "name=web_search",
      "type=web_search",
    ),
    googleSearchRetrieval: one({
      minimal: {},
      fields: { dynamicRetrievalConfig: whole({ mode: "MODE_DYNAMIC", dynamicThreshold: 0.3 }) },
    }),
    urlContext: whole({}),
    retrieval: whole({ vertexAiSearch: { datastore: "d" } }),
    googleMaps: whole({ enableWidget: true }),
    mcpServers: whole([{ name: "m", streamableHttpTransport: { url: "https://example.com" } }]),
    codeExecution: whole({}),
    computerUse: whole({ environment: "ENVIRONMENT_BROWSER" }),
    enterpriseWebSearch: whole({}),
    exaAiSearch: whole({ apiKey: "k" }),
    parallelAiSearch: whole({ apiKey: "k" }),
    fileSearch: whole({ fileSearchStoreNames: ["s"] }),
  },
};

export const generationConfig: Shape = {
  minimal: {},
  fields: {
    temperature: of(0.73, 1.7),
    topP: of(0.41),
    topK: of(17),
    candidateCount: of(3),
    maxOutputTokens: of(4321, 999_999_999),
    stopSequences: whole(["a-stop-to-find"], ["a", "b", "c", "d", "e"]),
    responseLogprobs: as(of(true), "message.output_text.logprobs"),
    logprobs: of(4),
    presencePenalty: of(0.32),
    frequencyPenalty: of(0.31),
    seed: of(71),
    responseMimeType: as(of("application/json", "text/x.enum"), "json_object"),
    responseSchema: as(
      whole({
        type: "OBJECT",
        properties: { place: { type: "STRING", description: "a-place-to-find" } },
        required: ["place"],
      }),
      "object",
      "string",
    ),
    responseJsonSchema: whole(SCHEMA),
    responseFormat: convention(whole([{ type: "text" }])),
    routingConfig: whole({ manualMode: { modelName: "gemini-2.5-pro" } }),
    modelSelectionConfig: whole({ featureSelectionPreference: "BALANCED" }),
    responseModalities: as(whole(["TEXT", "AUDIO"], ["IMAGE"]), "text", "audio"),
    mediaResolution: of("MEDIA_RESOLUTION_LOW"),
    speechConfig: one({
      minimal: {},
      fields: {
        voiceConfig: whole({ prebuiltVoiceConfig: { voiceName: "a-voice-to-find" } }),
        languageCode: of("de-CH"),
        multiSpeakerVoiceConfig: whole({ speakerVoiceConfigs: [{ speaker: "a" }] }),
      },
    }),
    audioTimestamp: of(true),
    thinkingConfig: one({
      minimal: {},
      fields: {
        includeThoughts: each([true, "summary=auto", "display=summarized"], [false, "exclude=true", "display=omitted"]),
        thinkingBudget: each(
          [3000, "effort=low", "reasoning_effort=low"],
          [0, "effort=none", "reasoning_effort=none", "type=disabled"],
          [-1, "summary=auto", "type=adaptive", "type=enabled"],
        ),
        thinkingLevel: each(
          ["MINIMAL", "effort=low", "budget_tokens=1024"],
          ["LOW", "budget_tokens=2048"],
          ["MEDIUM", "budget_tokens=8192"],
          ["HIGH", "budget_tokens=16384"],
          ["XHIGH", "budget_tokens=31999"],
          ["THINKING_LEVEL_NEWER"],
        ),
      },
    }),
    audioTranscriptionConfig: whole({ languageCodes: ["de"] }),
    imageConfig: whole({ aspectRatio: "16:9" }),
    enableEnhancedCivicAnswers: of(true),
    enableAffectiveDialog: convention(of(true)),
    translationConfig: convention(whole({ targetLanguageCode: "de" })),
  },
};

export const googleGenerateContent: Shape = {
  minimal: {
    contents: [question],
    tools: [{ functionDeclarations: [{ name: "lookup", parametersJsonSchema: SCHEMA }] }],
  },
  fields: {
    contents: { samples: [], many: contents },
    systemInstruction: one({
      minimal: { parts: [{ text: "a rule" }] },
      fields: { role: of("system"), parts: parts({ "": anyPart }) },
    }),
    tools: many(tool),
    toolConfig: one({
      minimal: {},
      fields: {
        functionCallingConfig: as(
          one(
            {
              minimal: { mode: "ANY" },
              fields: {
                mode: of("AUTO", "NONE", "VALIDATED"),
                allowedFunctionNames: whole(["lookup"], ["lookup", "other_tool"]),
                streamFunctionCallArguments: of(true),
              },
            },
            { mode: "ANY" },
            { mode: "NONE" },
          ),
          ...FORCED,
        ),
        retrievalConfig: whole({ languageCode: "de" }),
        includeServerSideToolInvocations: of(true),
      },
    }),
    safetySettings: whole([{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }]),
    generationConfig: one(generationConfig),
    labels: whole({ ticket: "a-ticket-to-find" }),
    cachedContent: of("cachedContents/x"),
    serviceTier: each(["flex"], ["priority"], ["standard", "service_tier=default"]),
    modelArmorConfig: whole({ promptTemplateName: "t" }),
    continuationToken: of("token_1"),
    generationOutputConfig: notOnWire,
    outputConfig: convention(whole({ outputUriPrefix: "gs://bucket/x" })),
    store: of(true),
    model: convention(of("models/gemini-2.5-pro")),
    httpOptions: notOnWire,
    abortSignal: notOnWire,
    automaticFunctionCalling: notOnWire,
    automaticContinuation: notOnWire,
  },
};
