CREATE TABLE "views" (
	"id" text PRIMARY KEY NOT NULL,
	"root_id" text NOT NULL,
	"user_id" text NOT NULL,
	"organization_id" text,
	"name" text NOT NULL,
	"page" text NOT NULL,
	"query" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "views_query_check" CHECK (octet_length("views"."query") <= 4096)
);
--> statement-breakpoint
ALTER TABLE "views" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "kind" text DEFAULT 'api' NOT NULL;--> statement-breakpoint
ALTER TABLE "prices" ADD COLUMN "source" text DEFAULT 'custom' NOT NULL;--> statement-breakpoint
ALTER TABLE "views" ADD CONSTRAINT "views_user_fk" FOREIGN KEY ("root_id","user_id") REFERENCES "public"."users"("root_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "views" ADD CONSTRAINT "views_organization_fk" FOREIGN KEY ("root_id","organization_id") REFERENCES "public"."organizations"("root_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "views_root_id_user_id_idx" ON "views" USING btree ("root_id","user_id");--> statement-breakpoint
CREATE INDEX "views_root_id_organization_id_idx" ON "views" USING btree ("root_id","organization_id");--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_playground_key" ON "api_keys" USING btree ("root_id","organization_id","created_by") WHERE "api_keys"."kind" = 'playground' and "api_keys"."revoked_at" is null;--> statement-breakpoint
CREATE POLICY "tenant" ON "views" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("views"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("views"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
-- By hand from here on. FORCE: the policy holds for the table's owner as well.
ALTER TABLE "views" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "views" TO gaia_app;
