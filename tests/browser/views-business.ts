/** The desk and the example shop: all places in all states. */
import type { BrowserContext, Page } from "playwright-core";
import type { RouteName, ShopRouteName, TryRouteName } from "../../verifier/pages/src/lib/routes.ts";
import { allowCamera } from "./harness/camera.ts";
import { hold } from "./harness/hold.ts";
import {
  answers,
  both,
  CODE_PICTURE,
  cutOff,
  fails,
  hangs,
  type Steps,
  tells,
  text,
  title,
} from "./harness/mocks.ts";
import { operator, type System } from "./harness/system.ts";
import type { State, View } from "./views.ts";

export const CHECK = "adult";
/** As long as a code is good for when it is shown. */
const GOOD_S = 300;
export const CALLS = "**/desk/api/v1";

/** Cookies of whoever was signed in before, by role: passwords take long to check, as they must. */
const SESSIONS = new Map<string, Parameters<BrowserContext["addCookies"]>[0]>();

/** Somebody of this role is signed in. */
async function signIn(page: Page, { verifier }: System, role: string): Promise<void> {
  const before = SESSIONS.get(role);
  if (before) return page.context().addCookies(before);
  const { name, password } = operator(verifier, role);
  await page.goto(verifier.shop_url);
  const status = await page.evaluate(async (body) => {
    const headers = { "content-type": "application/json" };
    return (await fetch("/desk/api/v1/sign-in", { method: "POST", headers, body })).status;
  }, JSON.stringify({ name, password }));
  if (status !== 200) throw new Error(`sign-in: ${status}`);
  SESSIONS.set(role, await page.context().cookies());
}

/** A place of the desk; `steps` prepare it, and say with `seen` what it shows then. */
export function desk(
  id: string,
  route: RouteName,
  state: State,
  path: string,
  seen: Steps,
  steps?: Steps,
  role = "owner",
): View {
  return {
    id: `business-${id}`,
    app: "business",
    route,
    state,
    async open(page, { system }) {
      if (role) await signIn(page, system, role);
      await steps?.(page, system);
      await page.goto(`${system.verifier.url}${path}`);
      await seen(page, system);
    },
  };
}

function shop(id: string, route: ShopRouteName, state: State, seen: Steps, steps?: Steps): View {
  const path = route === "product" ? "/shop" : `/shop/${route}`;
  return {
    id: `shop-${id}`,
    app: "shop",
    route,
    state,
    async open(page, { system }) {
      await steps?.(page, system);
      await page.goto(new URL(path, system.verifier.url).href);
      await seen(page, system);
    },
  };
}

/** A session that ends like this, told by events, and read where those are over. */
export const ends = (...states: object[]): Steps => endsAt(CALLS, ...states);

/** The same at another address that has checks and sessions. */
const endsAt =
  (calls: string, ...states: object[]): Steps =>
  async (page, system) => {
    const opened = {
      id: "s1",
      request_uri: "openid4vp://?client_id=x",
      qr_svg: CODE_PICTURE,
      expires_at: Math.floor(Date.now() / 1000) + GOOD_S,
    };
    const session = states.map((state) => ({ id: opened.id, ...state }));
    await answers(`${calls}/checks/*/sessions`, 200, opened)(page, system);
    await answers(`${calls}/sessions/*`, 200, session.at(-1) ?? {})(page, system);
    await tells(`${calls}/sessions/*/events`, "session", ...session)(page, system);
  };

/** A verdict, a second after it came. */
export const verdict = (words: string): Steps =>
  both(text(words), text("Clears in 9 seconds"), (page) => hold(page));

export const told = (kind: string, reason: string) => ({
  state: reason === "refused" ? "refused" : "answered",
  verdict: kind,
  reason,
  ages: { status_s: 12, ledger_s: 3_900 },
  rule: "mYJzVtQ1xO0n8rR2cT6wK3uHf5sLq9pEaBdGjZkXvNo",
});

