import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { signWebhook } from "../../../worker/lib/webhook-signature.ts";

test("agrees with the specification's example", async () => {
  const signature = await signWebhook(
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "msg_p5jXN8AQM9LWM0D4loKWxJek",
    1614265330,
    '{"test": 2432232314}',
  );
  expect(signature).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

test("agrees with Node's HMAC for any secret and body", async () => {
  const key = fc.uint8Array({ minLength: 1, maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(key, fc.string({ unit: "grapheme" }), async (bytes, body) => {
      const secret = `whsec_${Buffer.from(bytes).toString("base64")}`;
      const expected = createHmac("sha256", bytes).update(`dlv_1.17.${body}`).digest("base64");
      expect(await signWebhook(secret, "dlv_1", 17, body)).toBe(`v1,${expected}`);
    }),
  );
});

test.each(["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_not base64", "whsec_a"])(
  "refuses %j for a secret, and does not quote it",
  async (secret) => {
    await expect(signWebhook(secret, "dlv_1", 17, "{}")).rejects.toThrow(/^a signing secret is whsec_ and base64$/);
  },
);

const DOCUMENT = readFileSync(join(import.meta.dirname, "../../../docs/webhooks.md"), "utf8");

test("the receiver of the documentation takes what is signed, and nothing else", async () => {
  const code = /```js\n(.*?)```/s.exec(DOCUMENT)?.[1] as string;
  const { verify } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const signed = async (seconds: number, body: string) => ({
    "webhook-id": "dlv_1",
    "webhook-timestamp": String(seconds),
    "webhook-signature": await signWebhook(secret, "dlv_1", seconds, body),
  });
  const now = Math.floor(Date.now() / 1000);
  const headers = await signed(now, '{"é":1}');
  expect(verify(secret, headers, '{"é":1}')).toBe(true);
  const rotated = { ...headers, "webhook-signature": `v1,AAAA ${headers["webhook-signature"]}` };
  expect(verify(secret, rotated, '{"é":1}')).toBe(true);
  expect(verify(secret, headers, '{"é":2}')).toBe(false);
  expect(verify(secret, { ...headers, "webhook-id": "dlv_2" }, '{"é":1}')).toBe(false);
  expect(verify("whsec_AAAA", headers, '{"é":1}')).toBe(false);
  expect(verify(secret, await signed(now - 400, "{}"), "{}")).toBe(false);
  expect(verify(secret, { ...headers, "webhook-timestamp": "soon" }, '{"é":1}')).toBe(false);
});
