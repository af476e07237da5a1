ALTER TABLE "usage_events" ADD COLUMN "upstream_dialect" text;--> statement-breakpoint
ALTER TABLE "usage_events" ADD COLUMN "warnings" jsonb DEFAULT '[]'::jsonb NOT NULL;