import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/** All components on one page, for looking at them; not shipped. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [svelte()],
  build: { assetsInlineLimit: 0, emptyOutDir: true },
});
