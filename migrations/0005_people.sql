CREATE TABLE "invites" (
	"id" text PRIMARY KEY NOT NULL,
	"root_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"email" text NOT NULL,
	"role" text NOT NULL,
	"mac" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"accepted_at" timestamp (3) with time zone,
	"accepted_by" text,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "invites_mac_unique" UNIQUE("mac"),
	CONSTRAINT "invites_role_check" CHECK ("invites"."role" in ('viewer', 'member', 'admin', 'owner')),
	CONSTRAINT "invites_email_check" CHECK ("invites"."email" = lower("invites"."email"))
);
--> statement-breakpoint
ALTER TABLE "invites" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "password_resets" (
	"mac" text PRIMARY KEY NOT NULL,
	"root_id" text NOT NULL,
	"user_id" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "password_resets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "sign_in_failures" (
	"subject" text PRIMARY KEY NOT NULL,
	"failures" bigint[] NOT NULL,
	"stale_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "spent_states" (
	"hash" text PRIMARY KEY NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "users" ALTER COLUMN "password_hash" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "memberships" ADD COLUMN "managed" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "identities" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "locale" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "time_zone" text;--> statement-breakpoint
ALTER TABLE "invites" ADD CONSTRAINT "invites_organization_fk" FOREIGN KEY ("root_id","organization_id") REFERENCES "public"."organizations"("root_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "password_resets" ADD CONSTRAINT "password_resets_user_fk" FOREIGN KEY ("root_id","user_id") REFERENCES "public"."users"("root_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "invites_root_id_organization_id_idx" ON "invites" USING btree ("root_id","organization_id");--> statement-breakpoint
CREATE INDEX "password_resets_root_id_user_id_idx" ON "password_resets" USING btree ("root_id","user_id");--> statement-breakpoint
CREATE INDEX "sign_in_failures_stale_at_idx" ON "sign_in_failures" USING btree ("stale_at");--> statement-breakpoint
CREATE INDEX "spent_states_expires_at_idx" ON "spent_states" USING btree ("expires_at");--> statement-breakpoint
CREATE POLICY "tenant" ON "invites" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("invites"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("invites"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "password_resets" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("password_resets"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("password_resets"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
-- By hand from here on. FORCE: the policies hold for the table's owner as well.
ALTER TABLE "invites" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "password_resets" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
-- What was accepted or revoked keeps its row.
GRANT SELECT, INSERT, UPDATE ON "invites" TO gaia_app;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "password_resets", "sign_in_failures" TO gaia_app;--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON "spent_states" TO gaia_app;
