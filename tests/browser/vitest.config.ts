import { defineConfig } from "vitest/config";

/** Two cores: one file at a time, one browser, one running system for all of them. */
export default defineConfig({
  test: {
    include: ["*.test.ts"],
    globalSetup: ["harness/global.ts"],
    fileParallelism: false,
    // Every wait inside a test has an end of its own, which says what was waited for.
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
