import { sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { signInFailures } from "../../drizzle/schema/index.ts";
import { GatewayError } from "../errors.ts";
import { toHex } from "../lib/encoding.ts";
import { hmacSha256 } from "../lib/hmac.ts";
import type { Peppers } from "./api-key.ts";

/** Failures remembered for this long. */
const WINDOW_MS = 15 * 60_000;
/** Rows that say nothing any more and are removed at a time. */
const SWEPT = 100;
const LABEL = "gaia throttle\n";

/** Failures allowed in a window, by what they are counted for. An office behind one address shares `address`. */
const LIMITS = { accountAtAddress: 5, account: 50, address: 100 } as const;

/** One guess: at the secret of an account, or, without one, at a link. */
export interface Attempt {
  /** An e-mail address, lower-cased; null where the guess names nobody. */
  account: string | null;
  /** Where it comes from, as the platform tells it. */
  address: string;
}

/** Slows down guessing, wherever on the edge it arrives. */
export interface Throttle {
  /**
   * Counts one attempt as failed, before it is tried, so that attempts in parallel cannot slip by. Throws
   * `too_many_attempts` with the whole seconds to wait when there were too many; such an attempt is not counted. `last`: if it
   * fails, the account is shut for a while.
   */
  begin(attempt: Attempt, now: number): Promise<{ last: boolean }>;
  /** The attempt was right: takes back what `begin` counted, and what failed before it from that address. */
  succeed(attempt: Attempt, now: number): Promise<void>;
  /** It was right, and more is asked for: takes back what `begin` counted, and nothing that failed before it. */
  takeBack(attempt: Attempt, now: number): Promise<void>;
}

interface Subject {
  /** Keyed hash: the table names neither people nor addresses. */
  hash: string;
  limit: number;
}

/** A throttle whose memory is the database's, so that all isolates share it. */
export function createThrottle(database: Database, peppers: Peppers): Throttle {
  const hashOf = async (text: string): Promise<string> =>
    toHex(await hmacSha256(peppers.secrets[peppers.current] ?? "", LABEL + text));

  /** In the order in which every transaction locks them, or two could wait for each other. */
  async function subjectsOf({ account, address }: Attempt): Promise<Subject[]> {
    const named: [text: string, limit: number][] = [[`address ${address}`, LIMITS.address]];
    if (account !== null) {
      named.push([`account ${account}`, LIMITS.account], [`both ${address} ${account}`, LIMITS.accountAtAddress]);
    }
    const subjects = await Promise.all(named.map(async ([text, limit]) => ({ hash: await hashOf(text), limit })));
    return subjects.sort((a, b) => (a.hash < b.hash ? -1 : 1));
  }

  /** Takes an attempt back, and with `whole` all that its account failed before it from that address. */
  async function forget(attempt: Attempt, now: number, whole: boolean): Promise<void> {
    const subjects = await subjectsOf(attempt);
    const rows = sql.join(
      subjects.map(({ hash, limit }) => sql`(${hash}, ${whole && limit === LIMITS.accountAtAddress}::boolean)`),
      sql`, `,
    );
    await database.batch([
      database.execute(sql`
        with own (subject, whole) as (values ${rows}),
        locked as (
          select known.subject, own.whole from ${signInFailures} known join own on own.subject = known.subject
          order by known.subject for update of known
        )
        update ${signInFailures} as known set failures =
          case when locked.whole then '{}'::bigint[] else known.failures[1:cardinality(known.failures) - 1] end
        from locked where known.subject = locked.subject`),
      database.execute(sql`
        delete from ${signInFailures} where subject in (
          select subject from ${signInFailures} where stale_at < ${now}::bigint
          order by stale_at limit ${SWEPT} for update skip locked
        )`),
    ]);
  }

  return {
    async begin(attempt, now) {
      const subjects = await subjectsOf(attempt);
      const list = sql.join(
        subjects.map(({ hash }) => sql`${hash}`),
        sql`, `,
      );
      const rows = sql.join(
        subjects.map(({ hash }) => sql`(${hash}, '{}'::bigint[], ${now + WINDOW_MS}::bigint)`),
        sql`, `,
      );
      const full = sql.join(
        subjects.map(({ hash, limit }) => sql`(subject = ${hash} and cardinality(failures) >= ${limit}::int)`),
        sql` or `,
      );
      const [{ rows: counted }] = await database.batch([
        // Forgets what is old, and locks the rows until the attempt is counted.
        database.execute<{ subject: string; failures: number[] }>(sql`
          insert into ${signInFailures} as known (subject, failures, stale_at) values ${rows}
          on conflict (subject) do update set stale_at = excluded.stale_at, failures =
            array(select at from unnest(known.failures) at where at > ${now - WINDOW_MS}::bigint order by at)
          returning subject, to_json(failures) as failures`),
        database.execute(sql`
          update ${signInFailures} set failures = failures || ${now}::bigint
          where subject in (${list}) and not exists (select 1 from ${signInFailures} where ${full})`),
      ]);
      let wait = 0;
      let last = false;
      for (const { hash, limit } of subjects) {
        const failures = counted.find(({ subject }) => subject === hash)?.failures ?? [];
        if (limit !== LIMITS.address && failures.length === limit - 1) last = true;
        const freeing = failures[failures.length - limit];
        if (freeing !== undefined) wait = Math.max(wait, Math.ceil((freeing + WINDOW_MS - now) / 1000));
      }
      if (wait > 0) throw tooMany(wait);
      return { last };
    },

    succeed: (attempt, now) => forget(attempt, now, true),
    takeBack: (attempt, now) => forget(attempt, now, false),
  };
}

const tooMany = (seconds: number): GatewayError =>
  new GatewayError("too_many_attempts", `Too many failed attempts. Try again in ${seconds} seconds.`, {
    retryAfter: seconds,
  });
