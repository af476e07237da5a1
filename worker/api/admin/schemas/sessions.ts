import { z } from "zod";
import { id, instant } from "./common.ts";

/** What is told of a session, one's own or a member's. */
export const sessionFields = {
  id: id("ses"),
  user_agent: z.string().nullable(),
  created_at: instant,
  last_seen_at: instant.describe("When its token was last renewed: right to ten minutes."),
  expires_at: instant,
};

export const endedSessions = z.strictObject({ ended: z.int().min(0) }).meta({ id: "EndedSessions" });
