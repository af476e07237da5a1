import { expect, it } from "vitest";
import { undisturbed } from "../../../worker/organizations/undisturbed.ts";

it("tries until nobody was faster", async () => {
  const answers = [null, null, "made", "too late"];
  expect(await undisturbed(async () => answers.shift() ?? null)).toBe("made");
  expect(answers).toEqual(["too late"]);
});

it("gives up with a conflict, after a handful of times", async () => {
  let attempts = 0;
  const never = async () => {
    attempts++;
    return null;
  };
  await expect(undisturbed(never)).rejects.toMatchObject({ code: "conflict", status: 409 });
  expect(attempts).toBe(10);
});

it("does not try again after a refusal", async () => {
  let attempts = 0;
  const refused = async () => {
    attempts++;
    throw new Error("refused");
  };
  await expect(undisturbed(refused)).rejects.toThrow("refused");
  expect(attempts).toBe(1);
});
