import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { type ErrorCode, GatewayError } from "../../errors.ts";
import { type IdKind, idPattern, isId } from "../../lib/ids.ts";
import { isTimeZone } from "../../lib/time-zone.ts";
import { isProviderId, providers } from "../../providers/registry.ts";
import { carrying } from "./carried-schema.ts";
import type { AdminEnv } from "./context.ts";
import { issueWords } from "./issue-words.ts";
import { readJson } from "./read-json.ts";

const MAXIMUM_BODY = 2 ** 20;

/** Refuses a body above 1 MB, declared or counted. */
export const limitBody = bodyLimit({
  maxSize: MAXIMUM_BODY,
  onError: () => {
    throw new GatewayError("request_too_large", "The request body is larger than 1 MB.");
  },
});

/** `permissions[0]`, `organization.name`. */
const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");

/** The first thing that is wrong, in our vocabulary. Values are never repeated: they may be secrets. */
function refusal(issue: z.core.$ZodIssue): GatewayError {
  if (issue.code === "unrecognized_keys") {
    const param = pathOf([...issue.path, issue.keys[0] ?? ""]);
    return new GatewayError("unsupported_parameter", "This field is not known here. Leave it out.", { param });
  }
  const param = pathOf(issue.path);
  const missing = (issue.code === "invalid_type" || issue.code === "invalid_value") && issue.input === undefined;
  const code: ErrorCode = missing
    ? "missing_required_parameter"
    : issue.code === "invalid_type"
      ? "invalid_type"
      : "invalid_value";
  return new GatewayError(code, missing ? "This field is required." : `${issue.message}.`, { param });
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value, { reportInput: true, error: issueWords });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw issue ? refusal(issue) : new Error("zod refused a value and did not say why");
}

type Validator<Target extends "json" | "query", Schema extends z.ZodType> = MiddlewareHandler<
  AdminEnv,
  string,
  { in: Record<Target, z.input<Schema>>; out: Record<Target, z.output<Schema>> }
>;

/** Reads the JSON body by a schema; the handler takes it from `context.req.valid("json")`. */
export const jsonBody = <Schema extends z.ZodType<object>>(schema: Schema): Validator<"json", Schema> =>
  carrying({ part: "json", schema }, async (context, next) => {
    context.req.addValidatedData("json", parse(schema, await readJson(context.req.raw)));
    await next();
  });

/** Reads the query by a schema; a parameter given twice counts once, the first. */
export const query = <Schema extends z.ZodType<object>>(schema: Schema): Validator<"query", Schema> =>
  carrying({ part: "query", schema }, async (context, next) => {
    context.req.addValidatedData("query", parse(schema, context.req.query()));
    await next();
  });

/** The same where some parameters may be given several times: those whose schema is of an array. */
export const repeatableQuery = <Schema extends z.ZodObject>(schema: Schema): Validator<"query", Schema> =>
  carrying({ part: "query", schema }, async (context, next) => {
    const given = Object.entries(context.req.queries()).map(([name, values]) => {
      const field = Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined;
      const repeatable = field instanceof z.ZodOptional && field.unwrap() instanceof z.ZodArray;
      return [name, repeatable ? values : values[0]];
    });
    context.req.addValidatedData("query", parse(schema, Object.fromEntries(given)));
    await next();
  });

/** An id of the path; throws `invalid_id` when it cannot be one. */
export function pathId(kind: IdKind, id: string): string {
  if (isId(kind, id)) return id;
  throw new GatewayError("invalid_id", `This is not an id: one begins with ${kind}_.`, { param: "id" });
}

/** An id in a body or query. */
export const idSchema = (kind: IdKind) =>
  z
    .string()
    .refine((text) => isId(kind, text), `Must be an id like ${kind}_…`)
    .meta({ pattern: idPattern(kind) });

/** Some text on one line, nothing invisible around it. */
export const lineSchema = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) && text.isWellFormed(), "Must be one line of text");

/** A name people give. */
export const nameSchema = lineSchema(100);

/** A zone whose days can be told here, by an IANA name; an offset from UTC knows no daylight saving. */
export const timeZoneSchema = z.string().max(64).refine(isTimeZone, 'Must be an IANA time zone, e.g. "Europe/Zurich"');

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

/** A language as BCP 47 names it. */
export const localeSchema = z.string().max(35).refine(isLocale, 'Must be a language tag, e.g. "de-CH"');

/** A part of a text that lists are searched for. */
export const searchSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((text) => /[\p{L}\p{N}]/u.test(text) && !/\p{C}/u.test(text), "Must hold a letter or a digit");

/** A part of a name, letter for letter, a lone `%` as well. Placeholders and nothing else were meant for another language. */
export const nameSearchSchema = lineSchema(100).refine(
  (text) => !/^[%_*?]{2,}$/.test(text),
  "Must hold more than placeholders: each character is searched for as it is",
);

const [FIRST_MOMENT, LAST_MOMENT] = [Date.UTC(2000, 0), Date.UTC(3000, 0)];

/** A moment as it is written in a body or query. Far-off ones are mistakes, and some of them no date to Postgres. */
export const instantTextSchema = z.iso
  .datetime({ offset: true, error: "Must be a time like 2027-01-31T00:00:00Z" })
  .refine((text) => {
    const at = Date.parse(text);
    return at >= FIRST_MOMENT && at < LAST_MOMENT;
  }, "Must be a time between the years 2000 and 3000");

/** The same, read as a `Date`. */
export const instantSchema = instantTextSchema.transform((text) => new Date(text));

/** The providers there are, for errors. */
export const PROVIDERS = Object.keys(providers).join(", ");

/** A model as it is sent upstream, `provider/model`, of a provider there is. */
export const modelSchema = z
  .string()
  .max(256)
  .refine((name) => /^[^/]+\/[^\s\p{C}]+$/u.test(name), 'Must be {provider}/{model}, e.g. "openai/gpt-6.1-sol"')
  .refine(
    (name) => isProviderId(name.slice(0, name.indexOf("/"))),
    `Must begin with a provider there is: ${PROVIDERS}`,
  );

/** A name that `modelSchema` takes, in its parts. */
export function readModel(name: string): { provider: string; upstreamModel: string } {
  const slash = name.indexOf("/");
  return { provider: name.slice(0, slash), upstreamModel: name.slice(slash + 1) };
}

/** Refuses a change that changes nothing: it is a mistake in a field's name at best. */
export function requireChange(body: object): void {
  if (Object.values(body).some((value) => value !== undefined)) return;
  throw new GatewayError("missing_required_parameter", "Name at least one field to change.");
}

/** What a list's `cursor` is, for people. */
export const CURSOR = "`next_cursor` of the page before, of the same list in the same order.";

/** What every list takes. */
export const pageSchema = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, "Must be a whole number")
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 200, "Must be between 1 and 200")
    .default(50)
    .meta({ type: "integer", minimum: 1, maximum: 200, description: "How many a page holds at most." }),
  cursor: z.string().min(1).max(200).optional().describe(CURSOR),
});