const done = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    at: 1_795_176_000 - at * 60,
    check: CHECK,
    ...[told("yes", "ok"), told("no", "expired"), told("could_not_check", "refused")][at % 3],
    operator: "ada",
  }));

export const manyChecks = Array.from({ length: 12 }, (_, at) => ({
  id: `check-${at}`,
  title: { en: `A check with a name that takes more than one line, number ${at}` },
  purpose: { en: "Renting out a very large caravan with an awning for several weeks in the summer" },
  channel: at % 2 ? "in_person" : "online",
  asked: [
    {
      card: { en: "Person identification" },
      claims: ["Given name", "Family name", "Date of birth", "Place of birth", "Nationality"].map(
        (label) => ({
          label: { en: label },
          optional: label === "Nationality",
          kept: label === "Family name",
        }),
      ),
    },
  ],
  kept_days: 30,
}));

const paste =
  (scanned: string, words: string): Steps =>
  async (page, system) => {
    await text("Waiting for the customer to scan")(page, system);
    await page.getByRole("button", { name: "Paste text" }).click();
    await page.getByLabel("Text or link of the code").fill(scanned);
    await page.getByRole("button", { name: "Read", exact: true }).click();
    await text(words)(page, system);
  };

const typed: Steps = async (page) => {
  await page.getByLabel("Name").fill("ada");
  await page.getByLabel("Password", { exact: true }).fill("not this one");
  await page.getByRole("button", { name: "Sign in" }).click();
};

/** Whoever was invited types a code and a password. */
const joins: Steps = async (page) => {
  await page.getByLabel("Code of the letter").fill("AAAA-AAAA-AAAA-AAAA");
  await page.getByLabel("New password", { exact: true }).fill("a till by the water");
  await page.getByRole("button", { name: "Join" }).click();
};

const asking = `/ask/${CHECK}`;
const scanning = `/scan/${CHECK}`;

/** The reader of the desk, whose camera works. */
const reader = (id: string, state: State, seen: Steps, steps?: Steps): View =>
  desk(
    id,
    "scan_check",
    state,
    scanning,
    both(text("Hold the code into the frame."), seen),
    both(allowCamera, ...(steps ? [steps] : [])),
  );

/** A code that was read at the desk and is none of an answer: what is said then. */
const misread = (id: string, scanned: string, words: string): View => ({
  ...reader(id, "error", paste(scanned, words)),
  about: (page) => page.getByText(words).first(),
});

const signInTitle = title("Sign in to the check desk");
const homeTitle = title("What do you want to check?");

