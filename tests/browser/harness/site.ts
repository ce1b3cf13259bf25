/** Serves a folder of built files on loopback under the window's own content security policy. */
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".woff2": "font/woff2",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

export interface Site {
  url: string;
  close(): Promise<void>;
}

/** The policy that the wallet's window has, read from where it is set. */
export async function windowPolicy(): Promise<string> {
  const text = await readFile(join(ROOT, "wallet-app/src-tauri/tauri.conf.json"), "utf8");
  const policy: unknown = JSON.parse(text).app.security.csp;
  if (typeof policy === "string") return policy;
  return Object.entries(policy as Record<string, string>)
    .map(([name, value]) => `${name} ${value}`)
    .join("; ");
}

export async function serve(folder: string, policy: string): Promise<Site> {
  const server: Server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    const file = join(folder, path === "/" ? "index.html" : path);
    readFile(file).then(
      (body) => {
        response.writeHead(200, {
          "content-type": TYPES[extname(file)] ?? "application/octet-stream",
          "content-security-policy": policy,
        });
        response.end(body);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return {
    url: `http://localhost:${address.port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
