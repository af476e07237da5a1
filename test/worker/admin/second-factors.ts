/** What a browser does with second factors, for tests of the API. */
import { TOTP } from "otpauth";
import { createSoftwarePasskey } from "../../support/software-passkey.ts";
import { type AdminWorld, type Answer, BROWSER } from "./support.ts";

/** Cookies as a browser keeps them: what an answer sets, by name. */
function cookieJar() {
  const kept = new Map<string, string>();
  return {
    take({ headers }: Answer): void {
      for (const cookie of headers.getSetCookie()) {
        const [pair = ""] = cookie.split(";");
        const [name = "", ...value] = pair.split("=");
        if (/max-age=0/i.test(cookie)) kept.delete(name);
        else kept.set(name, value.join("="));
      }
    },
    names: () => [...kept.keys()].sort(),
    get text() {
      return [...kept].map(([name, value]) => `${name}=${value}`).join("; ");
    },
  };
}

/** A browser of somebody's: it keeps cookies, and comes from one network address. */
export function openBrowser(world: AdminWorld, address = "203.0.113.7") {
  const jar = cookieJar();
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    more: Record<string, string> = {},
  ): Promise<Answer> => {
    const headers = { ...BROWSER, "cf-connecting-ip": address, ...more };
    const cookie = jar.text;
    const answer = await world.call(method, path, { ...(cookie === "" ? {} : { cookie }), body, headers });
    jar.take(answer);
    return answer;
  };
  return {
    jar,
    send,
    signIn: (email: string, password: string) => send("POST", "/api/session", { email, password }),
    /** Sets an authenticator app up, and answers its secret and what confirming it answered. */
    async enrolTotp() {
      const { body } = await send("POST", "/api/me/totp");
      const confirmed = await send("POST", "/api/me/totp/confirm", { code: codeOf(body.secret, world.clock.now) });
      return { secret: body.secret as string, url: body.url as string, confirmed };
    },
    /** Makes a passkey and registers it. */
    async addPasskey(name = "Laptop", made = createSoftwarePasskey(BROWSER.origin)) {
      const passkey = await made;
      const { body } = await send("POST", "/api/me/passkeys/options");
      const credential = await passkey.create(body);
      return { passkey, added: await send("POST", "/api/me/passkeys", { name, credential }) };
    },
    async signInByPasskey({ get }: Awaited<ReturnType<typeof createSoftwarePasskey>>, misdeeds = {}) {
      const { body } = await send("POST", "/api/session/passkey/options");
      return send("POST", "/api/session/passkey", { credential: await get(body, misdeeds) });
    },
  };
}

/** The code that an app shows at a moment. */
export const codeOf = (secret: string, at: number): string => new TOTP({ secret }).generate({ timestamp: at });
