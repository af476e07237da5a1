import { expect } from "vitest";
import { CALLED, type Scenario, WEATHER } from "../scenario.ts";
import type { Stage } from "../stage.ts";
import { COLUMNS, type Column } from "../tables.ts";

const RESULT = "Sunny, 21 °C";
const ANSWER = `The tool answered: "${RESULT}".`;
const CALLS = [{ name: WEATHER.name, arguments: CALLED }];

/** A thinking model calls a tool; its reasoning goes back with the result, and it answers. */
const loop =
  (thinking: "medium" | number, modelOf: (column: Column) => string): Scenario =>
  async (stage) => {
    const model = modelOf(stage.column);
    const first = await stage.ask("tool", { tools: [WEATHER], thinking }, model);
    expect(first.calls).toEqual(CALLS);
    const shown = stage.lacks("thought") || model.includes("+redacted") ? "" : thoughtOf(stage);
    expect(first.thought).toBe(shown);
    const second = await stage.goOn(first, [RESULT]);
    expect(second.text).toBe(ANSWER);
    const { sent, books } = await stage.ended();
    expect(books[0]?.tokens?.reasoning).toBeGreaterThan(0);
    expect(sent[0]?.thinking).toBe(thinking);
    expect(sent[1]?.turns).toMatchObject([
      { role: "user", text: stage.text },
      { role: "assistant", calls: CALLS, text: "", states: stage.lacks("state") ? [] : ["valid"] },
      { role: "user", results: [RESULT] },
    ]);
    // Gemini signs the call and takes no thought back; it ignores what its own SDK sends.
    const back = sent[1]?.dialect === "google-generate-content" ? "" : shown;
    if (stage.row.dialect !== sent[1]?.dialect) expect(sent[1]?.turns[1]?.thought).toBe(back);
  };

/** What the simulated model thinks. */
const thoughtOf = (stage: Stage): string => `The user wrote "${stage.text}". A short answer that quotes it will do.`;

export const thinking = loop("medium", ({ thinks, model }) => thinks ?? model);
export const newer = loop("medium", ({ thinks, model }) => `${thinks ?? model}+thinking`);
export const redacted = loop("medium", ({ thinks, model }) => `${thinks ?? model}+redacted`);
export const budget = loop(2048, ({ budgeted, model }) => budgeted ?? model);

/** The second turn says only from which answer, or which items, it goes on. */
export const stored: Scenario = async (stage) => {
  const { thinks, model } = stage.column;
  const first = await stage.ask("tool", { tools: [WEATHER], thinking: "medium", stored: true }, thinks ?? model);
  // All that is sent again of the conversation may be this.
  const result = `${RESULT}, says ${stage.visit.marker}`;
  const second = await stage.goOn(first, [result]);
  expect(second.text).toBe(`The tool answered: "${result}".`);
  await stage.ended();
};

/** The first turn is another provider's, whose reasoning the second must not be given. */
export const switched: Scenario = async (stage) => {
  const { column } = stage;
  // OpenRouter's model here is Claude as well.
  const claude = column.marked === true;
  const before = COLUMNS.find(({ id }) => id === (claude ? "google" : "anthropic")) as Column;
  const first = await stage.ask("tool", { tools: [WEATHER], thinking: "medium" }, before.model, before);
  const second = await stage.goOn(first, [RESULT], { column, model: column.thinks ?? column.model });
  expect(second.text).toBe(ANSWER);
  const { sent } = await stage.ended();
  expect(sent[1]?.turns).toMatchObject([
    { role: "user", text: stage.text },
    { role: "assistant", calls: CALLS, text: "", states: [] },
    { role: "user", results: [RESULT] },
  ]);
};
