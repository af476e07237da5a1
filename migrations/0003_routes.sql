CREATE TABLE "routes" (
	"id" text PRIMARY KEY NOT NULL,
	"root_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"name" text NOT NULL,
	"strategy" text NOT NULL,
	"targets" jsonb NOT NULL,
	"timeouts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"removed_at" timestamp (3) with time zone,
	CONSTRAINT "routes_strategy_check" CHECK ("routes"."strategy" in ('ordered', 'weighted'))
);
--> statement-breakpoint
ALTER TABLE "routes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "usage_events" ADD COLUMN "route_id" text;--> statement-breakpoint
ALTER TABLE "usage_events" ADD COLUMN "tries" jsonb;--> statement-breakpoint
ALTER TABLE "usage_events" ADD COLUMN "failed_cost_nano" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "routes" ADD CONSTRAINT "routes_organization_fk" FOREIGN KEY ("root_id","organization_id") REFERENCES "public"."organizations"("root_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "routes_one_of_a_name" ON "routes" USING btree ("root_id","organization_id","name") WHERE "routes"."removed_at" is null;--> statement-breakpoint
CREATE POLICY "tenant" ON "routes" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("routes"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("routes"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
-- By hand from here on. FORCE: the policies hold for the table's owner as well.
ALTER TABLE "routes" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
-- What ended keeps its row: nothing may be deleted.
GRANT SELECT, INSERT, UPDATE ON "routes" TO gaia_app;
