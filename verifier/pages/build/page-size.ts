import type { Plugin, Rollup } from "vite";

/** Fonts beyond this alphabet are fetched only by pages that show their letters. */
const OTHER_ALPHABETS = /-(?:cyrillic|greek|vietnamese|latin-ext)(?:-|\.)/;
/** The decoder comes when the first picture does. */
const LATER = /\.wasm$/;

/** Fails a build whose page is larger than `most` bytes, with all that it loads but the decoder. */
export function pageSize({ page, most }: { page: string; most: number }): Plugin {
  return {
    name: "page-size",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const files = loadedBy(page, bundle);
        const size = files.reduce((sum, name) => sum + bytes(bundle[name]), 0);
        this.info(`${page}: ${Math.ceil(size / 1024)} KB in ${files.length} files`);
        if (size > most) this.error(`${page} is larger than ${most / 1024} KB: ${files.join(", ")}`);
      },
    },
  };
}

/** The page, its scripts with all they import, their styles, and the fonts of these. */
export function loadedBy(page: string, bundle: Rollup.OutputBundle): string[] {
  const found = new Set<string>();
  const queue = Object.values(bundle)
    .filter((file) => file.type === "chunk" && file.facadeModuleId?.endsWith(`/${page}`))
    .map((file) => file.fileName);
  if (bundle[page]) queue.push(page);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const file = bundle[name];
    if (!file || found.has(name) || OTHER_ALPHABETS.test(name) || LATER.test(name)) continue;
    found.add(name);
    queue.push(...named(file));
  }
  return [...found].sort();
}

function named(file: Rollup.OutputAsset | Rollup.OutputChunk): string[] {
  if (file.type === "asset") {
    const urls = file.fileName.endsWith(".css")
      ? String(file.source).matchAll(/url\(["']?\/?([^"')]+)/g)
      : [];
    return [...urls].map(([, url = ""]) => url.replace(/^(?:\.\.?\/)*/, "")).map(inAssets);
  }
  const { importedCss, importedAssets } = file.viteMetadata ?? {};
  return [...file.imports, ...file.dynamicImports, ...(importedCss ?? []), ...(importedAssets ?? [])];
}

function inAssets(name: string): string {
  return name.startsWith("assets/") ? name : `assets/${name}`;
}

function bytes(file: Rollup.OutputAsset | Rollup.OutputChunk | undefined): number {
  if (!file) return 0;
  return Buffer.byteLength(file.type === "chunk" ? file.code : file.source);
}
