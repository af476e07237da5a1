import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { createAdminApi } from "../../../worker/api/admin/api.ts";
import { ROUTE_PERMISSIONS } from "../../../worker/api/admin/permissions.ts";
import { ADMIN_OPERATIONS } from "../../../worker/api/admin/schemas/operations.ts";
import { createApp } from "../../../worker/api/app.ts";
import { describeApi } from "../../../worker/api/contract/document.ts";
import type { Services } from "../../../worker/services.ts";
import { readText } from "../../architecture/project-files.ts";

interface Parameter {
  $ref?: string;
  name: string;
  in: string;
}

interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  security: Record<string, []>[];
  parameters: Parameter[];
  responses: Record<string, { $ref?: string; description?: string; content?: Record<string, { schema: object }> }>;
}

interface Document {
  openapi: string;
  info: { version: string };
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, unknown>>;
}

/** What is asked for nothing: routes are registered, and never called. */
const nothing = {} as Services;
const admin = createAdminApi({ secrets: {} } as never);
const document = describeApi(admin.routes) as unknown as Document;

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]): [string, Operation] => [
    `${method.toUpperCase()} ${path}`,
    operation,
  ]),
);
const described = new Set(operations.map(([route]) => route));

/** Patterns of the inference API, by what the contract calls them; a call of Gemini's may also be made at three other places. */
const WRITTEN: Record<string, string[]> = {
  "GET /v1/models/*": ["GET /v1/models/{model}"],
  "GET /v1beta/models/*": ["GET /v1beta/models/{model}"],
  "POST /v1beta/models/*": [],
  "POST /v1/models/*": [],
};
const GEMINI = ["generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents"];

/** A registered route as the contract names it; pages for people are not in it. */
function contractNames(route: string): string[] {
  if (/ \/(?:docs|redoc|reference\/.*|openapi\.json)$/.test(route)) return [];
  if (route.includes(":call{")) return GEMINI.map((method) => `POST /v1beta/models/{model}:${method}`);
  return WRITTEN[route] ?? [route.replace(/:(\w+)/g, "{$1}")];
}

const registered = (routes: { method: string; path: string }[]): string[] =>
  [...new Set(routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`))].sort();

describe("the contract", () => {
  test("is OpenAPI 3.1", async () => {
    expect(await new Validator().validate(structuredClone(document) as never)).toEqual({ valid: true });
    expect(document.openapi).toMatch(/^3\.1\./);
  });

  test("has the project's version", () => {
    expect(document.info.version).toBe(JSON.parse(readText("package.json") ?? "").version);
  });

  test("covers every route, and no other", () => {
    const routes = registered(createApp(nothing).routes);
    expect(routes.length).toBeGreaterThan(Object.keys(ROUTE_PERMISSIONS).length);
    expect([...described].sort()).toEqual([...new Set(routes.flatMap(contractNames))].sort());
  });

  test("describes nothing that is not there any more", () => {
    const routes = registered(admin.routes);
    const rows = ADMIN_OPERATIONS.flatMap((group) => Object.keys(group.operations));
    expect(rows.filter((route) => !routes.includes(route))).toEqual([]);
  });

  test("has each name once", () => {
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(ids.filter((id, index) => ids.indexOf(id) < index)).toEqual([]);
  });

  test("refers to nothing that is not there", () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
    const [all, known] = [JSON.stringify(document).match(/"\$ref":/g)?.length, references.length];
    expect(known).toBe(all);
    const missing = references.filter(([, kind = "", name = ""]) => document.components[kind]?.[name] === undefined);
    expect(missing.map(([text]) => text)).toEqual([]);
  });

  test("is made from what validates: a query's fields are parameters, a body's are there", () => {
    const parameters = document.paths["/api/keys"]?.get?.parameters.map(({ name, $ref }) => name ?? $ref);
    expect(parameters).toContain("unused_since");
    expect(JSON.stringify(document.paths["/api/limits"]?.post)).toContain('"amount_usd":{"description"');
  });
});

describe.each(operations)("%s", (route, { summary, tags, security, parameters, responses }) => {
  test("says what it does, who may call it, and what it answers", () => {
    expect(summary).toMatch(/^\S.{3,60}[^.]$/);
    expect(tags.filter((tag) => !document.tags.some(({ name }) => name === tag))).toEqual([]);
    expect(tags).toHaveLength(1);
    expect(security).toBeDefined();
    const permission = ROUTE_PERMISSIONS[route.replace(/\{(\w+)\}/g, ":$1")];
    if (permission !== undefined) expect(security.length).toBeGreaterThan(0);
    const places = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(parameters.flatMap((one) => (one.in === "path" ? [one.name] : []))).toEqual(places);
    const good = Object.entries(responses).filter(([status]) => /^[23]/.test(status));
    expect(good.length).toBeGreaterThan(0);
    for (const [status, answer] of good) {
      expect(answer.description).toBeTruthy();
      if (status === "204" || status === "302") continue;
      for (const { schema } of Object.values(answer.content ?? { none: { schema: {} } })) {
        expect(Object.keys(schema).length, status).toBeGreaterThan(0);
      }
    }
    const errors = Object.keys(responses).filter((status) => /^(?:[45]|default)/.test(status));
    if (route !== "GET /") expect(errors.length).toBeGreaterThan(0);
  });
});
