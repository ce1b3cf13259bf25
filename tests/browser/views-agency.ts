/** The counter: all places in all states. The page is the service's own; its register is played. */
import type { Locator, Page } from "playwright-core";
import { hashOf, type Place, type PHASES, type RouteName } from "../../issuer/pages/src/lib/place.ts";
import type { CardHeld, CardType, OfferView, Person, PersonFound } from "../../issuer/pages/src/lib/types.ts";
import {
  answers,
  both,
  CODE_PICTURE,
  cutOff,
  fails,
  hangs,
  press,
  type Steps,
  tells,
  text,
  title,
} from "./harness/mocks.ts";
import type { State, View } from "./views.ts";

/** Long enough for a slow test, and a time that a person would see. */
const SOON = Math.floor(Date.now() / 1000) + 3_000;
const CALLS = "**/console/api/v1";
const ISSUED = 1_795_176_000;

const ADA: PersonFound = {
  id: "SYN-000417",
  given_name: "Ada",
  family_name: "Vogel",
  birth_date: "1991-04-17",
  place_of_birth: "Neustadt am See",
};

const TYPES: CardType[] = [
  type("person-identification", ["Person identification", "Personenausweis"], "#1f3a5f", "#ffffff"),
  type("residence", ["Residence", "Meldebestätigung"], "#2f5d50", "#ffffff"),
  type("driving-licence", ["Driving licence", "Führerschein"], null, null),
];

function type(
  name: string,
  [en, de]: [string, string],
  background: string | null,
  ink: string | null,
): CardType {
  return { card_type: `urn:holdfast:vct:${name}:1`, name: { en, de }, background, text: ink };
}

function held(at: number, state: CardHeld["state"]): CardHeld {
  const { card_type } = TYPES[at % TYPES.length]!;
  return { id: `card-${at}`, card_type, state, issued_at: ISSUED - at * 8_640_000 };
}

const WHOLE: Person = {
  ...ADA,
  nationality: "DE",
  sex: "F",
  personal_number: "SYN-1991-0417",
  residence: {
    street_address: "Lindenweg 12",
    postal_code: "10115",
    locality: "Neustadt am See",
    country: "DE",
  },
  has_portrait: true,
  offerable: TYPES.map(({ card_type }) => card_type),
  cards: [held(0, "valid"), held(1, "suspended"), held(2, "revoked")],
};

const BARE: Person = { ...WHOLE, residence: null, has_portrait: false, offerable: [], cards: [] };

/** Everything of this person is long, and there is a lot of it. */
const MUCH: Person = {
  ...WHOLE,
  given_name: "Maximiliana Theodora Friederike Wilhelmina Alexandrina",
  family_name: "von Hohenschönhausen-Brandenburg zu Unterschleißheim",
  place_of_birth: "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
  cards: Array.from({ length: 24 }, (_, at) => held(at, at % 5 ? "revoked" : "valid")),
};

function people(count: number): PersonFound[] {
  const names = ["Vogel", "Vogelsang", "Vogt", "von der Vogelweide-Lichtenstein"];
  return Array.from({ length: count }, (_, at) => ({
    ...ADA,
    id: `SYN-${String(at + 1).padStart(6, "0")}`,
    family_name: names[at % names.length]!,
    birth_date: `19${50 + (at % 50)}-0${1 + (at % 9)}-17`,
  }));
}

const MADE = {
  id: "o1",
  link: "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fpopulation.example%2Foffers%2Fo1",
  qr_svg: CODE_PICTURE,
  tx_code: "493027",
  expires_at: SOON,
};

/** A grey head and shoulders. */
const PORTRAIT = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 80"><path fill="#cfd6d8" d="M0 0h60v80H0z"/><circle cx="30" cy="30" r="15" fill="#7d8b8f"/><path fill="#7d8b8f" d="M5 80c0-40 50-40 50 0z"/></svg>`;

/** What the service says unless a view says otherwise. */
export const BASE: Steps = both(
  answers(`${CALLS}/agency`, 200, {
    name: { en: "Population Office Nordmark", de: "Einwohneramt Nordmark", fr: "Office de la population" },
  }),
  answers(`${CALLS}/me`, 200, { name: "grace", role: "officer" }),
  answers(`${CALLS}/card-types`, 200, TYPES),
  answers(`${CALLS}/people/*`, 200, WHOLE),
  answers(`${CALLS}/people/search`, 200, { people: people(3), total: 3, more: false }),
  answers(`${CALLS}/offers`, 200, MADE),
  async (page) => {
    await page.route(`${CALLS}/people/*/portrait`, (route) =>
      route.fulfill({ contentType: "image/svg+xml", body: PORTRAIT }),
    );
  },
);

/** A place of the counter; `steps` prepare it, and `seen` says what it shows then. */
function counter(
  id: string,
  route: RouteName | (typeof PHASES)[number],
  state: State,
  place: Place,
  seen: Steps,
  steps?: Steps,
): View {
  return {
    id: `agency-${id}`,
    app: "agency",
    route,
    state,
    async open(page, { system }) {
      await BASE(page, system);
      await steps?.(page, system);
      await page.goto(`${system.issuer.url}/${hashOf(place)}`);
      await seen(page, system);
    },
  };
}

const FIND: Place = { page: "find" };
const PERSON: Place = { page: "person", id: ADA.id, offer: false };

const signIn = (id: string, state: State, seen: Steps, steps: Steps = noSession): View =>
  counter(id, "sign_in", state, FIND, seen, steps);
const find = (id: string, state: State, seen: Steps, steps?: Steps): View =>
  counter(id, "find", state, FIND, seen, steps);
const person = (id: string, state: State, seen: Steps, steps?: Steps): View =>
  counter(id, "person", state, PERSON, seen, steps);
