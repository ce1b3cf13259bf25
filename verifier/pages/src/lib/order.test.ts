import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Order } from "./order.svelte.ts";

/** What the shop answers, by path; a test says what the order is. */
let order: Response[] = [];
const started = vi.fn(() => Response.json({ request_uri: "openid4vp://x", qr_svg: "<svg/>", expires_at: 0 }));
const place = { href: "" };

beforeEach(() => {
  order = [];
  place.href = "";
  vi.useFakeTimers();
  vi.stubGlobal("location", place);
  vi.stubGlobal("window", { dispatchEvent: vi.fn() });
  vi.stubGlobal("fetch", async (path: string) =>
    path.endsWith("/order/checks") ? started() : (order.shift() ?? Response.json({ state: "open" })),
  );
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  started.mockClear();
});

const settled = () => vi.advanceTimersByTimeAsync(2_100);

test("a code is there before another could be asked for", async () => {
  const shop = new Order();
  const showing = shop.showCode();
  void shop.showCode();
  await showing;
  expect([shop.busy, shop.code?.request_uri, started.mock.calls.length]).toEqual([false, "openid4vp://x", 1]);
  shop.close();
});

test("the wallet here is opened by its link, and the order followed to its end", async () => {
  const shop = new Order();
  order = [Response.json({ state: "scanned" }), Response.json({ state: "answered", verdict: "yes" })];
  await shop.openWallet();
  expect([place.href, shop.opened]).toEqual(["openid4vp://x", true]);
  await settled();
  expect(shop.state).toEqual({ state: "answered", verdict: "yes" });
});

test("a browser without an order is told so and asks no more", async () => {
  const shop = new Order();
  order = [Response.json({ code: "no_order" }, { status: 404 })];
  shop.watch();
  await settled();
  expect([shop.none, shop.failure]).toEqual([true, undefined]);
});

test("a shop that is too busy says after how long to come back", async () => {
  started.mockReturnValueOnce(
    Response.json({ code: "too_many_attempts" }, { status: 429, headers: { "retry-after": "90" } }),
  );
  const shop = new Order();
  await shop.showCode();
  expect([shop.failure?.code, shop.failure?.retryAfter, shop.code]).toEqual([
    "too_many_attempts",
    90,
    undefined,
  ]);
});
