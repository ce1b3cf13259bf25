/** A desktop of the test's own: display, session bus, Secret Service, home; and the app driven on it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Builder, Capabilities, type WebDriver } from "selenium-webdriver";
import { end, eventually, freePort, run, startAndRead, type Environment } from "./processes.ts";
import { program, type System } from "./system.ts";

const DRIVER = "/usr/bin/WebKitWebDriver";

export class Desktop {
  readonly folder = mkdtempSync(join(tmpdir(), "holdfast-desktop-"));
  readonly profile = join(this.folder, "wallet");
  readonly setup = join(this.folder, "setup.json");
  readonly env: Environment;
  private readonly visited = join(this.folder, "visited");
  private readonly children: ChildProcess[] = [];

  private constructor() {
    const home = join(this.folder, "home");
    const runtime = join(this.folder, "run");
    for (const path of [home, runtime]) mkdirSync(path, { mode: 0o700 });
    this.env = {
      PATH: process.env["PATH"],
      HOME: home,
      LANG: "en_GB.UTF-8",
      LANGUAGE: "en",
      XDG_RUNTIME_DIR: runtime,
      XDG_DATA_HOME: join(home, "share"),
      XDG_CONFIG_HOME: join(home, "config"),
      // One core less for shaders that a test does not look at.
      WEBKIT_DISABLE_COMPOSITING_MODE: "1",
      LIBGL_ALWAYS_SOFTWARE: "1",
      GDK_BACKEND: "x11",
      NO_AT_BRIDGE: "1",
      // What makes the app listen to the driver.
      TAURI_AUTOMATION: "true",
      TAURI_WEBVIEW_AUTOMATION: "true",
    };
  }

  /** Starts display, bus and keyring, and makes the app the one that opens our links. */
  static async start(system: System, width = 1000, height = 760): Promise<Desktop> {
    const desktop = new Desktop();
    await desktop.display(width, height);
    await desktop.bus();
    writeFileSync(
      desktop.setup,
      JSON.stringify({
        trust_pack: system.trust_pack,
        ledger_url: system.ledger.url,
        mirror_url: system.mirror.url,
        ports: system.wallet.ports,
        issuer_anchors: system.wallet.issuer_anchors,
        verifier_anchors: system.wallet.verifier_anchors,
      }),
    );
    desktop.browser();
    const registered = await desktop.app(...desktop.arguments(), "register-links");
    if (registered.code !== 0) throw new Error(registered.out);
    return desktop;
  }

  /** What the app is started with. */
  arguments(): string[] {
    return ["--profile", this.profile, "--setup", this.setup];
  }

  /** Runs the app's program to its end. */
  app(...args: string[]): Promise<{ code: number; out: string }> {
    return run(program("holdfast-wallet-app"), args, this.env);
  }

  /** The address that the wallet last told the system's browser to open. */
  async browserWasSentTo(): Promise<string> {
    return eventually(async () => readFileSync(this.visited, "utf8").trim(), 20_000);
  }

  /** Opens a link as a browser of this desktop would. (The `xdg-open` of Debian 12 knows no digits in schemes.) */
  async open(link: string): Promise<void> {
    const opened = await run("gio", ["open", link], this.env);
    if (opened.code !== 0) throw new Error(`gio open: ${opened.out}`);
  }

  /** Opens the window under WebKit's driver. */
  async window(): Promise<WebDriver> {
    const port = await freePort();
    const driver = spawn(DRIVER, [`--port=${port}`], { env: this.env, stdio: "ignore" });
    this.children.push(driver);
    const capabilities = new Capabilities({
      browserName: "wry",
      "webkitgtk:browserOptions": { binary: program("holdfast-wallet-app"), args: this.arguments() },
    });
    return eventually(
      () => new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build(),
      20_000,
    );
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    for (const child of this.children.toReversed()) await end(child);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A browser that only notes where it was sent. */
  private browser(): void {
    const applications = join(this.env["XDG_DATA_HOME"]!, "applications");
    const config = this.env["XDG_CONFIG_HOME"]!;
    for (const path of [applications, config]) mkdirSync(path, { recursive: true });
    const program = join(this.folder, "browser");
    writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$1" > '${this.visited}'\n`, { mode: 0o755 });
    writeFileSync(
      join(applications, "browser.desktop"),
      `[Desktop Entry]\nType=Application\nName=Browser\nExec=${program} %u\nMimeType=x-scheme-handler/http;x-scheme-handler/https;\n`,
    );
    writeFileSync(
      join(config, "mimeapps.list"),
      "[Default Applications]\nx-scheme-handler/http=browser.desktop\nx-scheme-handler/https=browser.desktop\n",
    );
  }

  private async display(width: number, height: number): Promise<void> {
    const child = spawn(
      "Xvfb",
      ["-displayfd", "3", "-screen", "0", `${width}x${height}x24`, "-nolisten", "tcp"],
      {
        stdio: ["ignore", "ignore", "ignore", "pipe"],
      },
    );
    this.children.push(child);
    const number = await new Promise<string>((resolve, reject) => {
      child.stdio[3]?.once("data", (bytes: Buffer) => resolve(bytes.toString().trim()));
      child.once("exit", () => reject(new Error("Xvfb ended")));
    });
    this.env["DISPLAY"] = `:${number}`;
  }

  private async bus(): Promise<void> {
    const bus = await startAndRead("dbus-daemon", ["--session", "--nofork", "--print-address"], {
      env: this.env,
    });
    this.children.push(bus.child);
    this.env["DBUS_SESSION_BUS_ADDRESS"] = bus.line;
    const keyring = spawn("gnome-keyring-daemon", ["--foreground", "--unlock", "--components=secrets"], {
      env: this.env,
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.children.push(keyring);
    // An empty password does not unlock.
    keyring.stdin?.end("holdfast");
    const ask = [
      "--session",
      "--print-reply",
      "--dest=org.freedesktop.DBus",
      "/",
      "org.freedesktop.DBus.NameHasOwner",
    ];
    await eventually(async () => {
      const { out } = await run("dbus-send", [...ask, "string:org.freedesktop.secrets"], this.env);
      if (!out.includes("boolean true")) throw new Error("no Secret Service");
    });
  }
}
