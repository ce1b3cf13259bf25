import { expect, test } from "vitest";
import { Load } from "./load.svelte";

test("an answer that a later one has overtaken is dropped", async () => {
  const answers: ((value: string) => void)[] = [];
  const load = new Load(() => new Promise<string>((resolve) => answers.push(resolve)));
  const [first, second] = [load.run(), load.run()];
  answers[1]?.("new");
  await second;
  answers[0]?.("old");
  await first;
  expect(load.value).toBe("new");
  expect(load.busy).toBe(false);
});

test("what was read stays when reading again fails, and the error is told", async () => {
  let works = true;
  const load = new Load(() => (works ? Promise.resolve("read") : Promise.reject(new Error("lost"))));
  await load.run();
  works = false;
  await load.run();
  expect([load.value, load.error]).toEqual(["read", new Error("lost")]);
});

test("an answer after forgetting is dropped", async () => {
  let answer = (_: string) => {};
  const load = new Load(() => new Promise<string>((resolve) => (answer = resolve)));
  const reading = load.run();
  load.clear();
  answer("late");
  await reading;
  expect(load.value).toBeNull();
});
