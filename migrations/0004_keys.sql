ALTER TABLE "api_keys" ADD COLUMN "previous_mac" text;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "previous_hint" text;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "previous_expires_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "models" text[];--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "ip_ranges" text[];--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "origins" text[];--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "tags" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "owner" text DEFAULT 'service' NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "note" text;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
CREATE INDEX "usage_rollups_key_id_idx" ON "usage_rollups" USING btree ("root_id","key_id","hour");