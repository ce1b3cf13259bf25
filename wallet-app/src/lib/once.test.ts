import { expect, test, vi } from "vitest";
import { Once } from "./once.svelte";

test("a second click while it runs does nothing", async () => {
  const once = new Once();
  let finish = () => {};
  const work = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
  const first = once.run(work);
  await once.run(work);
  expect(work).toHaveBeenCalledOnce();
  expect(once.busy).toBe(true);
  finish();
  await first;
  expect(once.busy).toBe(false);
});

test("after a failure it can be tried again", async () => {
  const once = new Once();
  await expect(once.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  const work = vi.fn(() => Promise.resolve());
  await once.run(work);
  expect(work).toHaveBeenCalledOnce();
});
