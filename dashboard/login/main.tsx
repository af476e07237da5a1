import { render } from "solid-js/web";
import { loadTexts, locale } from "../text/text.ts";
import { Invite } from "./invite.tsx";
import { Login } from "./login.tsx";
import { ResetPassword } from "./reset-password.tsx";
import { Setup } from "./setup.tsx";

const PAGES: Record<string, typeof Login> = { "/invite": Invite, "/reset-password": ResetPassword, "/setup": Setup };

const root = document.getElementById("root");
if (root) {
  document.documentElement.lang = locale() === "en-XA" ? "en" : locale();
  await Promise.all([loadTexts("signIn"), loadTexts("common")]);
  const Page = PAGES[location.pathname.replace(/(?:\.html)?\/?$/, "")] ?? Login;
  render(() => <Page />, root);
}
