import type { Ready } from "../../../local/stack/ready.ts";

/** Makes somebody with a role and a password of their own, by an invitation of the stack's first admin. */
export async function invitePerson({ router, admin }: Ready, email: string, password: string): Promise<void> {
  const send = async (path: string, body: object, cookie?: string): Promise<Response> => {
    const headers = { "content-type": "application/json", origin: router, "x-gaia-csrf": "1" };
    const answer = await fetch(router + path, {
      method: "POST",
      headers: cookie === undefined ? headers : { ...headers, cookie },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer;
  };
  const session = await send("/api/session", admin);
  const [cookie = ""] = session.headers.getSetCookie().map((set) => set.split(";")[0] ?? "");
  const invited = await send("/api/invites", { role: "viewer", emails: [email] }, cookie);
  const { data } = (await invited.json()) as { data: { token: string }[] };
  await send("/api/invites/accept", { token: data[0]?.token, password });
}
