import { render } from "solid-js/web";
import { loadTexts } from "../text/text.ts";
import { Login } from "./login.tsx";

const root = document.getElementById("root");
if (root) {
  await Promise.all([loadTexts("signIn"), loadTexts("common")]);
  render(() => <Login />, root);
}
