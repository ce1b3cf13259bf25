import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  build: {
    // The content security policy allows files only: no data URIs, no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["safari17.5", "chrome123"],
  },
  test: { include: ["src/**/*.test.ts"] },
});