export const BUSINESS_VIEWS: View[] = [
  desk("sign-in", "home", "usual", "/", signInTitle, undefined, ""),
  desk(
    "sign-in-wrong",
    "home",
    "error",
    "/",
    both(signInTitle, typed, text("is not right")),
    fails(`${CALLS}/sign-in`, 401, "sign_in_failed"),
    "",
  ),
  desk(
    "sign-in-wait",
    "home",
    "much",
    "/",
    both(signInTitle, typed, text("Try again in 2 minutes")),
    fails(`${CALLS}/sign-in`, 429, "too_many_attempts", { "retry-after": "90" }),
    "",
  ),
  desk(
    "signed-out",
    "ask",
    "error",
    asking,
    text("You were signed out"),
    fails(`${CALLS}/checks`, 401, "signed_out"),
  ),
  desk("home", "home", "usual", "/", both(homeTitle, text("Show a code"))),
  {
    ...desk("home-below", "home", "usual", "/b/main/desk", both(homeTitle, text("Show a code"))),
    sameAs: "business-home",
  },
  desk("home-loading", "home", "loading", "/", text("Loading the checks"), hangs(`${CALLS}/checks`)),
  desk("home-starting", "home", "loading", "/", text("Loading the checks"), hangs(`${CALLS}/me`)),
  desk("home-offline", "home", "offline", "/", text("no connection"), cutOff(`${CALLS}/checks`)),
  desk("home-error", "home", "error", "/", text("has a problem"), fails(`${CALLS}/checks`, 500, "internal")),
  desk(
    "home-empty",
    "home",
    "empty",
    "/",
    text("There is no check yet"),
    answers(`${CALLS}/checks`, 200, { site: { name: null, host: "shop.example" }, checks: [] }),
  ),
  desk(
    "home-many",
    "home",
    "much",
    "/",
    text("number 11"),
    answers(`${CALLS}/checks`, 200, { site: { name: null, host: "shop.example" }, checks: manyChecks }),
  ),
  desk("join", "join", "usual", "/b/corner-shop/join", title("Join the staff"), undefined, ""),
  desk(
    "joined",
    "join",
    "usual",
    "/b/corner-shop/join",
    both(title("Join the staff"), joins, title("You are on the staff")),
    answers("**/b/corner-shop/desk/api/v1/join", 200, {}),
    "",
  ),
  desk(
    "join-wrong",
    "join",
    "error",
    "/b/corner-shop/join",
    both(title("Join the staff"), joins, text("This code lets nobody in")),
    undefined,
    "",
  ),
  desk(
    "join-offline",
    "join",
    "offline",
    "/b/corner-shop/join",
    both(title("Join the staff"), joins, text("no connection")),
    cutOff("**/b/corner-shop/desk/api/v1/join"),
    "",
  ),
  desk("ask", "ask", "usual", asking, text("Waiting for the customer to scan")),
  desk(
    "ask-loading",
    "ask",
    "loading",
    asking,
    text("Making a new code"),
    hangs(`${CALLS}/checks/*/sessions`),
  ),
  desk("ask-scanned", "ask", "usual", asking, text("looking at the request"), ends({ state: "scanned" })),
  desk(
    "ask-expired",
    "ask",
    "empty",
    asking,
    text("The time is over"),
    ends({ state: "scanned" }, { state: "expired" }),
  ),
  desk("ask-unknown", "ask", "error", "/ask/nowhere", text("no such check")),
  desk(
    "ask-too-many",
    "ask",
    "much",
    asking,
    text("Too many checks are open"),
    fails(`${CALLS}/checks/*/sessions`, 503, "too_many_sessions"),
  ),
  desk("ask-offline", "ask", "offline", asking, text("no connection"), cutOff(`${CALLS}/checks/*/sessions`)),
  desk(
    "verdict-yes",
    "ask",
    "usual",
    asking,
    verdict("Everything that was asked for holds."),
    ends(told("yes", "ok")),
  ),
  desk("verdict-no", "ask", "usual", asking, verdict("The card has expired."), ends(told("no", "expired"))),
  desk(
    "verdict-unsure",
    "ask",
    "error",
    asking,
    verdict("could not be looked up"),
    ends(told("could_not_check", "status_unavailable")),
  ),
  desk(
    "verdict-refused",
    "ask",
    "empty",
    asking,
    verdict("chose to show nothing"),
    ends(told("could_not_check", "refused")),
  ),
  desk(
    "today",
    "today",
    "usual",
    "/today",
    text("The card has expired."),
    answers(`${CALLS}/today`, 200, { checks: done(3) }),
  ),
  desk(
    "today-empty",
    "today",
    "empty",
    "/today",
    text("No checks yet"),
    answers(`${CALLS}/today`, 200, { checks: [] }),
  ),
  desk(
    "today-many",
    "today",
    "much",
    "/today",
    text("Asked by ada"),
    answers(`${CALLS}/today`, 200, { checks: done(200) }),
  ),
  desk(
    "today-loading",
    "today",
    "loading",
    "/today",
    text("Loading the last checks"),
    hangs(`${CALLS}/today`),
  ),
  desk("today-staff", "today", "error", "/today", text("Your role does not include"), undefined, "staff"),
  desk("today-offline", "today", "offline", "/today", text("no connection"), cutOff(`${CALLS}/today`)),
  desk("scan-choose", "scan", "usual", "/scan", text("Which check?")),
  desk(
    "scan-choose-empty",
    "scan",
    "empty",
    "/scan",
    text("There is no check yet"),
    answers(`${CALLS}/checks`, 200, { site: { name: null, host: "shop.example" }, checks: [] }),
  ),
  desk(
    "scan-choose-loading",
    "scan",
    "loading",
    "/scan",
    text("Loading the checks"),
    hangs(`${CALLS}/checks`),
  ),
  desk("scan-choose-offline", "scan", "offline", "/scan", text("no connection"), cutOff(`${CALLS}/checks`)),
  desk(
    "scan-choose-error",
    "scan",
    "error",
    "/scan",
    text("has a problem"),
    fails(`${CALLS}/checks`, 500, "internal"),
  ),
  desk(
    "scan-choose-many",
    "scan",
    "much",
    "/scan",
    text("number 11"),
    answers(`${CALLS}/checks`, 200, { site: { name: null, host: "shop.example" }, checks: manyChecks }),
  ),
  {
    ...reader("scan", "usual", text("Waiting for the customer to scan")),
    about: (page) => page.getByRole("button", { name: "Light on" }),
  },
  {
    ...desk("scan-no-camera", "scan_check", "error", scanning, text("No camera found.")),
    about: (page) => page.getByText("No camera found.").first(),
  },
  reader("scan-loading", "loading", text("Making a new code"), hangs(`${CALLS}/checks/*/sessions`)),
  reader("scan-offline", "offline", text("no connection"), cutOff(`${CALLS}/checks/*/sessions`)),
  reader("scan-expired", "empty", text("The time is over"), ends({ state: "scanned" }, { state: "expired" })),
  reader(
    "scan-too-many",
    "much",
    text("Too many checks are open"),
    fails(`${CALLS}/checks/*/sessions`, 503, "too_many_sessions"),
  ),
  misread("scan-foreign", "https://menu.example/today", "This is not a card or a check code"),
  misread(
    "scan-offer",
    "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fa.example",
    "This is the offer of a card",
  ),
  misread(
    "scan-unreadable",
    "eyJhbGciOiJFQ0RILUVTIn0..aXY.Y2lwaGVy.dGFn",
    "This is not an answer to a check",
  ),
];

