ALTER TABLE "usage_rollups" ADD COLUMN "list_cost_nano" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "usage_events_started_at_idx" ON "usage_events" USING btree ("root_id","started_at");--> statement-breakpoint
CREATE INDEX "usage_events_session_id_idx" ON "usage_events" USING btree ("root_id","session_id","event_id") WHERE session_id is not null;--> statement-breakpoint
CREATE INDEX "usage_events_sample_idx" ON "usage_events" USING btree ("root_id","started_at") WHERE rev = 0 and right(event_id, 1) = '0';