import { expect } from "vitest";
import type { Scenario } from "../scenario.ts";

/** A red pixel. */
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

const PDF = Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n").toString("base64");

const sendsMedia =
  (kind: "image" | "pdf", type: string, data: string): Scenario =>
  async (stage) => {
    const reply = await stage.ask("end", { media: { kind, data } });
    expect(reply.text).toBe(stage.echo());
    const { sent } = await stage.ended();
    expect(sent[0]?.turns).toMatchObject([{ role: "user", text: stage.text, media: [{ type, data }] }]);
  };

export const image = sendsMedia("image", "image/png", PNG);
export const pdf = sendsMedia("pdf", "application/pdf", PDF);
