import { render } from "solid-js/web";
import { loadTexts, locale } from "../text/text.ts";
import { Login } from "./login.tsx";

/** Pages that few come to, and once. */
const PAGES: Record<string, () => Promise<typeof Login>> = {
  "/invite": async () => (await import("./invite.tsx")).Invite,
  "/reset-password": async () => (await import("./reset-password.tsx")).ResetPassword,
  "/setup": async () => (await import("./setup.tsx")).Setup,
};

const root = document.getElementById("root");
if (root) {
  document.documentElement.lang = locale() === "en-XA" ? "en" : locale();
  const read = PAGES[location.pathname.replace(/(?:\.html)?\/?$/, "")];
  const [Page] = await Promise.all([read?.() ?? Login, loadTexts("signIn"), loadTexts("frame")]);
  render(() => <Page />, root);
}
