import { render } from "solid-js/web";
import { isMarked } from "./api/sign-in.ts";
import { App } from "./app.tsx";
import { loadTexts, locale } from "./text/text.ts";

const root = document.getElementById("root");
if (!isMarked()) location.replace(`/login?to=${encodeURIComponent(location.pathname + location.search)}`);
else if (root) {
  document.documentElement.lang = locale() === "en-XA" ? "en" : locale();
  await Promise.all([loadTexts("common"), loadTexts("shell"), loadTexts("signIn")]);
  render(() => <App />, root);
}
