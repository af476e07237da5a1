import { Hono } from "hono";
import { deleteCookie } from "hono/cookie";
import { z } from "zod";
import { endSessions, listSessions } from "../../auth/own-sessions.ts";
import { hashPassword, verifyPassword } from "../../auth/password.ts";
import { openSession } from "../../auth/session.ts";
import { SESSION_COOKIE } from "../../auth/session-token.ts";
import { createThrottle } from "../../auth/throttle.ts";
import { GatewayError } from "../../errors.ts";
import {
  changePassword,
  changeProfile,
  getProfile,
  type Profile,
  passwordHashOf,
} from "../../organizations/accounts.ts";
import { setSessionCookie } from "../middleware/authenticate-admin.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { ifMatch, sendVersion } from "./if-match.ts";
import { listBody } from "./list.ts";
import { personOf } from "./person.ts";
import { newPasswordSchema } from "./session.ts";
import { endedSessions } from "./session-audit.ts";
import { addressOf } from "./session-body.ts";
import { sessionFields, sessionQuery } from "./session-list.ts";
import { jsonBody, localeSchema, nameSchema, pathId, query, requireChange, timeZoneSchema } from "./validate.ts";

const changedProfile = z.strictObject({
  name: nameSchema.optional(),
  locale: localeSchema.nullable().optional().describe("BCP 47; null: the browser's."),
  time_zone: timeZoneSchema.nullable().optional().describe("IANA name; null: the browser's."),
});

const newPassword = z.strictObject({ old_password: z.string().min(1).max(256), new_password: newPasswordSchema });

/** `/api/me`: one's own account. */
export function meRoutes({ database, secrets, now, random }: AdminDependencies) {
  const { peppers, sessionSecret } = secrets;
  const throttle = createThrottle(database, peppers);

  const body = (context: AdminContext, profile: Profile) => {
    const { user, organization, role, places, sessionId, expiresAt, provenAt } = personOf(context);
    sendVersion(context, profile.version);
    return {
      user: {
        id: user.id,
        email: profile.email,
        name: profile.name,
        locale: profile.locale,
        time_zone: profile.timeZone,
        has_password: profile.hasPassword,
        created_at: profile.createdAt.toISOString(),
        version: profile.version,
      },
      /** Where this request acts, and what may be done there. */
      organization,
      role,
      permissions: [...context.get("caller").can].sort(),
      /** Where else: each may be named in the header `x-gaia-organization`. */
      organizations: places.map((place) => ({ ...place.organization, role: place.role })),
      session: {
        id: sessionId,
        authenticated_at: new Date(provenAt).toISOString(),
        expires_at: new Date(expiresAt).toISOString(),
      },
    };
  };

  const teller = (context: AdminContext, at: number) => {
    const { rootId, origin, id: userId } = context.get("caller");
    return { database, rootId, userId, origin, now: at };
  };

  return new Hono<AdminEnv>()
    .get("/", async (context) => context.json(body(context, await getProfile(database, personOf(context)))))
    .patch("/", jsonBody(changedProfile), async (context) => {
      const { name, locale, time_zone: timeZone } = context.req.valid("json");
      requireChange({ name, locale, timeZone });
      const named = {
        ...(name === undefined ? {} : { name }),
        ...(locale === undefined ? {} : { locale }),
        ...(timeZone === undefined ? {} : { timeZone }),
      };
      const change = { database, account: personOf(context), now: now(), check: ifMatch(context), input: named };
      return context.json(body(context, await changeProfile(change)));
    })
    .post("/password", jsonBody(newPassword), async (context) => {
      const person = personOf(context);
      const input = context.req.valid("json");
      const attempt = { account: person.user.email, address: addressOf(context.req.raw.headers) };
      await throttle.begin(attempt, now());
      const before = await passwordHashOf(database, person);
      if (before === null) throw new GatewayError("conflict", "You have no password: you sign in elsewhere.");
      const { valid } = await verifyPassword(input.old_password, before, peppers);
      if (!valid) throw new GatewayError("invalid_value", "This is not your password.", { param: "old_password" });
      await throttle.succeed(attempt, now());
      const after = await hashPassword(input.new_password, peppers, random);
      if (!(await changePassword(database, person, now(), { before, after }))) {
        throw new GatewayError("conflict", "Your password has just been changed.");
      }
      // All sessions have ended, this one too: a copy of its cookie is worth nothing any more.
      const userAgent = context.req.header("user-agent") ?? null;
      const session = { database, sessionSecret, now: now() };
      setSessionCookie(context, await openSession(session, { ...person, userAgent, random }));
      return context.body(null, 204);
    })
    .get("/sessions", query(sessionQuery), async (context) => {
      const person = personOf(context);
      const at = now();
      const found = await listSessions(database, person, at, context.req.valid("query"));
      return context.json(
        listBody(found, at, (row) => ({ ...sessionFields(row), current: row.id === person.sessionId })),
      );
    })
    .delete("/sessions", async (context) => {
      const person = personOf(context);
      const at = now();
      const told = endedSessions(teller(context, at), "others");
      return context.json({ ended: await endSessions(database, person, at, { except: person.sessionId }, told) });
    })
    .delete("/sessions/:id", async (context) => {
      const person = personOf(context);
      const id = pathId("ses", context.req.param("id"));
      const at = now();
      if ((await endSessions(database, person, at, { only: id }, endedSessions(teller(context, at), "one"))) === 0) {
        throw new GatewayError("not_found", "There is no such session of yours, or it has ended.");
      }
      if (id === person.sessionId) deleteCookie(context, SESSION_COOKIE, { path: "/", secure: true });
      return context.body(null, 204);
    });
}
