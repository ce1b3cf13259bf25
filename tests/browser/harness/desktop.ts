/** A desktop of the test's own: display, session bus, Secret Service, home; and the app driven on it. */
import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Builder, Capabilities, type WebDriver } from "selenium-webdriver";
import { end, eventually, freePort, run, startAndRead, type Environment } from "./processes.ts";
import type { Stranger } from "./stranger.ts";
import { program, type System } from "./system.ts";
import { closeWindow } from "./x11.ts";

const DRIVER = "/usr/bin/WebKitWebDriver";
const APP = "holdfast-wallet-app";

/** What is noted when somebody opens it: pages, links of some other apps, and files. */
const SCHEMES = ["http", "https", "intent", "javascript", "shop-app", "tel"];
const NOTED = [...SCHEMES.map((scheme) => `x-scheme-handler/${scheme}`), "text/plain"];

/** What opens every wallet here. */
export const PASSPHRASE = "kelp holds on to rock";

/** What `list` of the command line says. */
export interface Listed {
  ok: boolean;
  cards: { id: string; type: string; unused_copies: unknown }[];
  waiting: { id: string; cards: string[] }[];
}

export class Desktop {
  readonly folder = mkdtempSync(join(tmpdir(), "holdfast-desktop-"));
  readonly profile = join(this.folder, "wallet");
  readonly setup = join(this.folder, "setup.json");
  readonly env: Environment;
  /** Everything that the app and the driver print. */
  readonly log = join(this.folder, "app.log");
  private readonly visited = join(this.folder, "visited");
  private readonly children: ChildProcess[] = [];
  private keyring: ChildProcess | undefined;

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

  /**
   * Sets the wallet up as the command line does, which takes less time than the window. It may reach
   * these strangers, and knows the authorities of some.
   */
  async setUp(system: System, strangers: Stranger[] = [], known: Stranger[] = []): Promise<void> {
    const { wallet, ledger, mirror } = system;
    const ecosystem = [
      "--trust-pack",
      wallet.trust_pack,
      "--ledger-url",
      ledger.url,
      "--mirror-url",
      mirror.url,
    ];
    const development = [
      "--development",
      "--ports",
      [...wallet.ports, ...strangers.map(({ port }) => port)].join(","),
    ];
    const anchors = join(this.folder, "anchors");
    mkdirSync(anchors);
    for (const { authority, port } of known) writeFileSync(join(anchors, `${port}.pem`), authority);
    const issuers = ["--issuer-anchors", wallet.issuer_anchors];
    const verifiers = ["--verifier-anchors", known.length > 0 ? anchors : wallet.verifier_anchors];
    const made = await this.wallet("init", ...ecosystem, ...development, ...issuers, ...verifiers);
    if (!made["ok"]) throw new Error(JSON.stringify(made));
  }

  /** Runs a command of the command line's wallet on the same vault. */
  async wallet<T = Record<string, unknown>>(...args: string[]): Promise<T> {
    const pin = join(this.folder, "pin");
    writeFileSync(pin, PASSPHRASE, { mode: 0o600 });
    const all = ["--profile", this.profile, "--pin-file", pin, "--json", ...args];
    const { out } = await run(program("holdfast-wallet"), all, this.env);
    rmSync(pin);
    return JSON.parse(out.trim().split("\n").at(-1) ?? "") as T;
  }

  /** The cards in the vault, as the command line lists them. */
  list(): Promise<Listed> {
    return eventually(async () => {
      const listed = await this.wallet<Listed>("list");
      if (!listed.ok) throw new Error(JSON.stringify(listed));
      return listed;
    });
  }

  /** The process of the app, which is none of the helpers that its web view starts; `null` when it is gone. */
  pid(): number | null {
    const found = readdirSync("/proc").find((name) => {
      if (!/^\d+$/.test(name)) return false;
      const argv = commandLine(name);
      return argv[0]?.endsWith(APP) && argv.includes(this.profile);
    });
    return found === undefined ? null : Number(found);
  }

  /** Ends the app as a crash does: it has no chance to do anything more. */
  async kill(): Promise<void> {
    const pid = this.pid();
    if (pid === null) throw new Error("the app does not run");
    process.kill(pid, "SIGKILL");
    await this.isGone();
  }

  /** Closes the window by the button that its frame has, and waits until the app has ended. */
  async close(): Promise<void> {
    await closeWindow(this.env["DISPLAY"]!, "Holdfast");
    await this.isGone();
  }

