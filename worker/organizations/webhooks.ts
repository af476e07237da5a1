import { and, eq, getTableColumns, isNull, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { webhooks } from "../../drizzle/schema/index.ts";
import { forList, forRoot } from "../../drizzle/tenant.ts";
import type { ConfigurationChange } from "../canonical/tenant.ts";
import { newWebhookSecret, webhookSecretPlace } from "../canonical/webhook-secret.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import { byInstant, byText, cutPage, type Page, type PageRequest, pageOf } from "../lib/page.ts";
import type { Random } from "../lib/random.ts";
import { seal } from "../lib/seal.ts";
import type { Actor } from "./actor.ts";
import { commitChange } from "./change.ts";
import { type WebhookRow, webhookRecord } from "./records.ts";
import { holdsText } from "./search.ts";
import { inBranch, pathWithin } from "./tree.ts";
import { undisturbed } from "./undisturbed.ts";

interface Act {
  database: Database;
  actor: Actor;
  now: number;
}

/** What a new signing secret needs. */
interface Secrets {
  masterKey: string;
  random: Random;
}

interface Changed {
  webhook: WebhookRow;
  change: ConfigurationChange;
}

async function newSecret({ masterKey, random }: Secrets, rootId: string, id: string) {
  const secret = newWebhookSecret(random);
  return { secret, sealedSecret: await seal(masterKey, webhookSecretPlace(rootId, id), secret) };
}

/**
 * Makes a webhook of one of the actor's organizations, its own when none is named. The secret is in the answer and sealed
 * in the row, nowhere else. Throws `not_found` for the organization.
 */
export async function createWebhook({
  database,
  actor,
  now,
  input,
  ...secrets
}: Act &
  Secrets & {
    input: { organizationId?: string | undefined; url: string; events: string[] };
  }): Promise<Changed & { secret: string }> {
  const organizationId = input.organizationId ?? actor.organizationId;
  await pathWithin(database, actor, organizationId);
  const id = newId("whk", secrets.random);
  const { secret, sealedSecret } = await newSecret(secrets, actor.rootId, id);
  const webhook: WebhookRow = {
    id,
    rootId: actor.rootId,
    organizationId,
    url: input.url,
    sealedSecret,
    events: input.events,
    createdBy: actor.id,
    createdAt: new Date(now),
    version: 1,
    disabledAt: null,
    removedAt: null,
  };
  const change = await commitChange(database, {
    rootId: actor.rootId,
    now,
    statements: [database.insert(webhooks).values(webhook)],
    audit: {
      ...{ actor, action: "webhook.create", target: id, organizationId },
      ...{ before: null, after: auditedWebhook(webhook) },
    },
    webhooks: [webhookRecord(webhook)],
  });
  if (!change) throw new Error("a change without a condition was not made");
  return { webhook, change, secret };
}

/** What the audit log says of a webhook: nothing of its secret. */
const auditedWebhook = (row: WebhookRow) => ({
  organization_id: row.organizationId,
  url: row.url,
  events: row.events,
  disabled_at: row.disabledAt?.toISOString() ?? null,
});

const notRemoved = (rootId: string) => and(eq(webhooks.rootId, rootId), isNull(webhooks.removedAt));

export const WEBHOOK_SORTS = ["created_at", "url"] as const;

const ORDERS = { created_at: byInstant(webhooks.createdAt), url: byText(webhooks.url) };

/** Webhooks of the actor's organizations; of one branch when `organizationId` is given (`not_found`). */
export async function listWebhooks(
  database: Database,
  actor: Actor,
  page: PageRequest<(typeof WEBHOOK_SORTS)[number]> & { organizationId?: string | undefined; q?: string | undefined },
): Promise<Page<WebhookRow>> {
  if (page.organizationId !== undefined) await pathWithin(database, actor, page.organizationId);
  const branch = page.organizationId ?? actor.organizationId;
  const found = page.q === undefined ? undefined : holdsText([webhooks.url], page.q);
  const { place, order, after } = pageOf(ORDERS, webhooks.id, page);
  const [rows] = await forList(database, actor.rootId).batch([
    database
      .select({ ...getTableColumns(webhooks), place })
      .from(webhooks)
      .where(and(notRemoved(actor.rootId), inBranch(webhooks.organizationId, actor.rootId, branch), found, after))
      .orderBy(...order)
      .limit(page.limit + 1),
  ]);
  return cutPage(rows, page);
}

/** One webhook; throws `not_found` when it was removed or the actor may not see it, whether it exists or not. */
export async function getWebhook(database: Database, actor: Actor, id: string): Promise<WebhookRow> {
  const reach = inBranch(webhooks.organizationId, actor.rootId, actor.organizationId);
  const [[row]] = await forRoot(database, actor.rootId).batch([
    database
      .select()
      .from(webhooks)
      .where(and(notRemoved(actor.rootId), eq(webhooks.id, id), reach)),
  ]);
  if (!row) throw new GatewayError("not_found", "There is no such webhook, or it is not yours to see.");
  return row;
}

interface ChangeWebhook extends Act {
  id: string;
  /** Throws when the caller does not want to change this version. */
  check(version: number): void;
}

/**
 * Changes where and of what a webhook tells, or whether it does; what is not named stays. Throws `not_found`, and what `check`
 * throws.
 */
export const changeWebhook = ({
  input,
  ...act
}: ChangeWebhook & {
  input: { url?: string | undefined; events?: string[] | undefined; disabled?: boolean | undefined };
}): Promise<Changed> =>
  revise(act, "webhook.update", ({ url, events, disabledAt }) => ({
    url: input.url ?? url,
    events: input.events ?? events,
    disabledAt: input.disabled === undefined ? disabledAt : input.disabled ? (disabledAt ?? new Date(act.now)) : null,
  }));

/** Gives a webhook another secret; the old one signs nothing from then on. Throws as `changeWebhook` does. */
export async function rotateSecret({
  masterKey,
  random,
  ...act
}: ChangeWebhook & Secrets): Promise<Changed & { secret: string }> {
  await getWebhook(act.database, act.actor, act.id);
  const { secret, sealedSecret } = await newSecret({ masterKey, random }, act.actor.rootId, act.id);
  return { ...(await revise(act, "webhook.rotate", () => ({ sealedSecret }))), secret };
}

/** Ends a webhook: its row and its log stay, nothing is sent any more. Throws as `changeWebhook` does. */
export const removeWebhook = (act: ChangeWebhook): Promise<Changed> =>
  revise(act, "webhook.delete", () => ({ removedAt: new Date(act.now) }));

function revise(
  { database, actor, now, id, check }: ChangeWebhook,
  action: "webhook.update" | "webhook.rotate" | "webhook.delete",
  valuesOf: (found: WebhookRow) => Partial<WebhookRow>,
): Promise<Changed> {
  return undisturbed(async () => {
    const found = await getWebhook(database, actor, id);
    check(found.version);
    const values = { ...valuesOf(found), version: found.version + 1 };
    const webhook: WebhookRow = { ...found, ...values };
    // The Ledger is told the whole row: one that has changed in between would be told wrongly.
    const unchanged = and(
      notRemoved(actor.rootId),
      eq(webhooks.id, id),
      eq(webhooks.version, found.version),
      eq(webhooks.url, found.url),
      eq(webhooks.sealedSecret, found.sealedSecret),
      eq(webhooks.events, found.events),
      found.disabledAt ? eq(webhooks.disabledAt, found.disabledAt) : isNull(webhooks.disabledAt),
    );
    const change = await commitChange(database, {
      rootId: actor.rootId,
      now,
      onlyIf: sql`exists ${database.select({ id: webhooks.id }).from(webhooks).where(unchanged)}`,
      statements: [
        database
          .update(webhooks)
          .set(values)
          .where(and(eq(webhooks.rootId, actor.rootId), eq(webhooks.id, id))),
      ],
      audit: {
        actor,
        action,
        target: id,
        organizationId: found.organizationId,
        before: auditedWebhook(found),
        after: webhook.removedAt ? null : auditedWebhook(webhook),
      },
      webhooks: [webhookRecord(webhook)],
    });
    return change && { webhook, change };
  });
}
