import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

test("the operations are made from the description", () => {
  const script = join(import.meta.dirname, "../generate.mjs");
  const checked = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  expect([checked.status, checked.stderr]).toEqual([0, ""]);
});