  /** Waits until there is no app any more, and nothing that it held. */
  async isGone(): Promise<void> {
    const lock = join(this.profile, "vault.lock");
    await eventually(async () => {
      if (this.pid() !== null) throw new Error("the app still runs");
      // A process has no command line before its last thread lets go of its files.
      if (existsSync(lock) && (await run("flock", ["--nonblock", lock, "true"])).code !== 0)
        throw new Error("the wallet is still held");
    }, 60_000);
  }

  /** What the app is started with. */
  arguments(): string[] {
    return ["--profile", this.profile, "--setup", this.setup];
  }

  /** Runs the app's program to its end. */
  app(...args: string[]): Promise<{ code: number; out: string }> {
    return run(program(APP), args, this.env);
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
  window(...more: string[]): Promise<WebDriver> {
    return this.windowOf(program(APP), ...more);
  }

  /** A program that starts the app where nothing can be written into the wallet's folder, not even by root. */
  readOnly(): string {
    if (process.getuid?.() !== 0) {
      chmodSync(this.profile, 0o500);
      return program(APP);
    }
    const path = join(this.folder, "read-only", APP);
    mkdirSync(join(this.folder, "read-only"), { recursive: true });
    const inside = `mount --bind '${this.profile}' '${this.profile}' && mount -o remount,bind,ro '${this.profile}' && exec '${program(APP)}' "$@"`;
    writeFileSync(
      path,
      `#!/bin/sh\nexec unshare --mount sh -c '${inside.replaceAll("'", `'\\''`)}' ${APP} "$@"\n`,
      {
        mode: 0o755,
      },
    );
    return path;
  }

  /** Opens the window of this program. */
  async windowOf(binary: string, ...more: string[]): Promise<WebDriver> {
    const port = await freePort();
    const log = openSync(this.log, "a");
    const driver = spawn(DRIVER, [`--port=${port}`], { env: this.env, stdio: ["ignore", log, log] });
    this.children.push(driver);
    const capabilities = new Capabilities({
      browserName: "wry",
      "webkitgtk:browserOptions": { binary, args: [...this.arguments(), ...more] },
    });
    const server = `http://127.0.0.1:${port}`;
    return eventually(() => new Builder().usingServer(server).withCapabilities(capabilities).build(), 20_000);
  }

  /** Asks the Secret Service of this desktop; what it answers, as printed. */
  async secrets(path: string, call: string, ...args: string[]): Promise<string> {
    const to = ["--session", "--print-reply", "--dest=org.freedesktop.secrets", path];
    const { code, out } = await run(
      "dbus-send",
      [...to, `org.freedesktop.Secret.${call}`, ...args],
      this.env,
    );
    if (code !== 0) throw new Error(out);
    return out;
  }

  /** Ends the Secret Service: from now on nothing answers. */
  async withoutKeyring(): Promise<void> {
    if (this.keyring) await end(this.keyring);
  }

  /** Where the wallet sent the browser; `null` when it did not. */
  visits(): string | null {
    return existsSync(this.visited) ? readFileSync(this.visited, "utf8") : null;
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
      `[Desktop Entry]\nType=Application\nName=Browser\nExec=${program} %u\nMimeType=${NOTED.join(";")};\n`,
    );
    writeFileSync(
      join(config, "mimeapps.list"),
      ["[Default Applications]", ...NOTED.map((type) => `${type}=browser.desktop`), ""].join("\n"),
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
    // One that starts nobody: with services of the system's a Secret Service that was ended would come
    // back, and a window that asks for its password would wait for a person.
    const config = join(this.folder, "bus.conf");
    writeFileSync(
      config,
      '<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">' +
        `<busconfig><type>session</type><listen>unix:dir=${this.env["XDG_RUNTIME_DIR"]}</listen><auth>EXTERNAL</auth>` +
        '<policy context="default"><allow send_destination="*"/><allow eavesdrop="false" receive_sender="*"/><allow own="*"/></policy></busconfig>',
    );
    const bus = await startAndRead(
      "dbus-daemon",
      [`--config-file=${config}`, "--nofork", "--print-address"],
      {
        env: this.env,
      },
    );
    this.children.push(bus.child);
    this.env["DBUS_SESSION_BUS_ADDRESS"] = bus.line;
    await this.withKeyring();
  }

  /** Starts the Secret Service, unlocked, and waits for it. */
  async withKeyring(): Promise<void> {
    const keyring = spawn("gnome-keyring-daemon", ["--foreground", "--unlock", "--components=secrets"], {
      env: this.env,
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.children.push(keyring);
    this.keyring = keyring;
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

/** The arguments of a process; none of one that has ended. */
function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}
