import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

/**
 * `vite build` makes the window (`dist`, the backend is Tauri); `vite build --mode memory` makes the
 * same screens with the backend in memory (`dist-memory`), for a browser under test.
 */
export default defineConfig(({ mode }) => ({
  plugins: [svelte({ configFile: false })],
  build: {
    outDir: mode === "memory" ? "dist-memory" : "dist",
    // The content security policy allows files only: no data URIs, no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["safari17.5", "chrome123"],
  },
  test: { include: ["src/**/*.test.ts"] },
}));