/** An offer that has come so far. */
const offer = (id: string, state: State, seen: Steps, steps: Steps): View =>
  counter(id, "offer", state, PERSON, both(press("Offer Residence"), seen), steps);

function noSession(page: Page): Promise<void> {
  return fails(`${CALLS}/me`, 401, "signed_out")(page, undefined as never);
}

const typed: Steps = async (page) => {
  await page.getByLabel("Name").fill("grace");
  await page.getByLabel("Password", { exact: true }).fill("not this one");
  await page.getByRole("button", { name: "Sign in" }).click();
};

const searched: Steps = (page) => page.getByLabel("Name, date of birth or number").fill("Vogel");
export const stands = (state: OfferView["state"]): Steps =>
  both(
    tells(`${CALLS}/offers/*/events`, "offer", { state, expires_at: MADE.expires_at }),
    answers(`${CALLS}/offers/o1`, 200, { state, expires_at: MADE.expires_at }),
  );
/** How far an offer has come, among its steps. */
const step =
  (name: string) =>
  (page: Page): Locator =>
    page.locator("[aria-current=step]").filter({ hasText: name }).first();
const at =
  (name: string): Steps =>
  (page) =>
    step(name)(page).waitFor();
const searchTitle = title("Find a person");
const answered = (status: number, body: object): Steps => answers(`${CALLS}/people/search`, status, body);
const knows = (whole: Person): Steps => answers(`${CALLS}/people/*`, 200, whole);

export const AGENCY_VIEWS: View[] = [
  signIn("sign-in", "usual", title("Sign in")),
  signIn("sign-in-loading", "loading", text("Loading the page"), hangs(`${CALLS}/me`)),
  signIn("sign-in-offline", "offline", text("The service does not answer"), cutOff(`${CALLS}/me`)),
  signIn(
    "sign-in-wrong",
    "error",
    both(title("Sign in"), typed, text("is not right")),
    both(noSession, fails(`${CALLS}/sign-in`, 401, "sign_in_failed")),
  ),
  signIn(
    "sign-in-wait",
    "much",
    both(title("Sign in"), typed, text("Try again in 2 minutes")),
    both(noSession, fails(`${CALLS}/sign-in`, 429, "too_many_attempts", { "retry-after": "90" })),
  ),
  find("find-start", "empty", text("Who is at the counter?")),
  find("find", "usual", both(searchTitle, searched, text("3 people found"))),
  find(
    "find-none",
    "empty",
    both(searchTitle, searched, text("Check the spelling")),
    answered(200, { people: [], total: 0, more: false }),
  ),
  find(
    "find-many",
    "much",
    both(searchTitle, searched, text("More than 200 people found")),
    answered(200, { people: people(50), total: 200, more: true }),
  ),
  find(
    "find-loading",
    "loading",
    both(searchTitle, searched, text("Searching the register")),
    hangs(`${CALLS}/people/search`),
  ),
  find(
    "find-offline",
    "offline",
    both(searchTitle, searched, text("The service does not answer")),
    cutOff(`${CALLS}/people/search`),
  ),
  find(
    "find-error",
    "error",
    both(searchTitle, searched, text("Something went wrong")),
    answered(500, { code: "internal" }),
  ),
  person("person", "usual", text("Cards issued")),
  person("person-bare", "empty", text("No card was issued to this person yet"), knows(BARE)),
  person("person-much", "much", text("Cards issued"), knows(MUCH)),
  person("person-loading", "loading", text("Loading the person"), hangs(`${CALLS}/people/*`)),
  person("person-offline", "offline", text("The service does not answer"), cutOff(`${CALLS}/people/*`)),
  person(
    "person-unknown",
    "error",
    text("This is not in the register"),
    fails(`${CALLS}/people/*`, 404, "unknown_subject"),
  ),
  person("person-revoke", "usual", both(press(/^Revoke: Person/), text("will never count again"))),
  person(
    "person-suspend-failed",
    "error",
    both(
      press(/^Suspend: Person/),
      async (page) => page.getByRole("dialog").getByRole("button", { name: "Suspend" }).click(),
      text("was revoked in the meantime"),
    ),
    fails(`${CALLS}/cards/*/suspend`, 409, "revoked"),
  ),
  {
    ...person(
      "person-clerk",
      "usual",
      text("Cards issued"),
      answers(`${CALLS}/me`, 200, { name: "paul", role: "clerk" }),
    ),
    about: (page) => page.getByRole("heading", { name: "Cards issued" }),
  },
  {
    ...person(
      "person-not-offered",
      "error",
      both(press("Offer Residence"), text("Ask an officer")),
      fails(`${CALLS}/offers`, 403, "not_allowed"),
    ),
    about: (page) => page.getByText("Ask an officer"),
  },
  offer("offer", "usual", text("Transaction code"), stands("offered")),
  { ...offer("offer-opened", "usual", at("Opened"), stands("opened")), about: step("Opened") },
  offer("offer-claimed", "usual", text("Ada Vogel has the card"), stands("claimed")),
  offer("offer-expired", "empty", text("The offer has expired"), stands("expired")),
  offer("offer-locked", "much", text("The offer is locked"), stands("locked")),
  offer("offer-withdrawn", "empty", text("The offer was taken back"), stands("withdrawn")),
  offer(
    "offer-offline",
    "offline",
    text("Live updates are interrupted"),
    both(cutOff(`${CALLS}/offers/o1`), cutOff(`${CALLS}/offers/o1/**`)),
  ),
  offer(
    "offer-taken",
    "error",
    both(press("Take back"), text("A wallet has taken this offer up")),
    both(stands("opened"), fails(`${CALLS}/offers/*/withdraw`, 409, "offer_taken")),
  ),
];
