/**
 * Which states each place has. A state that is not named here is to be seen in a view; one that a place
 * cannot be in is named, with the reason. Tests see to it that every state is the one or the other.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PHASES as COUNTER_PHASES, ROUTES as COUNTER } from "../../issuer/pages/src/lib/place.ts";
import {
  DEVELOPER_ROUTES as DEVELOPERS,
  ROUTES as DESK,
  SHOP_ROUTES as SHOP,
  TRY_ROUTES as TRY,
} from "../../verifier/pages/src/lib/routes.ts";
import { PHASES, ROUTES as WALLET } from "../../wallet-app/src/lib/routes.ts";
import { ROOT } from "./harness/site.ts";
import type { App, State } from "./views.ts";

/** The names in the list that the ledger's own router is compared with. */
const LEDGER = JSON.parse(readFileSync(join(ROOT, "anchor/src/pages/places.json"), "utf8")) as object;

/** The same for the registrar's portal. */
const PORTAL = JSON.parse(readFileSync(join(ROOT, "anchor/src/portal/web/places.json"), "utf8")) as object;

/** Every place there is, by the lists that the apps themselves go by. */
export const ROUTES: Record<App, string[]> = {
  wallet: [...Object.keys(WALLET), ...PHASES],
  agency: [...Object.keys(COUNTER), ...COUNTER_PHASES],
  business: Object.keys(DESK),
  shop: Object.keys(SHOP),
  try: Object.keys(TRY),
  developers: Object.keys(DEVELOPERS),
  ledger: Object.keys(LEDGER),
  portal: Object.keys(PORTAL),
  lan: ["help"],
};

/** Why a place is never in a state. */
export type Never = Partial<Record<State, string>>;

const but = (never: Never, ...states: State[]): Never => {
  const kept = Object.entries(never).filter(([state]) => !states.includes(state as State));
  return Object.fromEntries(kept);
};

/** Nothing is read and nobody is asked. */
const FIXED: Never = {
  empty: "what it says is part of the page",
  loading: "nothing is read",
  error: "nothing is done that could fail",
  offline: "nothing is asked over the network",
  much: "what it says is part of the page",
};

/** On this device alone. */
const HERE: Never = { offline: "reads and writes on this device alone" };

/** Written by the server and whole when it comes. */
const SERVED: Never = {
  loading: "comes from the server as a whole, without script",
  offline: "the browser itself says that nothing answers",
};

const PAGED = "turned in pages; anchor/tests/main/pages/many.rs has ten thousand";
const UNREADABLE = "a store that cannot be read has the page of errors, which `nowhere` shows";

/** Why the page of a form or of one thing is in no other state. */
const FORM: Never = {
  ...SERVED,
  empty: "a form is there to be filled in",
  much: "one form, of which every field is bounded",
};
const ONE: Never = { ...SERVED, empty: "it is there, or there is no such page" };

/** A file to keep, and no page. */
const FILE: Never = {
  usual: "a file to download; anchor/tests/main/pages/proof.rs reads it",
  empty: "a file to download",
  error: "what is not there has the page of errors, which `nowhere` shows",
  much: "a file to download",
  ...SERVED,
};

export const NEVER: Record<App, Record<string, Never>> = {
  wallet: {
    home: {},
    add: { empty: "there is always a way to add a card", ...HERE },
    show: { empty: "there is always a way to read a code", ...HERE, much: "as in `add`: the same screen" },
    link: {},
    pending: { empty: "without cards that wait it goes home at once", ...HERE },
    card: {},
    sample: FIXED,
    practice: FIXED,
    history: HERE,
    entry: { ...HERE, much: "names what one request or offer could ask for" },
    services: {},
    businesses: { ...HERE, much: "as many lines as have ever asked; `history` has four hundred of the kind" },
    business: { offline: "asks others only to save a file, and that it failed is an error of that part" },
    settings: but(FIXED, "error", "offline", "loading"),
    secret: { ...HERE, empty: "a wallet has a passphrase or a PIN" },
    reset: { ...HERE, empty: "there is a wallet to remove", much: "one word is typed" },
    trust: { empty: "a wallet trusts one list", much: "one list is all there is" },
    about: FIXED,
    starting: but(
      {
        ...FIXED,
        usual: "it is over as soon as it is known how things stand",
        error: "this is the phase `failed`",
      },
      "loading",
    ),
    first_run: { ...HERE, empty: "it is what an empty device shows", much: "one thing is asked at a time" },
    locked: { ...HERE, empty: "without a wallet this is the first run" },
    failed: but({ ...FIXED, usual: "it is an error" }, "error"),
  },
  agency: {
    find: {},
    person: {},
    offer: { loading: "the offer is made on the page of the person, and is there when this one opens" },
    sign_in: { empty: "two fields and nothing else" },
  },
  business: {
    home: {},
    ask: {},
    today: {},
    scan: {},
    scan_check: {},
    offline: {},
    offline_check: {},
    join: {
      empty: "a form is there to be filled in",
      loading: "nothing is read",
      much: "two fields and nothing else",
    },
  },
  shop: {
    product: FIXED,
    check: { empty: "the shop has one check" },
    return: { much: "one order, one answer" },
  },
  try: {
    choose: { empty: "the questions are part of the service", much: "the questions are part of the service" },
    ask: { much: "one question, one code" },
  },
  developers: { calls: but(FIXED, "error") },
  ledger: {
    home: { ...SERVED, empty: "a log begins with its own rules", error: UNREADABLE, much: PAGED },
    entries: { ...SERVED, much: PAGED },
    entry: {
      ...SERVED,
      empty: "an entry is there, or there is no such page",
      much: "of a long one the beginning is shown, the rest is a download",
    },
    entry_proof: FILE,
    organisations: { ...SERVED, much: PAGED },
    organisation: { ...SERVED, empty: "that nobody is recorded is an error of the address", much: PAGED },
    proof: FILE,
    services: { ...SERVED, error: UNREADABLE, much: PAGED },
    search: { ...SERVED, much: "the first twenty are shown, and that there may be more" },
    about: { ...SERVED, ...but(FIXED, "loading", "offline") },
    trust_pack: FILE,
    nowhere: { ...SERVED, usual: "it is an error", empty: "it is an error", much: "it is an error" },
  },
  portal: {
    landing: { ...SERVED, ...but(FIXED, "loading", "offline") },
    sign_in: FORM,
    card: { ...FORM, error: "as `sign_in`: the same page of errors" },
    applications: { ...SERVED, much: "a hundred at most, each in a line" },
    application: { ...ONE, much: "twelve purposes at most, each in a line" },
    purpose: { ...FORM, error: "as `application`: the same page of errors" },
    notice: {
      ...ONE,
      error: "as `application`: the same page of errors",
      much: "names what one purpose asks",
    },
    checks: { ...ONE, error: "as `application`: the same page of errors", much: "twelve purposes at most" },
    complaints: FORM,
    registrar_sign_in: FORM,
    registrar: {
      ...SERVED,
      error: "as `decision`: the same page of errors",
      much: "two hundred at most, each in a line",
    },
    decision: { ...ONE, much: "as `application`: the same parts" },
    letters: { ...FORM, error: "as `decision`: the same page of errors" },
    reports: {
      ...SERVED,
      usual: "needs a proved complaint; portal-window.test.ts hands one in, and takes the picture",
      error: "as `decision`: the same page of errors",
      much: "two hundred at most, each in a few lines",
    },
  },
  lan: { help: { ...SERVED, ...but(FIXED, "loading", "offline") } },
};
