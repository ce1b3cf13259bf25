/** A business with a verifier of its own, on the port that the stack keeps for the club. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { http } from "./http.ts";
import { end, eventually, run } from "./processes.ts";
import { api, program, system } from "./system.ts";

export class OwnVerifier {
  private readonly folder = mkdtempSync(join(tmpdir(), "holdfast-business-"));
  private readonly ports = JSON.parse(readFileSync(join(system().data_dir, "ports.json"), "utf8")) as Record<
    string,
    number
  >;
  private readonly config = join(this.folder, "config.toml");
  private readonly checks = join(this.folder, "checks.toml");
  private child: ChildProcess | undefined;

  /** Makes its keys, and the file with which it applies. */
  static async make(name: string): Promise<OwnVerifier> {
    const business = new OwnVerifier();
    const shop = join(system().data_dir, "shop");
    writeFileSync(business.checks, readFileSync(join(shop, "checks.toml")));
    writeFileSync(business.config, business.settings(readFileSync(join(shop, "config.toml"), "utf8")));
    const made = await run(program("holdfast-verifier"), [
      "init",
      "--config",
      business.config,
      "--name",
      name,
    ]);
    if (made.code !== 0) throw new Error(made.out);
    return business;
  }

  get application(): string {
    return join(this.folder, "data/identity/application.json");
  }

  private get url(): string {
    return `http://club.localhost:${this.ports["club"]}`;
  }

  /** Those of the shop, but for where it is, and for what only the shop has. */
  private settings(shop: string): string {
    const own = {
      data_dir: join(this.folder, "data"),
      listen: `127.0.0.1:${this.ports["club"]}`,
      ops_listen: `127.0.0.1:${this.ports["club-ops"]}`,
      public_url: this.url,
      checks: this.checks,
    };
    const shared = shop.replace(/^\[shop\][^[]*/m, "").replace(/^provisioning_token = .*$/m, "");
    return Object.entries(own).reduce(
      (text, [key, value]) =>
        text.replace(new RegExp(`^${key} = .*$`, "m"), `${key} = ${JSON.stringify(value)}`),
      shared,
    );
  }

  /** Shows at its host what proves that it is its own, as long as `look` takes. */
  async proves(value: string, look: () => Promise<void>): Promise<void> {
    const site = createServer(({ url }, response) => {
      const is_there = url === "/.well-known/holdfast-registration.txt";
      response.writeHead(is_there ? 200 : 404, { "content-type": "text/plain" }).end(is_there ? value : "");
    });
    await new Promise<void>((done) => site.listen(this.ports["club"], "127.0.0.1", done));
    try {
      await look();
    } finally {
      site.closeAllConnections();
      await new Promise<void>((done) => site.close(() => done()));
    }
  }

  /** Asks by these checks from now on. */
  async serve(checks: string): Promise<void> {
    writeFileSync(this.checks, checks);
    this.child = spawn(program("holdfast-verifier"), ["serve", "--config", this.config], { stdio: "ignore" });
    await eventually(async () => {
      const { status } = await http(`http://localhost:${this.ports["club-ops"]}/readyz`);
      if (status !== 200) throw new Error(`the business says ${status}`);
    }, 30_000);
  }

  /** Opens a session; the request behind its code. */
  async asks(check: string): Promise<string> {
    const token = readFileSync(join(this.folder, "data/identity/api-token"), "utf8").trim();
    const path = `/api/v1/checks/${check}/sessions`;
    const opened = await api<{ request_uri: string }>({ url: this.url, token }, path, {});
    return opened.request_uri;
  }

  async end(): Promise<void> {
    if (this.child) await end(this.child);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
