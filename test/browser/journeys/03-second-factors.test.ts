import { TOTP } from "otpauth";
import { expect } from "vitest";
import { getJson } from "../../support/stack.ts";
import { expectNoSidewaysScroll, sendCredentials, useDashboard } from "../browser.ts";
import { invitePerson } from "./person.ts";
import { journey, type Walk } from "./walk.ts";

const dashboard = useDashboard({ host: "localhost" });
const PASSWORD = "correct horse battery staple";

/** An authenticator in the browser itself, which verifies its person whenever it is asked. */
async function addAuthenticator({ page }: Walk): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      ...{ protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true },
      ...{ isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
}

journey(
  dashboard,
  3,
  "signing in with password and code, and with a passkey",
  "/login?to=%2Fme%3Ffrom%3D-7d",
  async (walk) => {
    const { page, ready } = walk;
    const email = `${walk.name("careful")}@example.com`;
    await invitePerson(ready, email, PASSWORD);
    await addAuthenticator(walk);
    const button = (name: string | RegExp) => page.getByRole("button", { name, exact: typeof name === "string" });
    const alert = page.getByRole("alert");
    const code = page.getByLabel("Code from your authenticator app");
    const lands = (path: string) => page.waitForURL(ready.dashboard + path);
    const sendPassword = async (password = PASSWORD) => {
      await walk.fill(page.getByLabel("E-mail"), email);
      await walk.fill(page.getByLabel("Password"), password);
      await walk.press(button("Sign in"));
    };
    /** The narrowest screen there is has no sideways scroll either. */
    const narrow = async () => {
      const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
      await page.setViewportSize({ width: 320, height });
      await expectNoSidewaysScroll(page);
      await walk.picture("narrow");
      await page.setViewportSize({ width, height });
    };
    const signInAgain = async (to: string) => {
      await page.context().clearCookies();
      await page.evaluate(() => sessionStorage.clear());
      await walk.go(`/login?to=${encodeURIComponent(to)}`);
    };

    // A wrong password says neither what is wrong, and the right one lands where it was asked to.
    await sendPassword("not the password");
    await alert.getByText("E-mail address or password is wrong.").waitFor();
    await walk.expectReported(/401/);
    await walk.stop();
    await sendPassword();
    await lands("/me?from=-7d");

    // Who signed in a while ago shows once more who they are; so it is for the first set-up here.
    const error = { code: "confirmation_required", message: "Show again that it is you.", type: "x", param: null };
    // Not by `times`: as such a route is taken away, files that are on their way just then never come.
    let refusals = 0;
    await page.route("**/api/me/totp", (route) =>
      refusals++ === 0 ? route.fulfill({ status: 403, json: { error } }) : route.fallback(),
    );
    await walk.press(button("Set up"));
    const proof = page.getByRole("dialog", { name: "Is it you?" });
    await walk.focused(proof.getByLabel("Password"));
    await walk.fill(proof.getByLabel("Password"), "not the password");
    await walk.press(proof.getByRole("button", { name: "Go on" }));
    await proof.getByText("This is not your password.").waitFor();
    await walk.expectReported(/40[03]/);
    await walk.stop();
    await walk.fill(proof.getByLabel("Password"), PASSWORD);
    await walk.press(proof.getByRole("button", { name: "Go on" }));

    // The app: its key as a picture and in letters, and nothing is on before a code of it was right.
    const setUp = page.getByRole("dialog", { name: "Set up an authenticator app" });
    await setUp.getByRole("img", { name: "QR code of the key" }).waitFor();
    await walk.stop();
    const secret = ((await setUp.locator("code").textContent()) ?? "").replaceAll(" ", "");
    const codeAt = (at: number) => new TOTP({ secret }).generate({ timestamp: at });
    await walk.fill(code, "000000");
    await walk.press(setUp.getByRole("button", { name: "Turn it on" }));
    await setUp.getByText("This is not the code of now").waitFor();
    await walk.expectReported(/400/);
    await walk.fill(code, codeAt(Date.now()));
    await walk.press(setUp.getByRole("button", { name: "Turn it on" }));
    const shown = page.getByRole("dialog", { name: "Recovery codes" });
    await shown.waitFor();
    await walk.stop();
    const recoveryCodes = ((await shown.locator("code").textContent()) ?? "").split("\n");
    expect(recoveryCodes).toHaveLength(10);
    await walk.press(shown.getByRole("button", { name: "Copy" }));
    await walk.press(shown.getByRole("button", { name: "Done" }));
    await shown.waitFor({ state: "detached" });

    // A passkey, and another name for it.
    await walk.press(button("Add a passkey"));
    const naming = page.getByRole("dialog", { name: "Add a passkey" });
    await walk.fill(naming.getByLabel("Name"), "This laptop");
    await walk.press(naming.getByRole("button", { name: "Go on" }));
    await naming.waitFor({ state: "detached" });
    await walk.press(button(/^Rename\s*This laptop/));
    const renaming = page.getByRole("dialog", { name: "Rename the passkey" });
    await walk.fill(renaming.getByLabel("Name"), "Laptop");
    await walk.press(renaming.getByRole("button", { name: "Save" }));
    await renaming.waitFor({ state: "detached" });
    await button(/^Rename\s*Laptop/).waitFor();
    await walk.stop();
    await narrow();

    // The password alone is no way in any more; a code is pasted as it stands in the app.
    await signInAgain("/usage?from=-24h");
    await sendPassword();
    await walk.focused(code);
    await walk.stop();
    await narrow();
    await walk.fill(code, "000000");
    await walk.press(button("Sign in"));
    await alert.getByText("This code does not hold").waitFor();
    // The next one: that of now was taken to set the app up.
    const next = codeAt(Date.now() + 30_000);
    await walk.fill(code, "");
    await walk.paste(code, `${next.slice(0, 3)} ${next.slice(3)}`);
    await walk.press(button("Sign in"));
    await lands("/usage?from=-24h");

    // A recovery code, for who has lost the app.
    await signInAgain("/me");
    await sendPassword();
    await walk.press(button("Use a recovery code"));
    await walk.fill(page.getByLabel("Recovery code"), recoveryCodes[0] ?? "");
    await walk.stop();
    await walk.press(button("Sign in"));
    await lands("/me");
    await page.getByText("9 left").waitFor();

    // The passkey alone; once it is removed it is refused in the same words as any other.
    await signInAgain("/me?from=-7d");
    await walk.press(button("Sign in with a passkey"));
    await lands("/me?from=-7d");
    await walk.press(button(/^Remove\s*Laptop/));
    const removing = page.getByRole("dialog", { name: "Remove the passkey Laptop?" });
    await walk.stop();
    await walk.press(removing.getByRole("button", { name: "Remove" }));
    await page.getByText("None yet.").waitFor();
    await signInAgain("/me");
    await walk.press(button("Sign in with a passkey"));
    await alert.getByText("This passkey does not let you in here").waitFor();

    // Too many wrong codes: one must wait, and sees for how long.
    await sendPassword();
    await walk.focused(code);
    const wait = button(/^Wait \d+ s$/);
    for (let wrong = 0; wrong < 6; wrong++) {
      await walk.fill(code, "000000");
      await Promise.all([
        page.waitForResponse((response) => response.url().endsWith("/api/session/code")),
        walk.press(button("Sign in")),
      ]);
      await button(/^(Sign in|Wait \d+ s)$/).waitFor();
    }
    await wait.waitFor();
    await walk.expectReported(/429/);
    const seconds = async () => Number(/\d+/.exec((await wait.textContent()) ?? "")?.[0]);
    const first = await seconds();
    await expect.poll(seconds).toBeLessThan(first);
    expect(await wait.isDisabled()).toBe(true);
    await walk.stop();

    // Somebody who has lost everything is helped by an administrator.
    const admin = { authorization: `Bearer ${ready.adminKey}` };
    const list = `/api/members?q=${encodeURIComponent(email)}`;
    const members = await getJson<{ data: { id: string; two_factor: boolean }[] }>(ready.router, list, admin);
    expect(members.data.map(({ two_factor }) => two_factor)).toEqual([true]);
    await signInAgain(`/members?id=${members.data[0]?.id}`);
    await sendCredentials(page, ready);
    const drawer = page.getByRole("dialog", { name: email });
    await drawer.getByText("on", { exact: true }).waitFor();
    await walk.press(drawer.getByRole("button", { name: "Reset two-factor" }));
    const resetting = page.getByRole("dialog", { name: /^Reset two-factor of/ });
    await walk.stop();
    await walk.press(resetting.getByRole("button", { name: "Reset two-factor" }));
    await drawer.getByText("off", { exact: true }).waitFor();
    await walk.stop();
  },
);
