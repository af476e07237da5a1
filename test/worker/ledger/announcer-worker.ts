/**
 * A Worker of one purpose: the production `Announcer` over a Durable Object's own storage, and the production sender over
 * workerd's own `fetch`. `POST /announce` runs one notice's life; `POST /send` sends once to the address in the body.
 */
import type { DeliveryLogRow } from "../../../worker/canonical/webhook-delivery.ts";
import { Announcer } from "../../../worker/ledger/announcer.ts";
import { sender } from "../../../worker/ledger/delivery-send.ts";
import type { LedgerObject } from "../../../worker/ledger/ledger-object.ts";
import { CountedSql } from "../../../worker/ledger/storage.ts";
import { notice, webhook } from "../../unit/ledger/announcer-notices.ts";

type State = ConstructorParameters<typeof LedgerObject>[0];

export class TestAnnouncer {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  /** A notice is refused, the object begins anew, the notice is delivered: rows written by each step, and the log. */
  async fetch(): Promise<Response> {
    const sql = new CountedSql(this.#state.storage);
    const recorded: DeliveryLogRow[] = [];
    let [now, status] = [Date.UTC(2126, 0), 500];
    const begin = () =>
      new Announcer({
        sql,
        clock: { now: () => now, random: () => 0 },
        log: () => {},
        webhooks: () => [webhook("whk_one")],
        unseal: async () => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        send: sender(async () => new Response("unread", { status })),
        recordDeliveries: async (rows) => void recorded.push(...rows),
      });
    const written = (): number => {
      const { rowsWritten } = sql;
      sql.rowsWritten = 0;
      return rowsWritten;
    };
    let announcer = begin();
    const rows: Record<string, number> = {};
    announcer.announce(notice("first", now));
    rows.tables = written();
    announcer.announce(notice("second", now, { organizationPath: [] }));
    announcer.announce(notice("second", now, { organizationPath: [] }));
    rows.notice = written();
    await announcer.run();
    rows.attempt = written();
    announcer = begin();
    announcer.announce(notice("first", now));
    rows.repetition = written();
    await announcer.run();
    rows.recordedAgain = written();
    [now, status] = [now + 5_000, 200];
    await announcer.run();
    rows.end = written();
    return Response.json({ rows, recorded, dueAt: announcer.dueAt });
  }
}

interface Env {
  ANNOUNCER: { newUniqueId(): unknown; get(id: unknown): { fetch(request: Request): Promise<Response> } };
}

// biome-ignore lint/style/noDefaultExport: what workerd calls
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (new URL(request.url).pathname === "/send") {
      const send = sender((url, init) => fetch(url, init), 500);
      return Response.json(await send(await request.text(), { "webhook-id": "dlv_1" }, "{}"));
    }
    return env.ANNOUNCER.get(env.ANNOUNCER.newUniqueId()).fetch(request);
  },
};
