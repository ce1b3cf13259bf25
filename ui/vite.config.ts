import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

/** For the tests of the kit; the apps have their own. */
export default defineConfig({
  plugins: [svelte()],
  test: { include: ["src/**/*.test.ts", "gallery/**/*.test.ts"], testTimeout: 60_000 },
});
