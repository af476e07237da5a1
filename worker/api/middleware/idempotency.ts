import type { MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Claim } from "../../../drizzle/idempotency-claim.ts";
import { GatewayError } from "../../errors.ts";
import { toBase64Url, toHex } from "../../lib/encoding.ts";
import { hmacSha256 } from "../../lib/hmac.ts";
import { type SealedPlace, seal, unseal } from "../../lib/seal.ts";
import { claimKey, freeKey, giveBack, keepAnswer, keepRefusal } from "../../organizations/idempotency.ts";
import type { AdminContext, AdminEnv } from "../admin/context.ts";
import type { AdminDependencies } from "../admin/dependencies.ts";
import { inProgress } from "../admin/errors.ts";
import { neededPermission } from "./require-permission.ts";

/** Visible ASCII, bare or in the quotes of a structured field (RFC 9651). Long enough for whatever names a request. */
const KEY = /^(?:"([!#-[\]-~]{1,255})"|([!#-~]{1,255}))$/;
/** What of an answer's headers is kept beside its type. */
const KEPT_HEADERS = ["content-type", "etag", "location"] as const;

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

function readKey(context: AdminContext): string | null {
  const header = context.req.header("idempotency-key");
  if (header === undefined) return null;
  const [, quoted, bare] = KEY.exec(header) ?? [];
  const key = quoted ?? bare;
  if (key !== undefined) return key;
  throw new GatewayError("invalid_header", "The header Idempotency-Key takes 1 to 255 visible ASCII characters.");
}

/** True for a request that changes something; what is asked with a POST and needs only a permission to read does not. */
const changes = (context: AdminContext): boolean =>
  !["GET", "HEAD", "OPTIONS"].includes(context.req.method) && neededPermission(context)?.endsWith(":write") === true;

const keyedHash = async (secret: string, ...parts: string[]): Promise<string> =>
  toHex(await hmacSha256(secret, `idempotency\n${JSON.stringify(parts)}`));

const placeOf = ({ rootId, id }: Claim): SealedPlace => ({ purpose: "idempotent answer", rootId, id });

/** What a request asks, as a keyed hash: by whom it acts where, what it names, and every byte of its body. */
async function fingerprint(context: AdminContext, secret: string): Promise<string> {
  const { method, url } = context.req;
  const { pathname, search } = new URL(url);
  const body = new Uint8Array(await context.req.raw.clone().arrayBuffer());
  return keyedHash(secret, context.get("caller").organizationId, method, pathname, search, toBase64Url(body));
}

async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const kept = KEPT_HEADERS.flatMap((name) => (headers.has(name) ? [[name, headers.get(name) ?? ""]] : []));
  return { status, headers: Object.fromEntries(kept), body: await response.clone().text() };
}

/**
 * A write with an `Idempotency-Key` happens once, and its answer is given again to whoever sends it again within a day (IETF
 * draft-ietf-httpapi-idempotency-key-header). Runs after `requirePermission`: a key belongs to who is known, and to nobody who
 * may not do it (any more). What holds when something breaks in between: docs/decisions/2026-11-26-idempotency.md.
 */
export function idempotency({ database, secrets, now, report }: AdminDependencies): MiddlewareHandler<AdminEnv> {
  const { masterKey } = secrets;

  /** Decides what becomes of a key whose request has ended. */
  async function settle(context: AdminContext, claim: Claim): Promise<void> {
    const { status } = context.res;
    const { error } = context;
    if (status < 500) {
      const answer = await seal(masterKey, placeOf(claim), JSON.stringify(await answerOf(context.res)));
      return status < 400 ? keepAnswer(database, claim, answer) : keepRefusal(database, claim, answer);
    }
    // What is stored is stored, and the Ledger was not told: sent again, the request changes nothing and tells the Ledger.
    const untold = error instanceof GatewayError && error.code === "ledger_unavailable";
    return untold ? freeKey(database, claim) : giveBack(database, claim, now());
  }

  return async function idempotency(context, next) {
    const key = changes(context) ? readKey(context) : null;
    if (key === null) return await next();
    const caller = context.get("caller");
    const { rootId } = caller;
    const id = await keyedHash(masterKey, caller.id, key);
    const claim: Claim = { rootId, id, holder: context.get("requestId") };
    const request = await fingerprint(context, masterKey);
    const claimed = await claimKey(database, claim, request, now()).catch(async (error: unknown) => {
      // It may have been claimed, and only the word of it been lost: nobody is to wait for a request that has failed.
      await giveBack(database, claim, now()).catch(() => {});
      throw error;
    });
    switch (claimed.state) {
      case "held":
        break;
      case "mismatch":
        throw new GatewayError(
          "idempotency_mismatch",
          "This Idempotency-Key was sent with another request. Take a new one.",
        );
      case "in_progress":
        throw inProgress();
      case "answer_lost":
        throw new GatewayError(
          "idempotency_answer_lost",
          `This request was carried out and has changed ${claimed.changed}, but its answer could not be kept. Read what has become of it.`,
        );
      case "answered": {
        const { status, headers, body } = JSON.parse(await unseal(masterKey, placeOf(claim), claimed.answer)) as Answer;
        context.header("idempotency-replayed", "true");
        return context.newResponse(body === "" ? null : body, status as ContentfulStatusCode, headers);
      }
    }
    context.set("caller", { ...caller, claim });
    await next();
    // Whatever happens here, the request has its answer.
    await settle(context, claim).catch((cause: unknown) =>
      report({ requestId: claim.holder, what: "keeping an answer for its Idempotency-Key", cause }),
    );
  };
}
