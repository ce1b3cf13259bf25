import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Finder } from "./finder.svelte.ts";

const person = (id: string) => ({ id, given_name: "", family_name: "", birth_date: "", place_of_birth: "" });
const found = (...ids: string[]) =>
  new Response(JSON.stringify({ people: ids.map(person), total: ids.length, more: false }));

const fetch = vi.fn<(path: string, request: RequestInit) => Promise<Response>>();
beforeEach(() => {
  vi.useFakeTimers();
  fetch.mockReset();
  vi.stubGlobal("fetch", fetch);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function type(finder: Finder, text: string) {
  finder.query = text;
  finder.typed();
}

test("one letter is not searched for", async () => {
  const finder = new Finder();
  type(finder, " m-");
  await vi.runAllTimersAsync();
  expect(fetch).not.toHaveBeenCalled();
  expect(finder.searching).toBe(false);
});

test("while somebody types, the register is asked once", async () => {
  fetch.mockResolvedValueOnce(found("a"));
  const finder = new Finder();
  for (const text of ["mu", "mul", "mull"]) type(finder, text);
  await vi.runAllTimersAsync();
  expect(fetch).toHaveBeenCalledOnce();
  expect(fetch.mock.calls[0]?.[1].body).toBe('{"query":"mull","offset":0}');
  expect(finder.found?.people).toHaveLength(1);
});

test("a late answer to an earlier question is not shown", async () => {
  let late: (response: Response) => void = () => undefined;
  fetch.mockReturnValueOnce(new Promise((resolve) => (late = resolve)));
  fetch.mockResolvedValueOnce(found("new"));
  const finder = new Finder();
  type(finder, "mu");
  await vi.advanceTimersByTimeAsync(500);
  type(finder, "muller");
  await vi.advanceTimersByTimeAsync(500);
  late(found("old"));
  await vi.runAllTimersAsync();
  expect(finder.found?.people.map((each) => each.id)).toEqual(["new"]);
});

test("a failure says its code, and what was found stays", async () => {
  fetch.mockResolvedValueOnce(found("a"));
  fetch.mockRejectedValueOnce(new TypeError("gone"));
  const finder = new Finder();
  type(finder, "mu");
  await vi.runAllTimersAsync();
  await finder.more();
  expect([finder.failure?.code, finder.found?.people.length]).toEqual(["offline", 1]);
});

test("the next page comes after the first", async () => {
  fetch.mockResolvedValueOnce(found("a", "b"));
  fetch.mockResolvedValueOnce(found("c"));
  const finder = new Finder();
  type(finder, "mu");
  await vi.runAllTimersAsync();
  await finder.more();
  expect(fetch.mock.calls[1]?.[1].body).toBe('{"query":"mu","offset":2}');
  expect(finder.found?.people.map((each) => each.id)).toEqual(["a", "b", "c"]);
});
