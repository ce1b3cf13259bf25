import { expect, test } from "vitest";
import { TOLERANCE_S, Webhook } from "./webhook.ts";

// The example of the specification's own libraries.
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SENT_AT = 1_614_265_330;
const BODY = '{"test": 2432232314}';
const SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

const headers = (changed: Record<string, string> = {}) =>
  new Headers({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": String(SENT_AT),
    "webhook-signature": SIGNED,
    ...changed,
  });

test("a message of who has the secret is believed, once", async () => {
  const webhook = new Webhook(SECRET);
  expect(await webhook.verify(headers(), BODY, SENT_AT + TOLERANCE_S)).toEqual({ test: 2432232314 });
  await expect(webhook.verify(headers(), BODY, SENT_AT)).rejects.toMatchObject({ code: "again" });
});

test.each([
  ["time", {}, BODY, SENT_AT + TOLERANCE_S + 1],
  ["signature", {}, '{"test": 1}', SENT_AT],
  ["signature", { "webhook-id": "msg_other" }, BODY, SENT_AT],
  ["signature", { "webhook-timestamp": String(SENT_AT + 1) }, BODY, SENT_AT],
  ["signature", { "webhook-signature": "v1,AAAA" }, BODY, SENT_AT],
  ["signature", { "webhook-signature": "v1,%" }, BODY, SENT_AT],
  ["signature", { "webhook-signature": SIGNED.replace("v1", "v2") }, BODY, SENT_AT],
  ["header", { "webhook-timestamp": "soon" }, BODY, SENT_AT],
])("a message is not believed because of its %s", async (code, changed, body, now) => {
  await expect(new Webhook(SECRET).verify(headers(changed as never), body, now)).rejects.toMatchObject({
    code,
  });
});

test("what is not believed is not remembered", async () => {
  const webhook = new Webhook(SECRET);
  await expect(webhook.verify(headers(), "{}", SENT_AT)).rejects.toMatchObject({ code: "signature" });
  await webhook.verify(headers({ "webhook-signature": `v1,AAAA ${SIGNED}` }), BODY, SENT_AT);
});

test("a message that could not be handled is believed when it is sent again", async () => {
  const webhook = new Webhook(SECRET);
  const handle = (handler: () => Promise<string>) => webhook.handle(headers(), BODY, handler, SENT_AT);
  await expect(handle(() => Promise.reject(new Error("full")))).rejects.toThrow("full");
  expect(await handle(() => Promise.resolve("done"))).toBe("done");
  await expect(handle(() => Promise.resolve("twice"))).rejects.toMatchObject({ code: "again" });
});

test("a message that is being handled is not handled a second time", async () => {
  const webhook = new Webhook(SECRET);
  let again: unknown;
  await webhook.handle(
    headers(),
    BODY,
    async () => {
      again = await webhook.verify(headers(), BODY, SENT_AT).catch((error: unknown) => error);
    },
    SENT_AT,
  );
  expect(again).toMatchObject({ code: "again" });
});
