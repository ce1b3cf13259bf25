import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Failure, failureOf, get, post, postForBlob } from "./api.ts";
import { poll } from "./follow.ts";
import { Once } from "./once.ts";
import { retryHelps } from "./problems.ts";

function answers(...responses: (Response | Error)[]) {
  const fetch = vi.fn<(path: string, request: RequestInit) => Promise<Response>>();
  for (const response of responses) {
    if (response instanceof Error) fetch.mockRejectedValueOnce(response);
    else fetch.mockResolvedValueOnce(response);
  }
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ code }), { status, headers });

const told = vi.fn();
beforeEach(() => vi.stubGlobal("window", { dispatchEvent: told }));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  told.mockReset();
});

describe("a call", () => {
  test("gives what the service says", async () => {
    answers(new Response('{"a":1}'));
    expect(await get("/x")).toEqual({ a: 1 });
  });

  test("carries its key in quotes, as JSON", async () => {
    const fetch = answers(new Response(null, { status: 204 }));
    await post("/x", { a: 1 }, { key: "k" });
    const headers = fetch.mock.calls[0]?.[1].headers;
    expect(headers).toEqual({ "content-type": "application/json", "idempotency-key": '"k"' });
  });

  test.each([
    [problem(429, "too_many_attempts", { "retry-after": "30" }), "too_many_attempts", 30],
    [new Response("<html>", { status: 502 }), "internal", undefined],
    [new Response("<html>", { status: 200 }), "internal", undefined],
    [new TypeError("failed to fetch"), "offline", undefined],
  ])("fails with a code", async (response, code, retryAfter) => {
    answers(response);
    const failure = failureOf(await get("/x").catch((error: unknown) => error));
    expect([failure.code, failure.retryAfter]).toEqual([code, retryAfter]);
    expect(told).not.toHaveBeenCalled();
  });

  test("may be answered with a picture, or with a problem as any other", async () => {
    answers(new Response(new Uint8Array([1, 2]), { headers: { "content-type": "image/png" } }));
    const picture = await postForBlob("/x", {});
    expect([picture.type, picture.size]).toEqual(["image/png", 2]);
    answers(problem(404, "not_found"));
    await expect(postForBlob("/x", {})).rejects.toThrow("not_found");
  });

  test("may outlive its page", async () => {
    const fetch = answers(new Response(null, { status: 204 }));
    await post("/x", {}, { keepalive: true });
    expect(fetch.mock.calls[0]?.[1].keepalive).toBe(true);
  });

  test("says when nobody is signed in any more", async () => {
    answers(problem(401, "signed_out"));
    await expect(get("/x")).rejects.toThrow("signed_out");
    expect(told).toHaveBeenCalledOnce();
  });
});

test.each([
  ["unknown_subject", false],
  ["authorization_request_object_not_found", false],
  ["not_found", false],
  ["not_allowed", false],
  ["revoked", false],
  ["offer_taken", false],
  ["not_in_register", false],
  ["offline", true],
  ["overloaded", true],
  ["internal", true],
  ["never_heard_of", true],
])("whether %s may go better the next time: %s", (code, helps) => {
  expect(retryHelps(code)).toBe(helps);
});

test("polling goes on through trouble until the state is final", async () => {
  vi.useFakeTimers();
  answers(new Response('"open"'), new TypeError("gone"), new Response('"done"'));
  const seen: unknown[] = [];
  poll<string>({
    path: "/x",
    isFinal: (state) => state === "done",
    onstate: (state) => seen.push(state),
    ontrouble: (failure) => failure && seen.push(failure.code),
  });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(seen).toEqual(["open", "offline", "done"]);
});

describe("once", () => {
  const lost = (error: unknown) => failureOf(error).code === "offline";

  test("a second press while the first is at work does nothing", async () => {
    const once = new Once();
    const action = vi.fn(async () => 1);
    expect(await Promise.all([once.run(action, lost), once.run(action, lost)])).toEqual([1, undefined]);
    expect(action).toHaveBeenCalledOnce();
  });

  test("the key stays while the answer is unknown, and changes after that", async () => {
    const once = new Once();
    const keys: string[] = [];
    const outcome = (code?: string) => async (key: string) => {
      keys.push(key);
      if (code) throw new Failure(code);
    };
    await once.run(outcome("offline"), lost).catch(() => undefined);
    await once.run(outcome(), lost);
    await once.run(outcome("revoked"), lost).catch(() => undefined);
    await once.run(outcome(), lost);
    expect(keys[0]).toBe(keys[1]);
    expect(new Set(keys.slice(1)).size).toBe(3);
  });
});
