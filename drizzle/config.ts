import { defineConfig } from "drizzle-kit";

/** `npm run db:generate`: what changed in `schema/` becomes the next file of `migrations/`. */
export default defineConfig({
  dialect: "postgresql",
  schema: "./drizzle/schema/*.ts",
  out: "./migrations",
});
