CREATE TABLE "passkeys" (
	"id" text PRIMARY KEY NOT NULL,
	"root_id" text NOT NULL,
	"user_id" text NOT NULL,
	"credential_id" text NOT NULL,
	"public_key" text NOT NULL,
	"counter" bigint NOT NULL,
	"transports" jsonb NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp (3) with time zone,
	CONSTRAINT "passkeys_credential_id_unique" UNIQUE("credential_id")
);
--> statement-breakpoint
ALTER TABLE "passkeys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "recovery_codes" (
	"mac" text PRIMARY KEY NOT NULL,
	"root_id" text NOT NULL,
	"user_id" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "recovery_codes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "totp_secrets" (
	"user_id" text PRIMARY KEY NOT NULL,
	"root_id" text NOT NULL,
	"sealed_secret" text NOT NULL,
	"last_step" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "totp_secrets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "confirmed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "passkeys" ADD CONSTRAINT "passkeys_user_fk" FOREIGN KEY ("root_id","user_id") REFERENCES "public"."users"("root_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_user_fk" FOREIGN KEY ("root_id","user_id") REFERENCES "public"."users"("root_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "totp_secrets" ADD CONSTRAINT "totp_secrets_user_fk" FOREIGN KEY ("root_id","user_id") REFERENCES "public"."users"("root_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "passkeys_root_id_user_id_idx" ON "passkeys" USING btree ("root_id","user_id");--> statement-breakpoint
CREATE INDEX "recovery_codes_root_id_user_id_idx" ON "recovery_codes" USING btree ("root_id","user_id");--> statement-breakpoint
CREATE INDEX "totp_secrets_root_id_user_id_idx" ON "totp_secrets" USING btree ("root_id","user_id");--> statement-breakpoint
CREATE POLICY "tenant" ON "passkeys" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("passkeys"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("passkeys"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "recovery_codes" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("recovery_codes"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("recovery_codes"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "totp_secrets" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("totp_secrets"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("totp_secrets"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
-- By hand from here on. FORCE: the policy holds for the table's owner as well.
ALTER TABLE "passkeys" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "recovery_codes" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "totp_secrets" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "passkeys", "totp_secrets" TO gaia_app;--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON "recovery_codes" TO gaia_app;
