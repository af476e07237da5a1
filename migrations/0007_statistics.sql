-- Written by drizzle-kit; the comment by hand. Each index is made on every partition while its writers wait, readers do not: events wait
-- in their Ledgers meanwhile. Where partitions hold hundreds of millions of rows, make the same indexes on each partition
-- beforehand, CONCURRENTLY: those are taken over, and nothing is built here.
ALTER TABLE "usage_rollups" ADD COLUMN "list_cost_nano" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "usage_events_started_at_idx" ON "usage_events" USING btree ("root_id","started_at");--> statement-breakpoint
CREATE INDEX "usage_events_settled_at_idx" ON "usage_events" USING btree ("root_id","settled_at");--> statement-breakpoint
CREATE INDEX "usage_events_session_id_idx" ON "usage_events" USING btree ("root_id","session_id","event_id") WHERE session_id is not null;--> statement-breakpoint
CREATE INDEX "usage_events_sample_idx" ON "usage_events" USING btree ("root_id","started_at","day","duration_ms","ttft_ms") WHERE rev = 0 and right(event_id, 1) = '0';