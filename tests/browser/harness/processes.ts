/** Starting what a test needs beside itself, and ending it. */
import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

export type Environment = Record<string, string | undefined>;

export interface Started {
  child: ChildProcess;
  /** The first line it printed. */
  line: string;
}

/** Starts a program and waits for the first line it prints. */
export async function startAndRead(
  program: string,
  args: string[],
  options: SpawnOptions & { patience?: number },
): Promise<Started> {
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout! });
  const line = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${program} says nothing`)), options.patience ?? 60_000);
    lines.once("line", (text) => {
      clearTimeout(late);
      resolve(text);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code}`)));
  });
  return { child, line };
}

/** Runs a program to its end; what it printed. */
export function run(
  program: string,
  args: string[],
  env?: Environment,
): Promise<{ code: number; out: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: env ?? process.env, stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    child.stdout.on("data", (bytes: Buffer) => (out += bytes.toString()));
    child.stderr.on("data", (bytes: Buffer) => (out += bytes.toString()));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? -1, out }));
  });
}

/** Ends a program with SIGTERM and waits for it. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  await ended;
}

/** A port nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("port")),
      );
    });
  });
}

/** Tries until it does not throw any more. */
export async function eventually<T>(attempt: () => Promise<T>, patience = 10_000): Promise<T> {
  const until = Date.now() + patience;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
