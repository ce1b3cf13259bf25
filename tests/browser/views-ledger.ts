/** The public pages of the log and of its mirror, and the page that helps phones to trust a desk. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { CODE_PICTURE } from "./harness/mocks.ts";
import { end, eventually, freePort } from "./harness/processes.ts";
import { ROOT } from "./harness/site.ts";
import { program, type System } from "./harness/system.ts";
import type { State, View } from "./views.ts";

/** Where a page is; found by following links where its address is nobody's to know. */
type Way = string | ((page: Page, system: System) => Promise<void>);

function page(
  id: string,
  route: string,
  state: State,
  way: Way,
  base: (system: System) => string = ({ ledger }) => ledger.url,
): View {
  return {
    id: `ledger-${id}`,
    app: "ledger",
    route,
    state,
    async open(page, { system }) {
      if (typeof way === "string") await page.goto(new URL(way, base(system)).href);
      else await way(page, system);
      await page.getByRole("heading", { level: 1 }).waitFor();
    },
  };
}

/** Follows the first link with these words, from a page on. */
const follow =
  (from: string, name: RegExp): Way =>
  async (page, { ledger }) => {
    await page.goto(new URL(from, ledger.url).href);
    await page.getByRole("main").getByRole("link", { name }).first().click();
  };

const opened: Way = async (page, { ledger }) => {
  await page.goto(new URL("/entries/0", ledger.url).href);
  for (const summary of await page.locator("summary").all()) await summary.click();
};

const mirror = ({ mirror: { url } }: System): string => url;

/** Of a mirror that has just begun, and reaches no log. */
const unwell: Way = async (page, { data_dir }) => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-mirror-"));
  const [port, ops] = [await freePort(), await freePort()];
  const url = `http://mirror.localhost:${port}`;
  const config = join(data_dir, "mirror", "config.toml");
  const child = spawn(program("holdfast-anchor"), ["mirror", "serve", "--config", config], {
    stdio: "ignore",
    env: {
      ...process.env,
      HOLDFAST__data_dir: folder,
      HOLDFAST__listen: `127.0.0.1:${port}`,
      HOLDFAST__ops_listen: `127.0.0.1:${ops}`,
      HOLDFAST__public_url: url,
      HOLDFAST__ledger_url: "http://log.localhost:1",
    },
  });
  try {
    await eventually(() => page.goto(url));
    await page.getByText("This mirror cannot take over").waitFor();
  } finally {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  }
};

export const LEDGER_VIEWS: View[] = [
  page("home", "home", "usual", "/"),
  page("mirror", "home", "usual", "/", mirror),
  page("unwell", "home", "usual", unwell),
  page("german", "home", "usual", "/?lang=de"),
  page("entries", "entries", "usual", "/entries"),
  page("entries-none", "entries", "empty", "/entries?before=0"),
  page("entries-wrong", "entries", "error", "/entries?before=yesterday"),
  page("entry", "entry", "usual", "/entries/0"),
  page("entry-bytes", "entry", "usual", opened),
  { ...page("entry-none", "entry", "error", "/entries/999999"), sameAs: "ledger-nowhere" },
  page("organisations", "organisations", "usual", "/organisations"),
  page("organisations-all", "organisations", "usual", "/organisations?list=all"),
  page("organisations-none", "organisations", "empty", "/organisations?type=urn:example:nothing"),
  {
    ...page("organisations-wrong", "organisations", "error", "/organisations?list=everything"),
    sameAs: "ledger-entries-wrong",
  },
  page("agency", "organisation", "usual", follow("/organisations", /Population/)),
  page("business", "organisation", "usual", follow("/organisations?list=businesses", /Corner Shop/)),
  {
    ...page("organisation-none", "organisation", "error", "/organisations/nobody"),
    sameAs: "ledger-nowhere",
  },
  page("services", "services", "usual", "/services"),
  page("services-german", "services", "usual", "/services?lang=de"),
  page("services-none", "services", "empty", "/services?after=~"),
  page("search", "search", "usual", "/search?q=corner"),
  page("search-none", "search", "empty", "/search?q=nobody"),
  {
    ...page("search-wrong", "search", "error", `/search?q=${"x".repeat(600)}`),
    sameAs: "ledger-entries-wrong",
  },
  page("about", "about", "usual", "/about"),
  page("nowhere", "nowhere", "error", "/nowhere"),
];

const HELP = "http://desk.example";
/** What the service fills in beside its words. */
const FILLED: Record<string, string> = {
  lang: "en",
  url: "https://192.0.2.17:8444/scan",
  fingerprint: Array.from({ length: 32 }, (_, at) => (at * 37 + 11).toString(16).slice(-2).padStart(2, "0"))
    .join(":<wbr>")
    .replace(/[0-9a-f]{2}/g, (byte) => byte.toUpperCase()),
};
/** What its style sheet is made of. */
const STYLE = ["ui/assets/font.css", "ui/src/tokens.css", "ui/src/base.css", "verifier/src/lan/help.css"];

/** The page that `holdfast-verifier serve --lan` serves over http, from its own files and words. */
function help(): string {
  const file = (path: string): string => readFileSync(join(ROOT, path), "utf8");
  const words = JSON.parse(file("ui/src/messages/en/business.json")).lan as Record<string, string>;
  return file("verifier/src/lan/help.html").replaceAll(
    /\{(\w+)\}/g,
    (place, name: string) => FILLED[name] ?? words[name] ?? place,
  );
}

export const LAN_VIEWS: View[] = [
  {
    id: "lan-help",
    app: "lan",
    route: "help",
    state: "usual",
    async open(page) {
      const style = STYLE.map((path) => readFileSync(join(ROOT, path), "utf8")).join("");
      await page.route(`${HELP}/style.css`, (route) =>
        route.fulfill({ contentType: "text/css", body: style }),
      );
      await page.route(`${HELP}/mark.svg`, (route) =>
        route.fulfill({ contentType: "image/svg+xml", path: join(ROOT, "ui/assets/favicon.svg") }),
      );
      await page.route(`${HELP}/assets/*.woff2`, (route) =>
        route.fulfill({
          contentType: "font/woff2",
          path: join(ROOT, "ui/assets", new URL(route.request().url()).pathname.split("/").pop() ?? ""),
        }),
      );
      await page.route(`${HELP}/address.svg`, (route) =>
        route.fulfill({ contentType: "image/svg+xml", body: CODE_PICTURE }),
      );
      await page.route(`${HELP}/`, (route) => route.fulfill({ contentType: "text/html", body: help() }));
      await page.goto(`${HELP}/`);
      await page.getByRole("heading", { level: 1 }).waitFor();
    },
  },
];
