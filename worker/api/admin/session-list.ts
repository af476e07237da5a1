import { SESSION_SORTS, type SessionRow } from "../../auth/own-sessions.ts";
import { listSchema } from "./list.ts";

/** What a list of somebody's sessions takes. */
export const sessionQuery = listSchema(SESSION_SORTS, "-created_at");

/** A session as the API shows it, whoever asks. */
export const sessionFields = (row: SessionRow) => ({
  id: row.id,
  user_agent: row.userAgent,
  created_at: row.createdAt.toISOString(),
  last_seen_at: row.lastSeenAt.toISOString(),
  expires_at: row.expiresAt.toISOString(),
});
