import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Asking, MOST_RENEWALS } from "./asking.svelte.ts";
import { Stream, streams } from "./streams.fixture.ts";

let opened = 0;
const open = vi.fn(async (_path: string, _request: RequestInit) => {
  opened += 1;
  return Response.json({ id: `s${opened}`, request_uri: "openid4vp://x", qr_svg: "<svg/>", expires_at: 0 });
});

const last = () => streams.at(-1) as Stream;
const settled = () => vi.waitFor(() => expect(opened).toBe(streams.length));

beforeEach(() => {
  opened = 0;
  streams.length = 0;
  vi.stubGlobal("fetch", open);
  vi.stubGlobal("EventSource", Stream);
});
afterEach(() => {
  vi.unstubAllGlobals();
  open.mockClear();
});

test("from a code to a verdict, and to the next customer", async () => {
  const asking = new Asking("adult");
  await asking.next();
  expect([asking.phase, last().path]).toEqual(["waiting", "/desk/api/v1/sessions/s1/events"]);
  last().tell({ state: "scanned" });
  expect(asking.phase).toBe("scanned");
  last().tell({ state: "answered", verdict: "yes", reason: "ok" });
  expect([asking.phase, asking.outcome?.verdict, last().closed]).toEqual(["done", "yes", true]);
  await asking.next();
  expect([asking.phase, asking.outcome, asking.opened?.id]).toEqual(["waiting", undefined, "s2"]);
});

test("a code that nobody scanned is renewed, but not for ever", async () => {
  const asking = new Asking("adult");
  await asking.next();
  for (let renewal = 1; renewal <= MOST_RENEWALS; renewal += 1) {
    last().tell({ state: "expired" });
    await settled();
    expect([asking.phase, opened]).toEqual(["waiting", renewal + 1]);
  }
  last().tell({ state: "expired" });
  expect([asking.phase, opened]).toEqual(["paused", MOST_RENEWALS + 1]);
  await asking.next();
  expect(asking.phase).toBe("waiting");
});

test("one that was opened and not answered in time is said to be over", async () => {
  const asking = new Asking("adult");
  await asking.next();
  last().tell({ state: "scanned" });
  last().tell({ state: "expired" });
  expect([asking.phase, opened]).toEqual(["expired", 1]);
});

test("an answer that was handed in counts once, and one of an old session not at all", async () => {
  const asking = new Asking("adult");
  await asking.next();
  asking.end({ id: "s0", state: "answered", verdict: "yes", reason: "ok" });
  expect(asking.phase).toBe("waiting");
  asking.end({ id: "s1", state: "answered", verdict: "no", reason: "revoked" });
  last().tell({ state: "answered", verdict: "yes", reason: "ok" });
  expect([asking.phase, asking.outcome?.verdict]).toEqual(["done", "no"]);
});

test("too many at once is said, and trying again works", async () => {
  open.mockResolvedValueOnce(Response.json({ code: "too_many_sessions" }, { status: 503 }));
  const asking = new Asking("adult");
  await asking.next();
  expect([asking.phase, asking.failure?.code]).toEqual(["failed", "too_many_sessions"]);
  await asking.next();
  expect([asking.phase, asking.failure]).toEqual(["waiting", undefined]);
});

test("a page that was left asks for nothing more", async () => {
  const asking = new Asking("adult");
  const opening = asking.next();
  asking.close();
  await opening;
  expect([asking.phase, streams.length]).toEqual(["opening", 0]);
});
