/** The parts of the dashboard that have texts of their own, by the name of their files in `en/` and `zh-CN/`. */
interface Texts {
  shell: typeof import("./en/shell.ts").texts;
  jump: typeof import("./en/jump.ts").texts;
  common: typeof import("./en/common.ts").texts & typeof import("./en/editing.ts").texts;
  signIn: typeof import("./en/signIn.ts").texts;
  overview: typeof import("./en/overview.ts").texts;
  logs: typeof import("./en/logs.ts").texts;
  usage: typeof import("./en/usage.ts").texts;
  sessions: typeof import("./en/sessions.ts").texts;
  refused: typeof import("./en/refused.ts").texts;
  playground: typeof import("./en/playground.ts").texts;
  keys: typeof import("./en/keys.ts").texts;
  organizations: typeof import("./en/organizations.ts").texts;
  members: typeof import("./en/members.ts").texts;
  budgets: typeof import("./en/budgets.ts").texts;
  routes: typeof import("./en/routes.ts").texts;
  models: typeof import("./en/models.ts").texts;
  audit: typeof import("./en/audit.ts").texts;
  settings: typeof import("./en/settings.ts").texts;
  account: typeof import("./en/account.ts").texts;
  start: typeof import("./en/start.ts").texts;
}

/** What is read at once: the words of a part, those of the frame (`common`, `shell`, and the first page), those of changing things. */
export type Words = Exclude<keyof Texts, "common" | "shell" | "overview"> | "frame" | "editing";

/** `a.b.c` of every text below. */
type Paths<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Paths<T[K]>}` }[keyof T & string];

/** `logs.empty.title`: a text by its file and its place there. */
export type Key = Paths<Texts>;

/** The same texts in another language: `texts` of every file but English is of this type, so that none is missing. */
export type Same<T> = { [K in keyof T]: T[K] extends string ? string : Same<T[K]> };