export const ORDER = "**/shop/api/v1/order";

const OFFERED = {
  site: { name: { en: "Corner Shop" }, host: "shop.example" },
  purpose: { en: "Sale of goods for adults" },
  asked: [
    {
      card: { en: "Person identification" },
      claims: [{ label: { en: "18 or older" }, optional: false, kept: false }],
    },
  ],
  kept_days: 0,
  privacy_policy: "https://shop.example/privacy",
};

export const SHOP_VIEWS: View[] = [
  shop("product", "product", "usual", text("Buy")),
  shop("check", "check", "usual", text("Waiting for your wallet")),
  shop("check-loading", "check", "loading", text("Preparing the check"), hangs("**/shop/api/v1/shop")),
  shop("check-offline", "check", "offline", text("no connection"), cutOff("**/shop/api/v1/shop")),
  shop(
    "check-error",
    "check",
    "error",
    text("failed in the shop"),
    fails("**/shop/api/v1/shop", 500, "internal"),
  ),
  shop(
    "check-busy",
    "check",
    "much",
    text("too many customers"),
    fails(`${ORDER}/checks`, 429, "too_many_attempts", { "retry-after": "240" }),
  ),
  shop("welcome", "return", "usual", title("Welcome"), answers(ORDER, 200, told("yes", "ok"))),
  shop("no", "return", "error", title("We cannot sell you this"), answers(ORDER, 200, told("no", "revoked"))),
  shop(
    "unsure",
    "return",
    "error",
    title("We could not check this"),
    answers(ORDER, 200, told("could_not_check", "session_mismatch")),
  ),
  shop(
    "refused",
    "return",
    "empty",
    title("You showed nothing"),
    answers(ORDER, 200, told("could_not_check", "refused")),
  ),
  shop("expired", "return", "empty", title("The time is over"), answers(ORDER, 200, { state: "expired" })),
  shop("none", "return", "empty", title("There is no order")),
  {
    ...shop("return-loading", "return", "loading", text("Preparing the check"), hangs("**/shop/api/v1/**")),
    sameAs: "shop-check-loading",
  },
  shop(
    "return-offline",
    "return",
    "offline",
    text("no connection"),
    both(answers("**/shop/api/v1/shop", 200, OFFERED), cutOff(ORDER)),
  ),
];

