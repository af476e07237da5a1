import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { ADMIN_ERRORS } from "../../worker/api/contract/admin-errors.ts";

/** An answer, in the part that the contract says something of. */
interface Answered {
  status: number;
  contentType: string | null;
  /** Whether it names a version. */
  etag: boolean;
  body: unknown;
}

interface Described {
  responses: Record<string, { headers?: object; content?: Record<string, unknown> }>;
}

interface Document {
  paths: Record<string, Record<string, Described>>;
  components: { responses: Record<string, { content?: Record<string, unknown> }> };
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** A part of a JSON pointer (RFC 6901). */
const pointer = (...parts: string[]): string =>
  parts.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** How literally a templated path is that of a request, as a number; 0: it is not. */
function fits(template: string, path: string): number {
  const pattern = template.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${pattern}$`).test(path) ? template.replace(/\{\w+\}/g, "").length : 0;
}

/** The API's description, against which answers are held. */
export class Contract {
  readonly #document: Document;
  readonly #ajv = new Ajv2020({
    strict: false,
    validateSchema: false,
    formats: { "date-time": DATE_TIME, email: true },
  });
  readonly #validators = new Map<string, ValidateFunction>();

  /** @param document the OpenAPI document, as it is served or as it is made. */
  constructor(document: object) {
    this.#document = document as Document;
    this.#ajv.addSchema(document, "openapi");
  }

  /** What is wrong with an answer; null when it is as described. Of inference's errors nothing is said. */
  problem(method: string, path: string, answered: Answered): string | null {
    const what = `${method} ${path} answers ${answered.status}`;
    const managed = path.startsWith("/api/");
    const { status, body } = answered;
    if (!managed && status >= 400) return null;
    const place = this.#placeOf(method, path);
    if (place === null)
      return status < 400 ? `${what}, and is not in the contract` : this.#errorProblem(what, answered);
    const named = place.described.responses[status];
    if (named === undefined)
      return status === 405 ? null : `${what}, which the contract does not name: ${JSON.stringify(body)}`;
    if (status >= 400) return this.#errorProblem(what, answered);
    const versioned = "etag" in (named.headers ?? {});
    if (managed && answered.etag !== versioned) return `${what} ${versioned ? "without" : "with"} an ETag`;
    const type = answered.contentType?.split(";")[0] ?? "";
    if (named.content === undefined) return body === "" ? null : `${what} with a body`;
    if (named.content[type] === undefined) return `${what} as ${type}`;
    if (type !== "application/json") return null;
    return this.#bodyProblem(
      what,
      `${place.pointer}${pointer("responses", String(status), "content", type, "schema")}`,
      body,
    );
  }

  #placeOf(method: string, path: string) {
    const verb = (method === "HEAD" ? "GET" : method).toLowerCase();
    const found = Object.keys(this.#document.paths)
      .map((template) => ({ template, literal: fits(template, path) }))
      .filter(({ template, literal }) => literal > 0 && this.#document.paths[template]?.[verb] !== undefined)
      .sort((a, b) => b.literal - a.literal)[0]?.template;
    const described = found === undefined ? undefined : this.#document.paths[found]?.[verb];
    return described && found ? { described, pointer: pointer("paths", found, verb) } : null;
  }

  #errorProblem(what: string, { status, body }: Answered): string | null {
    const wrong = this.#bodyProblem(what, pointer("components", "schemas", "ApiError"), body);
    if (wrong !== null || status === 405) return wrong;
    const { code } = (body as { error: { code: never } }).error;
    return ADMIN_ERRORS[status]?.codes.includes(code) ? null : `${what} with ${code}, which the contract does not name`;
  }

  #bodyProblem(what: string, place: string, body: unknown): string | null {
    const validate = this.#validators.get(place) ?? this.#ajv.compile({ $ref: `openapi#${encodeURI(place)}` });
    this.#validators.set(place, validate);
    if (validate(body)) return null;
    return `${what} otherwise than described: ${this.#ajv.errorsText(validate.errors)}\n${JSON.stringify(body)}`;
  }
}
