/** Checks without a network at the desk: choosing, code and reader, and every way one can end. */
import { begins, cameOut, holds, keepsPortrait, takes } from "./harness/alone.ts";
import { allowCamera } from "./harness/camera.ts";
import { PHONE } from "./harness/chromium.ts";
import { answers, both, cutOff, fails, hangs, press, type Steps, text } from "./harness/mocks.ts";
import { png } from "./harness/video.ts";
import { CALLS, CHECK, desk, manyChecks, verdict } from "./views-business.ts";
import type { State, View } from "./views.ts";

const CHOOSING = "/offline";
const CHECKING = `/offline/${CHECK}`;

const choosing = (id: string, state: State, seen: Steps, steps?: Steps): View =>
  desk(`offline-${id}`, "offline", state, CHOOSING, seen, both(holds(), ...(steps ? [steps] : [])));

/** The check asks for these, of which one is enough. */
const offers = (...labels: string[]): Steps =>
  answers(`${CALLS}/checks`, 200, {
    site: { name: null, host: "shop.example" },
    checks: [
      {
        id: CHECK,
        title: { en: "Old enough" },
        purpose: { en: "Old enough" },
        channel: "in_person",
        asked: [
          {
            card: { en: "Person identification" },
            claims: labels.map((label) => ({
              label: { en: label },
              optional: true,
              choice: true,
              kept: false,
            })),
          },
        ],
        kept_days: 0,
      },
    ],
  });

/** A check without a network, whose camera works. */
const checking = (id: string, state: State, seen: Steps, ...steps: Steps[]): View =>
  desk(`offline-${id}`, "offline_check", state, CHECKING, seen, both(allowCamera, begins(), ...steps));

/** A picture with a code is opened at the reader; what the service says to it was set before. */
const opens =
  (words: string): Steps =>
  async (page, system) => {
    const buffer = Buffer.from(await png("a part of an answer"));
    await page.locator("input[type=file]").setInputFiles({ name: "part.png", mimeType: "image/png", buffer });
    await text(words)(page, system);
  };

/** What is said of something that was read. */
const read = (id: string, words: string, steps: Steps): View => ({
  ...checking(id, "error", opens(words), steps),
  about: (page) => page.getByText(words).first(),
});

/** How a check came out, told by events. */
const ended = (id: string, words: string, outcome: object, ...steps: Steps[]): View => ({
  ...desk(
    `offline-${id}`,
    "offline_check",
    "usual",
    CHECKING,
    verdict(words),
    both(allowCamera, begins(outcome), ...steps),
  ),
});

const face: Steps = async (page, system) => keepsPortrait(await png("a face"))(page, system);

/** On a phone code and reader come one after the other. */
const narrow: Steps = (page) => page.setViewportSize(PHONE);

const HOLDS = "Everything that was asked for holds.";

export const OFFLINE_VIEWS: View[] = [
  choosing("choose", "usual", both(text("Which check?"), text("Public record, 17 min old"))),
  choosing(
    "choose-empty",
    "empty",
    text("There is no check yet"),
    answers(`${CALLS}/checks`, 200, { site: { name: null, host: "shop.example" }, checks: [] }),
  ),
  choosing("choose-loading", "loading", text("Loading the checks"), hangs(`${CALLS}/checks`)),
  choosing("choose-error", "error", text("has a problem"), fails(`${CALLS}/checks`, 500, "internal")),
  choosing(
    "choose-offline",
    "offline",
    both(text("no connection"), text("could not be looked up")),
    both(cutOff(`${CALLS}/held`), cutOff(`${CALLS}/checks`)),
  ),
  choosing(
    "choose-many",
    "much",
    text("number 11"),
    answers(`${CALLS}/checks`, 200, { site: { name: null, host: "shop.example" }, checks: manyChecks }),
  ),
  choosing(
    "holds-nothing",
    "error",
    text("holds nothing to check with yet"),
    holds({
      ledger: { organisations: 0 },
      lists: { held: 0 },
      landmarks: [],
      registered: { standing: "active" },
    }),
  ),
  choosing(
    "holds-wrong-clock",
    "error",
    text("It is at least 2 h 5 min behind"),
    holds({ clock: { wrong: true, behind_s: 7_500 } }),
  ),
  choosing(
    "suspended",
    "error",
    text("This business may not ask at this time"),
    holds({ registered: { standing: "suspended", age_s: 60 } }),
  ),
  choosing(
    "waiting",
    "error",
    text("This business is not registered yet"),
    holds({ registered: { standing: "waiting" } }),
  ),
  checking("choice", "usual", text("65 or older (one is enough)"), offers("18 or older", "65 or older")),
  choosing("holds-split", "error", text("two different histories"), holds({ split: true })),
  desk(
    "kiosk-home",
    "home",
    "usual",
    "/",
    both(text("Check without a network"), text("Public record, 17 min old")),
    holds({ kiosk: true }),
  ),
  checking("code", "usual", text("1. The customer scans this")),
  checking("loading", "loading", text("Making the code of this check"), hangs(`${CALLS}/checks/*/offline`)),
  checking("expired", "empty", text("The time is over"), begins({ state: "expired" })),
  checking(
    "nothing-held",
    "error",
    text("Could not check: this device holds nothing"),
    fails(`${CALLS}/checks/*/offline`, 503, "nothing_held"),
  ),
  checking(
    "clock-wrong",
    "error",
    text("Could not check: the clock"),
    fails(`${CALLS}/checks/*/offline`, 409, "clock_wrong"),
  ),
  checking(
    "not-registered",
    "error",
    text("not registered to ask at this time"),
    fails(`${CALLS}/checks/*/offline`, 403, "not_registered"),
  ),
  checking("offline", "offline", text("no connection"), cutOff(`${CALLS}/checks/*/offline`)),
  checking(
    "too-many",
    "much",
    text("Too many checks are open"),
    fails(`${CALLS}/checks/*/offline`, 503, "too_many_sessions"),
  ),
  {
    ...desk(
      "offline-no-camera",
      "offline_check",
      "error",
      CHECKING,
      both(narrow, press("Now scan their answer"), text("No camera found.")),
      begins(),
    ),
    about: (page) => page.getByText("No camera found.").first(),
  },
  {
    ...checking("progress", "usual", opens("3 of 5"), takes(3)),
    about: (page) => page.getByText("3 of 5").first(),
  },
  read("altered", "damaged or changed", takes(5, { state: "altered" })),
  read("foreign", "This is not a card or a check code", takes(0, { needed: 0, not_ours: 1 })),
  read(
    "unreadable",
    "This is not an answer to a check",
    fails(`${CALLS}/sessions/*/frames`, 400, "answer_unreadable"),
  ),
  read(
    "of-another-check",
    "made for another check",
    fails(`${CALLS}/sessions/*/frames`, 409, "answer_of_another_check"),
  ),
  ended("yes", HOLDS, cameOut("yes", "ok")),
  ended("yes-portrait", HOLDS, cameOut("yes", "ok", { portrait: true }), face),
  ended("no", "it was revoked", cameOut("no", "revoked")),
  ended(
    "unsure",
    "gets the present public record",
    cameOut("could_not_check", "ledger_stale", { ages: { status_s: 176_400, ledger_s: 176_400 } }),
  ),
  ended("unsure-split", "Tell the owner of this desk", cameOut("could_not_check", "ledger_split")),
];
