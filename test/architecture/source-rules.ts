import { type SourceTree, withoutComments } from "./imports.ts";

interface SourceRule {
  what: string;
  where: readonly string[];
  except?: readonly string[];
  never: RegExp;
}

const RULES: SourceRule[] = [
  { what: "a dialect calls fetch", where: ["worker/dialects/"], never: /(?<![.\w])fetch\s*\(/ },
  {
    what: "a dialect reads the clock",
    where: ["worker/dialects/"],
    never: /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.|\bset(?:Timeout|Interval)\b/,
  },
  {
    what: "a dialect reads randomness",
    where: ["worker/dialects/"],
    never: /\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b/,
  },
  {
    what: "a dialect reads the environment",
    where: ["worker/dialects/"],
    never: /\bprocess\.|\bimport\.meta\.env\b|["']cloudflare:workers["']|\/env\.ts["']/,
  },
  {
    what: "the accounts side calls fetch (Postgres is reached by Drizzle only)",
    where: ["worker/ledger/", "worker/auth/", "worker/organizations/", "worker/usage/", "drizzle/"],
    // Where the Neon driver is told how to fetch.
    except: ["drizzle/client.ts"],
    never: /(?<![.\w])fetch\s*\(/,
  },
  { what: "sql.raw", where: ["worker/", "drizzle/"], never: /\bsql\s*\.\s*raw\b/ },
  {
    what: "SQL built from strings",
    where: ["worker/", "drizzle/"],
    // Where the text of migrations is run.
    except: ["drizzle/migrate.ts", "drizzle/concurrent-indexes.ts"],
    never: /\bStringChunk\b|\bnew\s+SQL\b|\bsql\s*\(|\.unsafe\s*\(|\b(?:client|neon|database)\s*\.\s*query\s*\(/,
  },
  {
    what: "a batch that names no tenant",
    where: ["worker/", "drizzle/"],
    // Guesses and states that were spent are nobody's: their tables hold no tenant's rows.
    except: ["drizzle/tenant.ts", "worker/auth/throttle.ts", "worker/auth/sign-on.ts"],
    never: /\bdatabase\s*\.\s*(?:batch|transaction)\b/,
  },
  {
    what: "a query that names no tenant",
    where: ["worker/"],
    // The token that sets up the first tenant, and what providers list. The database's own functions (`gaia_…`) may be called.
    except: ["worker/organizations/set-up.ts", "worker/organizations/model-lists.ts"],
    never:
      /\bawait\s+(?:[\w.]+\.)?database\s*\.\s*(?:execute\b(?!(?:<[^(]*>)?\(\s*sql`\s*select\s[^`]*\bgaia_\w+\()|select\w*|insert|update|delete|with|query|\$count)\b/,
  },
  // Each makes an error whose stack holds the page of that moment (dashboard/api/left.ts).
  { what: "gives up without a reason", where: ["dashboard/"], never: /\.abort\(\s*\)/ },
  { what: "follows redirects", where: ["worker/"], never: /\bredirect\s*:\s*["'`]follow["'`]/ },
];

/** The dialects of chat: two of them side by side differ only where the wire formats do. */
const CHAT_DIALECTS = ["openai-chat", "openai-responses", "anthropic-messages", "google-generate-content"];

/** Every file whose source breaks a rule, as `path: what is wrong`. */
export const offendingSource = (tree: SourceTree): string[] =>
  [...tree].flatMap(([path, text]) => {
    const code = withoutComments(text);
    return RULES.filter(({ where, except }) => where.some((unit) => path.startsWith(unit)) && !except?.includes(path))
      .filter(({ never }) => never.test(code))
      .map(({ what }) => `${path}: ${what}`);
  });

/**
 * Chat dialects that lack a file which all the others have, as `dialect lacks file`. A file that one dialect has alone is
 * about something the others do not have.
 */
export const missingDialectFiles = (tree: SourceTree): string[] => {
  const files = (dialect: string) =>
    new Set(
      [...tree.keys()]
        .filter((path) => path.startsWith(`worker/dialects/${dialect}/`))
        .map((path) => path.slice(`worker/dialects/${dialect}/`.length)),
    );
  return CHAT_DIALECTS.flatMap((dialect) => {
    const own = files(dialect);
    const [first, ...others] = CHAT_DIALECTS.filter((other) => other !== dialect).map(files);
    const shared = [...(first ?? [])].filter((file) => others.every((other) => other.has(file))).sort();
    return shared.filter((file) => !own.has(file)).map((file) => `${dialect} lacks ${file}`);
  });
};
