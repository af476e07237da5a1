import { Hono } from "hono";
import { z } from "zod";
import { priceSchema } from "../../catalog/price-schema.ts";
import { GatewayError } from "../../errors.ts";
import { decodeUtf8, fromBase64, toBase64Url, utf8 } from "../../lib/encoding.ts";
import { CursorError } from "../../lib/page.ts";
import { createPrice, endPrice, pricesFor, removePrice } from "../../organizations/prices.ts";
import type { PriceBookRow } from "../../organizations/records.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { ifMatch, sendVersion } from "./if-match.ts";
import { type BookEntry, priceBook, sortKey } from "./price-book.ts";
import { isPending } from "./push.ts";
import { idSchema, instantSchema, jsonBody, modelSchema, pageSchema, pathId, query, searchSchema } from "./validate.ts";

/** The last entry's sort key, four lines; of a list in the other direction, a line before them says so. */
const CURSOR = /^(-\n)?[^\n]+\n\d\n\d{15}\n[^\n]+$/;
const REVERSED = "-\n";

const cursorSchema = z
  .string()
  .max(2_000)
  .transform((text) => decodeUtf8(fromBase64(text) ?? new Uint8Array()) ?? "")
  .refine((key) => CURSOR.test(key), "Must be the `next_cursor` of a page");

const priceQuery = pageSchema.extend({
  cursor: cursorSchema.optional(),
  organization: idSchema("org").optional().describe("Whose book; the caller's own organization when left out."),
  model: modelSchema.optional(),
  at: instantSchema.optional().describe("Only what holds at this moment."),
  q: searchSchema.optional().describe("Part of a model's name."),
  sort: z.enum(["model", "-model"]).default("model"),
});

const newPrice = z.strictObject({
  organization_id: idSchema("org")
    .optional()
    .describe("It holds for this organization and those below; the caller's own when left out."),
  model: modelSchema,
  valid_from: instantSchema.optional().describe("From now on when left out."),
  valid_until: instantSchema.nullable().default(null).describe("null: it has no end."),
  price: priceSchema,
});

const endedPrice = z.strictObject({ valid_until: instantSchema.nullable().describe("null: it has no end.") });

const instant = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** A price as the API shows it. */
export const priceBody = ({ id, model, from, until, price, row }: Omit<BookEntry, "rank">) => ({
  id,
  source: row?.source ?? ("catalog" as const),
  version: id,
  organization_id: row?.organizationId ?? null,
  model,
  valid_from: instant(from),
  valid_until: instant(until),
  price,
  created_by: row?.createdBy ?? null,
  created_at: row?.createdAt.toISOString() ?? null,
  /** Counts its changes, for `If-Match`; null for the catalogue's. */
  revision: row?.version ?? null,
});

/** A price of a tenant's own. */
export const ownPriceBody = (row: PriceBookRow) => {
  const [from, until] = [row.validFrom.getTime(), row.validUntil?.getTime() ?? null];
  return priceBody({ id: row.id, model: row.model, from, until, price: row.price, row });
};

/** `/api/prices`: the price book, and the caller's organizations' own prices in it. */
export function priceRoutes(dependencies: AdminDependencies) {
  const { database, now, random } = dependencies;
  const act = (context: AdminContext) => ({ database, actor: context.get("caller"), now: now() });

  return new Hono<AdminEnv>()
    .get("/", query(priceQuery), async (context) => {
      const caller = context.get("caller");
      const { organization, model, at, limit, cursor, q, sort } = context.req.valid("query");
      const mark = sort === "-model" ? REVERSED : "";
      if (cursor !== undefined && cursor.startsWith(REVERSED) !== (mark !== ""))
        throw new CursorError("of the other order");
      const last = cursor?.slice(mark.length);
      const asOf = now();
      const organizationId = organization ?? caller.organizationId;
      const { path, rows } = await pricesFor(database, caller, { organizationId, model });
      const book = priceBook({ rows, path, model, at: at?.getTime() ?? null, now: asOf });
      const named = book.filter((entry) => q === undefined || entry.model.toLowerCase().includes(q.toLowerCase()));
      const ordered = mark === "" ? named : named.reverse();
      const isBeyond = (key: string) => last === undefined || (mark === "" ? key > last : key < last);
      const following = ordered.filter((entry) => isBeyond(sortKey(entry)));
      const shown = following.slice(0, limit);
      const end = following.length > limit ? shown.at(-1) : undefined;
      return context.json({
        data: shown.map((entry) => ({
          ...priceBody(entry),
          overrides: entry.overrides,
          in_force: entry.inForce,
        })),
        next_cursor: end ? toBase64Url(utf8(mark + sortKey(end))) : null,
        as_of: new Date(asOf).toISOString(),
      });
    })
    .post("/", jsonBody(newPrice), async (context) => {
      const body = context.req.valid("json");
      const validFrom = body.valid_from ?? new Date(now());
      const { organization_id: organizationId, model, valid_until: validUntil } = body;
      if (validUntil !== null && validUntil <= validFrom) {
        throw new GatewayError("invalid_value", "Must be later than 'valid_from'.", { param: "valid_until" });
      }
      const input = { organizationId, model, validFrom, validUntil, price: body.price };
      const { price, change } = await createPrice({ ...act(context), random, input });
      const pending = await isPending(dependencies, context, change);
      sendVersion(context, price.version);
      return context.json({ ...ownPriceBody(price), pending }, 201);
    })
    .patch("/:id", jsonBody(endedPrice), async (context) => {
      const id = pathId("prc", context.req.param("id"));
      const { valid_until: validUntil } = context.req.valid("json");
      const { price, change } = await endPrice({ ...act(context), id, validUntil, check: ifMatch(context) });
      const pending = await isPending(dependencies, context, change);
      sendVersion(context, price.version);
      return context.json({ ...ownPriceBody(price), pending });
    })
    .delete("/:id", async (context) => {
      const id = pathId("prc", context.req.param("id"));
      const { change } = await removePrice({ ...act(context), id, check: ifMatch(context) });
      return context.json({ id, removed: true, pending: await isPending(dependencies, context, change) });
    });
}
