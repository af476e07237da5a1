CREATE TABLE "model_dismissals" (
	"root_id" text NOT NULL,
	"change_id" text NOT NULL,
	"model" text NOT NULL,
	"dismissed_by" text NOT NULL,
	"dismissed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "model_dismissals_pk" PRIMARY KEY("root_id","change_id")
);
--> statement-breakpoint
ALTER TABLE "model_dismissals" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "model_lists" (
	"provider" text PRIMARY KEY NOT NULL,
	"attempted_at" timestamp (3) with time zone NOT NULL,
	"failure" text,
	"read_at" timestamp (3) with time zone,
	"simulated" boolean DEFAULT false NOT NULL,
	"models" jsonb DEFAULT '[]'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "models" (
	"id" text PRIMARY KEY NOT NULL,
	"root_id" text NOT NULL,
	"model" text NOT NULL,
	"source" text NOT NULL,
	"facts" jsonb NOT NULL,
	"sources" jsonb NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"removed_at" timestamp (3) with time zone,
	CONSTRAINT "models_source_check" CHECK ("models"."source" in ('custom', 'synced'))
);
--> statement-breakpoint
ALTER TABLE "models" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "model_dismissals" ADD CONSTRAINT "model_dismissals_root_fk" FOREIGN KEY ("root_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "models" ADD CONSTRAINT "models_root_fk" FOREIGN KEY ("root_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "models_one_of_a_name" ON "models" USING btree ("root_id","model") WHERE "models"."removed_at" is null;--> statement-breakpoint
CREATE POLICY "tenant" ON "model_dismissals" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("model_dismissals"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("model_dismissals"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "models" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("models"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("models"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
-- By hand from here on. FORCE: the policies hold for the tables' owner as well.
ALTER TABLE "models" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "model_dismissals" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
-- What was removed keeps its row; a dismissal is taken back with its row.
GRANT SELECT, INSERT, UPDATE ON "models", "model_lists" TO gaia_app;--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON "model_dismissals" TO gaia_app;
