/** A device of the shop without a network: `holdfast-verifier kiosk`, with what `sync` brought before. */
import type { ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { http } from "./http.ts";
import { end, eventually, freePort, run, startAndRead } from "./processes.ts";
import { program, system, type OperatorOf } from "./system.ts";

export interface Kiosk {
  url: string;
  staff: OperatorOf;
  stop(): Promise<void>;
}

/** Prepares a device in a folder of its own, with the identity and the checks of the shop, and starts it. */
export async function kiosk(folder: string): Promise<Kiosk> {
  const shop = join(system().data_dir, "shop");
  const data = join(folder, "data");
  mkdirSync(data, { recursive: true });
  cpSync(join(shop, "data/identity"), join(data, "identity"), { recursive: true });
  const config = join(folder, "config.toml");
  const settings = readFileSync(join(shop, "config.toml"), "utf8")
    .replace(/^data_dir = .*$/m, `data_dir = ${JSON.stringify(data)}`)
    .replace(/^ops_listen = .*$/m, `ops_listen = "127.0.0.1:${await freePort()}"`);
  writeFileSync(config, settings);
  const staff = await operatorOf(folder, config);
  await verifier("sync", "--config", config);
  const port = await freePort();
  const listen = ["--listen", `127.0.0.1:${port}`];
  const args = ["kiosk", "--config", config, ...listen];
  const { child } = await startAndRead(program("holdfast-verifier"), args, {});
  await answers(child, port);
  return { url: `http://localhost:${port}`, staff, stop: () => end(child) };
}

async function operatorOf(folder: string, config: string): Promise<OperatorOf> {
  const staff = { name: "kiosk", role: "staff", password: "a desk of its own" };
  const password = join(folder, "password");
  writeFileSync(password, staff.password, { mode: 0o600 });
  const secret = ["--password-file", password];
  await verifier("operator", "add", "--config", config, staff.name, "--role", staff.role, ...secret);
  return staff;
}

async function verifier(...args: string[]): Promise<void> {
  const { code, out } = await run(program("holdfast-verifier"), args);
  if (code !== 0) throw new Error(`${args[0]}: ${out}`);
}

/** Waits until the pages are there. */
async function answers(child: ChildProcess, port: number): Promise<void> {
  await eventually(async () => {
    const { status } = await http(`http://localhost:${port}/offline`);
    if (status !== 200) throw new Error(`the kiosk says ${status}`);
  }).catch(async (error: unknown) => {
    await end(child);
    throw error;
  });
}
