import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { pageSize } from "./build/page-size.ts";

/** The desk, its reader of codes (which alone may run WebAssembly), trying out, the interface for programs, and the example shop. */
export default defineConfig({
  plugins: [svelte(), pageSize({ page: "scan.html", most: 400 * 1024 })],
  build: {
    // The content security policy allows files only: no data URIs, no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["safari17.5", "chrome123"],
    rollupOptions: { input: ["index.html", "scan.html", "try.html", "developers.html", "shop.html"] },
  },
  test: {
    include: ["src/**/*.test.ts", "build/**/*.test.ts"],
    // Node itself knows no files of WebAssembly.
    server: { deps: { inline: ["zxing-wasm"] } },
  },
});
