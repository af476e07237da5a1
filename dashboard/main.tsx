import { render } from "solid-js/web";
import { createQueryClient } from "./api/query.ts";
import { isMarked } from "./api/sign-in.ts";
import { App } from "./app.tsx";
import { readPage } from "./routes.tsx";
import { askAccount } from "./state/account.tsx";
import { loadTexts, locale } from "./text/text.ts";

const root = document.getElementById("root");
if (!isMarked()) location.replace(`/login?to=${encodeURIComponent(location.pathname + location.search)}`);
else if (root) {
  document.documentElement.lang = locale() === "en-XA" ? "en" : locale();
  // Who is there, their page and its words: all are on their way before the first of them is here.
  const client = createQueryClient();
  askAccount(client);
  readPage(location.pathname);
  await loadTexts("frame");
  render(() => <App client={client} />, root);
}