const TRYING = "**/try/api/v1";

function trying(id: string, route: TryRouteName, state: State, seen: Steps, steps?: Steps): View {
  const path = route === "choose" ? "/try" : "/try/age-18";
  return {
    id: `try-${id}`,
    app: "try",
    route,
    state,
    async open(page, { system }) {
      await steps?.(page, system);
      await page.goto(new URL(path, system.verifier.url).href);
      await seen(page, system);
    },
  };
}

/** Whoever needs no account: a question, its code, and what came of it. Mocked, since one address tries so often. */
export const TRY_VIEWS: View[] = [
  trying("choose", "choose", "usual", text("18 or older")),
  trying("choose-loading", "choose", "loading", text("Loading the questions"), hangs(`${TRYING}/checks`)),
  trying("choose-offline", "choose", "offline", text("no connection"), cutOff(`${TRYING}/checks`)),
  trying(
    "choose-error",
    "choose",
    "error",
    text("has a problem"),
    fails(`${TRYING}/checks`, 500, "internal"),
  ),
  trying("ask", "ask", "usual", text("registered nowhere"), endsAt(TRYING, { state: "open" })),
  trying("ask-loading", "ask", "loading", text("Making a new code"), hangs(`${TRYING}/checks/*/sessions`)),
  trying("ask-offline", "ask", "offline", text("no connection"), cutOff(`${TRYING}/checks/*/sessions`)),
  trying(
    "ask-too-often",
    "ask",
    "error",
    text("Try again in 4 minutes"),
    fails(`${TRYING}/checks/*/sessions`, 429, "too_many_attempts", { "retry-after": "240" }),
  ),
  trying(
    "ask-expired",
    "ask",
    "empty",
    text("The time is over"),
    endsAt(TRYING, { state: "scanned" }, { state: "expired" }),
  ),
  trying(
    "verdict",
    "ask",
    "usual",
    verdict("Everything that was asked for holds."),
    endsAt(TRYING, told("yes", "ok")),
  ),
];

function developers(id: string, state: State, seen: Steps): View {
  return {
    id: `developers-${id}`,
    app: "developers",
    route: "calls",
    state,
    async open(page, { system }) {
      await page.goto(new URL("/developers", system.verifier.url).href);
      await seen(page, system);
    },
  };
}

/** A call with a token that is none, answered by the service itself. */
const refusedCall: Steps = async (page, system) => {
  await page.getByLabel("Token of your business").fill("hf_none");
  const reading = page.getByRole("region", { name: "GET /api/v1/sessions/{id}", exact: true });
  await reading.getByText("Try it").click();
  await reading.getByLabel("id", { exact: true }).fill("s1");
  await reading.getByRole("button", { name: "Send" }).click();
  await text("A valid bearer token is needed.")(page, system);
};

export const DEVELOPER_VIEWS: View[] = [
  developers("calls", "usual", text("POST /api/v1/checks/{check}/sessions")),
  {
    ...developers("refused", "error", refusedCall),
    about: (page) => page.getByText("401 Unauthorized").first(),
  },
];
