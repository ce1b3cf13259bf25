import { toBase64url } from "@holdfast/ui/bytes";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Showing } from "./showing.svelte.ts";
import { Stream, streams } from "./streams.fixture.ts";
import type { Outcome } from "./types.ts";

const LIMITS = { status_s: 86_400, ledger_s: 86_400, metadata_s: 86_400 };
const YES = { state: "answered", verdict: "yes", reason: "ok", limits: LIMITS, offline: true };

let opened = 0;
/** What the service says to each call by the end of its path; a function makes it anew. */
let says: Record<string, () => Response>;
/** Every call: the path below the desk, and what was handed in. */
const calls: { path: string; body: unknown }[] = [];

const problem = (status: number, code: string) => () => Response.json({ code }, { status });
const taken =
  (received: number, more: object = {}) =>
  () =>
    Response.json({ received, needed: 4, state: "collecting", not_ours: 0, ...more });

beforeEach(() => {
  opened = 0;
  calls.length = 0;
  streams.length = 0;
  says = {
    offline: () => Response.json({ id: `s${(opened += 1)}`, expires_at: 9e9, limits: LIMITS }),
    challenge: () => Response.json({ expires_at: 9e9, needed: 1, side: 8, frames: ["gA", "AQ"] }),
    frames: taken(1),
    portrait: () => new Response(new Uint8Array([1]), { headers: { "content-type": "image/png" } }),
    clear: () => new Response(null, { status: 204 }),
  };
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", Stream);
  vi.stubGlobal("fetch", async (path: string, request: RequestInit) => {
    const name = path.split("/").at(-1) ?? "";
    const body: unknown = request.body === undefined ? undefined : JSON.parse(String(request.body));
    calls.push({ path: path.replace("/desk/api/v1", ""), body });
    return says[name]?.() ?? Response.json({ code: "not_found" }, { status: 404 });
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const frame = (value: number) => new Uint8Array([value]);
const made = (end: string) => calls.filter(({ path }) => path.endsWith(end));

/** A check whose code is shown. */
async function shown(): Promise<Showing> {
  const showing = new Showing("adult");
  await showing.next();
  expect(showing.phase).toBe("open");
  return showing;
}

/** What is waited for before codes are handed in, and until that is answered. */
async function gathered(): Promise<void> {
  await vi.advanceTimersByTimeAsync(260);
  await vi.advanceTimersByTimeAsync(0);
}

test("the codes to show are the bits that the service says", async () => {
  const showing = await shown();
  expect(showing.codes).toEqual({ frames: [frame(0x80), frame(0x01)], side: 8, needed: 1 });
  expect(calls.map(({ path }) => path)).toEqual(["/checks/adult/offline", "/sessions/s1/challenge"]);
});

test("codes that are read in a quarter of a second are handed in together, each once", async () => {
  const showing = await shown();
  showing.take([frame(1), frame(2)]);
  showing.take([frame(2)]);
  showing.take([frame(3)]);
  expect(made("/frames")).toEqual([]);
  await gathered();
  expect(made("/frames").map(({ body }) => body)).toEqual([
    { frames: [1, 2, 3].map((value) => toBase64url(frame(value))) },
  ]);
  expect([showing.received, showing.needed]).toEqual([1, 4]);
  showing.take([frame(3)]);
  await gathered();
  expect(made("/frames")).toHaveLength(2);
});

test("no request holds more codes than the service takes", async () => {
  const showing = await shown();
  showing.take(Array.from({ length: 100 }, (_, value) => frame(value)));
  await vi.advanceTimersByTimeAsync(600);
  const sizes = made("/frames").map(({ body }) => (body as { frames: string[] }).frames.length);
  expect(sizes).toEqual([64, 36]);
});

test("codes that the service could not look at are handed in again, later", async () => {
  const showing = await shown();
  says["frames"] = problem(503, "overloaded");
  showing.take([frame(1)]);
  await gathered();
  expect(showing.remark?.code).toBe("overloaded");
  says["frames"] = taken(1);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(made("/frames")).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(600);
  expect(made("/frames")[1]?.body).toEqual(made("/frames")[0]?.body);
  expect(showing.remark).toBeUndefined();
});

test.each([
  ["a part that was changed", taken(4, { state: "altered" }), "answer_altered", 4],
  ["a code of something else", taken(0, { needed: 0, not_ours: 1 }), "not_a_code", 0],
  ["what is no answer", problem(400, "answer_unreadable"), "answer_unreadable", 0],
  ["an answer to another check", problem(409, "answer_of_another_check"), "answer_of_another_check", 0],
])("%s is said, and reading goes on", async (_, say, code, received) => {
  const showing = await shown();
  says["frames"] = say;
  showing.take([frame(1)]);
  await gathered();
  expect([showing.phase, showing.remark?.code, showing.received]).toEqual(["open", code, received]);
  says["frames"] = taken(2);
  showing.take([frame(2)]);
  await gathered();
  expect([showing.remark, showing.received]).toEqual([undefined, 2]);
});

describe("a verdict", () => {
  const complete = (more: object = {}) =>
    taken(4, { state: "complete", outcome: { id: "s1", ...YES, ...more } });

  test("comes with what was handed in; then nothing more is taken", async () => {
    const showing = await shown();
    says["frames"] = complete();
    showing.take([frame(1)]);
    await gathered();
    expect([showing.phase, showing.outcome?.verdict]).toEqual(["done", "yes"]);
    expect(made("/portrait")).toEqual([]);
    expect(streams[0]?.closed).toBe(true);
    showing.take([frame(2)]);
    await gathered();
    expect(made("/frames")).toHaveLength(1);
  });

  test("comes by events as well, and the portrait is asked for once", async () => {
    const showing = await shown();
    says["frames"] = complete({ portrait: true });
    streams[0]?.tell({ ...YES, portrait: true } as Partial<Outcome>);
    streams[0]?.tell({ ...YES, portrait: true } as Partial<Outcome>);
    showing.take([frame(1)]);
    await gathered();
    expect(made("/portrait")).toHaveLength(1);
    expect(showing.outcome?.verdict).toBe("yes");
    expect(showing.portrait).toBeInstanceOf(Blob);
  });

  test("is shown without a face where there is none to be had, and says so", async () => {
    const showing = await shown();
    says["portrait"] = problem(404, "not_found");
    says["frames"] = complete({ portrait: true });
    showing.take([frame(1)]);
    await gathered();
    expect([showing.outcome?.verdict, showing.portrait]).toEqual(["yes", "lost"]);
  });

  test("G11 is forgotten here and at the service before the next customer is asked", async () => {
    const showing = await shown();
    says["frames"] = complete({ portrait: true });
    showing.take([frame(1)]);
    await gathered();
    await showing.next();
    expect(made("/sessions/s1/clear")).toHaveLength(1);
    expect([showing.outcome, showing.portrait, showing.received]).toEqual([undefined, undefined, 0]);
    expect([showing.phase, showing.opened?.id]).toEqual(["open", "s2"]);
  });

  test("G11 is forgotten when the page is left", async () => {
    const showing = await shown();
    says["frames"] = complete({ portrait: true });
    showing.take([frame(1)]);
    await gathered();
    showing.close();
    expect(made("/sessions/s1/clear")).toHaveLength(1);
    expect([showing.outcome, showing.portrait, showing.codes]).toEqual([undefined, undefined, undefined]);
  });
});

test.each([
  ["nothing_held", 503],
  ["clock_wrong", 409],
  ["too_many_sessions", 503],
])("a check that cannot begin says why: %s", async (code, status) => {
  says["offline"] = problem(status, code);
  const showing = new Showing("adult");
  await showing.next();
  expect([showing.phase, showing.failure?.code]).toEqual(["failed", code]);
});

test.each<[string, (showing: Showing) => void]>([
  ["told", () => streams[0]?.tell({ state: "expired" })],
  [
    "found out",
    (showing: Showing) => {
      says["frames"] = problem(410, "session_expired");
      showing.take([frame(1)]);
    },
  ],
])("a check whose time is over takes nothing more, where that is %s", async (_, over) => {
  const showing = await shown();
  over(showing);
  await gathered();
  expect([showing.phase, showing.codes]).toEqual(["expired", undefined]);
  const before = made("/frames").length;
  showing.take([frame(2)]);
  await gathered();
  expect(made("/frames")).toHaveLength(before);
});

test("M6 two presses of Next leave one check open and end the other", async () => {
  const showing = new Showing("adult");
  await Promise.all([showing.next(), showing.next()]);
  expect(showing.opened?.id).toBe("s2");
  expect(made("/clear").map(({ path }) => path)).toEqual(["/sessions/s1/clear"]);
});
