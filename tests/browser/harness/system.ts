/** The running services, as `holdfast-story up --json` announces them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { http } from "./http.ts";
import { ROOT } from "./site.ts";

export interface OperatorOf {
  name: string;
  role: string;
  password: string;
}

export interface System {
  version: 1;
  data_dir: string;
  trust_pack: string;
  ledger: { url: string; admin_token: string };
  issuer: { url: string; token: string; operators: OperatorOf[] };
  verifier: { url: string; token: string; checks: string[]; operators: OperatorOf[]; shop_url: string };
  portal: { url: string; operators: OperatorOf[]; letter: string };
  mirror: { url: string };
  wallet: { trust_pack: string; ports: number[]; issuer_anchors: string; verifier_anchors: string };
  pids: Record<string, number>;
}

declare module "vitest" {
  interface ProvidedContext {
    system: System;
  }
}

/** The services that run for all tests of a run. */
export function system(): System {
  return inject("system");
}

/** A built program. */
export function program(name: string): string {
  const target = process.env["CARGO_TARGET_DIR"] ?? join(ROOT, "target");
  const path = join(target, "debug", name);
  if (!existsSync(path)) throw new Error(`${path} was not built; cargo xtask test builds everything first`);
  return path;
}

/** A call of the issuer's or the verifier's interface with its token. */
export async function api<T>(
  party: { url: string; token: string },
  path: string,
  body?: unknown,
): Promise<T> {
  const reply = await http(`${party.url}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${party.token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (reply.status >= 300) throw new Error(`${path}: ${reply.status} ${reply.text}`);
  return JSON.parse(reply.text) as T;
}

/** An operator of a page. */
export function operator(of: { operators: OperatorOf[] }, role: string): OperatorOf {
  const found = of.operators.find((one) => one.role === role);
  if (!found) throw new Error(`no ${role}`);
  return found;
}
