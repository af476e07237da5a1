import { createHmac } from "node:crypto";
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
