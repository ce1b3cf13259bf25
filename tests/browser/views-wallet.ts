/** The window: all places in all states, with a wallet in memory. */
import type { Locator, Page } from "playwright-core";
import { hold } from "./harness/hold.ts";
import type { State, View } from "./views.ts";

type Steps = (page: Page) => Promise<void>;

const press = (name: string | RegExp): Steps => {
  return (page) =>
    page
      .getByRole("button", { name, exact: typeof name === "string" })
      .first()
      .click();
};

const heading = (name: string | RegExp): Steps => {
  return (page) => page.getByRole("heading", { level: 1, name }).waitFor();
};

const text = (words: string | RegExp): Steps => {
  return (page) => page.getByText(words).first().waitFor();
};

/** Opens what stands under a heading that unfolds. */
const unfold = (summary: string): Steps => {
  return (page) => page.locator("summary", { hasText: summary }).click();
};

const unfolded = (page: Page): Locator => page.locator("details[open]").first();

const problem = (page: Page): Locator => page.locator("section[role=alert]");

const troubled: Steps = (page) => problem(page).waitFor();

/** Several steps, one after the other. */
const all = (...steps: Steps[]): Steps => {
  return async (page) => {
    for (const step of steps) await step(page);
  };
};

/** Opens all about one of those who asked. */
const business = (name: string): Steps => {
  return async (page) => {
    await page.getByRole("main").getByRole("link", { name }).first().click();
    await page.getByRole("heading", { level: 1, name: "What they know" }).waitFor();
  };
};

const back: Steps = (page) => page.getByRole("button", { name: "Back" }).first().click();

/** A screen of the wallet: a scenario of the wallet in memory, a place, and what is done there. */
function wallet(
  id: string,
  route: string,
  state: State,
  scenario: string,
  hash: string,
  steps?: Steps,
): View {
  return {
    id: `wallet-${id}`,
    app: "wallet",
    route,
    state,
    async open(page, places) {
      await page.goto(`${places.wallet}/?scenario=${scenario}${hash}`);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await steps?.(page);
    },
  };
}

/** A screen that a link leads to. */
function link(id: string, state: State, scenario: string, steps: Steps): View {
  return wallet(id, "link", state, scenario, "", steps);
}

/** A challenge that the camera sees, and what comes of it. */
function challenge(id: string, state: State, scenario: string, steps: Steps): View {
  return wallet(`offline-${id}`, "link", state, scenario, "#/show", steps);
}

const unlockWith = (secret: string): Steps => {
  return async (page) => {
    await page.locator("input[type=password]").first().fill(secret);
    await press("Unlock")(page);
  };
};

const getCard: Steps = all(heading("A card for you"), press("Get the card"), heading("Is this you?"));

/** Waits until it is said what is being done. */
const working: Steps = (page) => page.getByRole("progressbar").waitFor();

const changeSecret = (current: string): Steps => {
  return async (page) => {
    const fields = page.locator("input[type=password]");
    await fields.nth(0).fill(current);
    await fields.nth(1).fill("grey heron by the weir");
    await fields.nth(2).fill("grey heron by the weir");
    await press("Change")(page);
  };
};

/** A link to a list of whom to trust stands there, and is not looked at yet. */
const linkToList: Steps = async (page) => {
  const pack = encodeURIComponent("https://trust.nordmark.example/about/trust-pack.json");
  await page.getByRole("textbox").fill(`holdfast-ecosystem://add?pack=${pack}&sha256=9c1e04b7`);
  await page.getByText(/It is fetched from there/).waitFor();
};

/** Looks at a list of whom to trust. */
const listOf = (name: string): Steps => {
  return async (page) => {
    await page.getByRole("textbox").fill(`holdfast-ecosystem://demo/${name}`);
    await press("Look at it")(page);
    await page.getByText("This is what the link leads to").or(problem(page)).first().waitFor();
  };
};

const removeWith = (word: string): Steps => {
  return async (page) => {
    await page.getByRole("textbox").fill(word);
    await press("Remove everything")(page);
  };
};

/** The first run up to where the wallet is made. */
const setUp: Steps = async (page) => {
  await all(press("Continue"), press("Continue"))(page);
  for (const field of await page.locator("input[type=password]").all())
    await field.fill("grey heron by the weir");
  await press("Set up my wallet")(page);
};

/** A card is deleted, and the time to have it back stands still. */
const deleted: Steps = async (page) => {
  await hold(page);
  await all(press("Delete this card"), press("Delete"), heading("Your cards"))(page);
  await page.getByRole("button", { name: "Undo" }).waitFor();
};

/** Nobody has done anything for almost five minutes. */
const idle: Steps = async (page) => {
  await hold(page, 285_000);
  await text(/locks in 1\d seconds/)(page);
};

/** As the system tells it. */
const looksElsewhere: Steps = async (page) => {
  await page.evaluate(() => window.dispatchEvent(new Event("blur")));
  await text("Hidden while you are elsewhere")(page);
};

const cameraShows: Steps = (page) => page.getByRole("img", { name: "What the camera sees" }).waitFor();

/** The wallet in memory takes the lines of a file for the codes in a picture. */
const twoCodes: Steps = async (page) => {
  const buffer = Buffer.from("openid4vp://demo/request\nopenid4vp://demo/unregistered");
  await page.locator("input[type=file]").setInputFiles({ name: "code.png", mimeType: "image/png", buffer });
  await page.getByText("There is more than one code in this picture.").waitFor();
};

/** The consent to a challenge, and its answer on the screen. */
const showCodes: Steps = all(heading("Show this?"), press("Show"), heading("Let them read this"));

/** Below as many entries as are shown at once. */
const more = (page: Page): Locator => page.getByRole("button", { name: /^Show \d+ more entries$/ });

export const WALLET_VIEWS: View[] = [
  wallet("start-fails", "failed", "error", "start_fails", ""),
  wallet("first-language", "first_run", "usual", "first_run", ""),
  wallet("first-trust", "first_run", "usual", "first_run_anywhere", "", press("Continue")),
  {
    ...wallet(
      "first-trust-offered",
      "first_run",
      "usual",
      "first_run_anywhere",
      "",
      all(press("Continue"), listOf("first")),
    ),
    about: (page) => page.getByRole("button", { name: "Add", exact: true }),
  },
  wallet("first-promises", "first_run", "usual", "first_run", "", press("Continue")),
  wallet("first-secret", "first_run", "usual", "first_run", "", all(press("Continue"), press("Continue"))),
  {
    ...wallet("first-making", "first_run", "loading", "first_run_hangs", "", all(setUp, working)),
    about: (page) => page.getByRole("progressbar"),
  },
  wallet("first-ready", "first_run", "usual", "first_run", "", all(setUp, heading("Your wallet is ready"))),
  wallet(
    "first-keyring-locked",
    "first_run",
    "error",
    "first_run_keyring_locked",
    "",
    all(press("Continue"), press("Continue")),
  ),
  wallet(
    "first-keyring-absent",
    "first_run",
    "error",
    "keyring_absent",
    "",
    all(press("Continue"), press("Continue")),
  ),
  wallet("unlock", "locked", "usual", "locked", ""),
  wallet("unlock-pin", "locked", "usual", "pin", ""),
  wallet("unlock-wrong", "locked", "error", "wrong_tries", "", unlockWith("not this one")),
  wallet("unlock-wait", "locked", "much", "locked_out", ""),
  wallet(
    "unlock-loading",
    "locked",
    "loading",
    "unlock_hangs",
    "",
    all(unlockWith("correct horse battery"), working),
  ),
  wallet("unlock-keyring-locked", "locked", "error", "keyring_locked", ""),
  wallet("unlock-keyring-lost", "locked", "error", "keyring_lost", "", unlockWith("correct horse battery")),
  wallet("unlock-altered", "locked", "error", "vault_altered", "", unlockWith("correct horse battery")),
  wallet("starting", "starting", "loading", "start_hangs", ""),
  wallet("home-empty", "home", "empty", "empty", "#/"),
  wallet("home", "home", "usual", "three_cards", "#/"),
  wallet("home-loading", "home", "loading", "cards_hang", "#/", working),
  wallet("home-many", "home", "much", "many_cards", "#/"),
  wallet("home-waiting", "home", "usual", "one_pending", "#/"),
  {
    ...wallet("home-statuses", "home", "usual", "statuses", "#/"),
    about: (page) => page.getByRole("main").locator("li").nth(1),
  },
  wallet("home-undo", "home", "usual", "three_cards", "#/cards/licence", deleted),
  wallet("home-idle", "home", "usual", "three_cards", "#/", idle),
  wallet("home-covered", "home", "usual", "three_cards", "#/", looksElsewhere),
  wallet("home-status-offline", "home", "offline", "status_offline", "#/", press("Check again")),
  wallet("home-proofs-old", "home", "usual", "proofs_old", "#/"),
  wallet("home-proofs-missing", "home", "usual", "proofs_missing", "#/"),
  wallet("home-proofs-busy", "home", "loading", "proofs_hang", "#/", all(press("Get new proofs"), working)),
  wallet("home-two-histories", "home", "error", "two_histories", "#/"),
  wallet("home-unreadable", "home", "error", "cards_unreadable", "#/"),
  wallet("card", "card", "usual", "statuses", "#/cards/valid"),
  wallet("card-suspended", "card", "usual", "statuses", "#/cards/suspended"),
  wallet("card-revoked", "card", "usual", "statuses", "#/cards/revoked"),
  wallet("card-unknown", "card", "offline", "statuses", "#/cards/unknown"),
  wallet("card-gone", "card", "empty", "three_cards", "#/cards/none"),
  wallet("card-loading", "card", "loading", "cards_hang", "#/cards/person", working),
  {
    ...wallet("card-much", "card", "much", "history_long", "#/cards/person", text("All entries")),
    about: (page) => page.getByRole("link", { name: "All entries" }),
  },
  wallet("card-unreadable", "card", "error", "cards_unreadable", "#/cards/valid"),
  {
    ...wallet("card-how", "card", "usual", "statuses", "#/cards/valid", unfold("How do we know?")),
    about: unfolded,
  },
  {
    ...wallet("card-portrait", "card", "usual", "statuses", "#/cards/valid", press("Tap to see the picture")),
    about: (page) => page.getByRole("img", { name: "Portrait" }),
  },
  wallet("card-delete", "card", "usual", "statuses", "#/cards/valid", press("Delete this card")),
  wallet("sample", "sample", "usual", "sample_card", "#/sample"),
  wallet("practice", "practice", "usual", "sample_card", "#/sample/practice"),
  wallet(
    "practice-done",
    "practice",
    "usual",
    "sample_card",
    "#/sample/practice",
    all(press("Share"), heading("That was practice")),
  ),
  wallet("pending", "pending", "usual", "one_pending", "#/pending", heading("Is this you?")),
  {
    ...wallet("pending-two", "pending", "much", "pending_two", "#/pending", heading("Is this you?")),
    about: (page) => page.getByRole("article").nth(1).getByText("Residence").first(),
  },
  wallet("pending-loading", "pending", "loading", "cards_hang", "#/pending", working),
  wallet(
    "pending-unreadable",
    "pending",
    "error",
    "pending_unreadable",
    "#/pending",
    heading("That did not work"),
  ),
  wallet("history", "history", "usual", "three_cards", "#/history"),
  wallet("history-empty", "history", "empty", "history_empty", "#/history"),
  wallet("history-loading", "history", "loading", "history_hangs", "#/history", working),
  {
    ...wallet("history-long", "history", "much", "history_long", "#/history", (page) => more(page).waitFor()),
    about: more,
  },
  wallet("history-unreadable", "history", "error", "history_unreadable", "#/history"),
  wallet("entry", "entry", "usual", "three_cards", "#/history", (page) =>
    page.getByRole("main").getByRole("link").first().click(),
  ),
  wallet("entry-gone", "entry", "empty", "three_cards", "#/history/999"),
  wallet("entry-loading", "entry", "loading", "history_hangs", "#/history/1", working),
  wallet("entry-unreadable", "entry", "error", "history_unreadable", "#/history/1"),
  wallet("services", "services", "usual", "three_cards", "#/services"),
  {
    ...wallet(
      "services-more",
      "services",
      "usual",
      "three_cards",
      "#/services",
      unfold("More about “Library card”"),
    ),
    about: unfolded,
  },
  wallet("services-lacking", "services", "usual", "empty", "#/services"),
  {
    ...wallet("services-unknown", "services", "usual", "statuses_unknown", "#/services"),
    about: (page) => page.getByRole("main").getByRole("listitem").last(),
  },
  wallet("services-empty", "services", "empty", "services_none", "#/services"),
  wallet("services-missing", "services", "empty", "services_missing", "#/services"),
  wallet("services-loading", "services", "loading", "services_hang", "#/services", working),
  wallet("services-unreadable", "services", "error", "services_unreadable", "#/services", troubled),
  {
    ...wallet(
      "services-offline",
      "services",
      "offline",
      "services_unreachable",
      "#/services",
      all(press("Get the newest list"), text("Code proofs_unreachable")),
    ),
    about: (page) => page.getByText("Code proofs_unreachable"),
  },
  wallet(
    "services-unproved",
    "services",
    "error",
    "services_unproved",
    "#/services",
    all(press("Get the newest list"), text("Code ledger_proof_invalid")),
  ),
  wallet("services-many", "services", "much", "services_many", "#/services"),
  wallet("businesses", "businesses", "usual", "three_cards", "#/businesses"),
  wallet("businesses-empty", "businesses", "empty", "history_empty", "#/businesses"),
  wallet("businesses-loading", "businesses", "loading", "history_hangs", "#/businesses", working),
  wallet("businesses-unreadable", "businesses", "error", "history_unreadable", "#/businesses"),
  wallet(
    "businesses-never",
    "businesses",
    "usual",
    "three_cards",
    "#/businesses",
    all(business("Seeblick Wine Shop"), press(/^Never show/), back, text("May be shown")),
  ),
  wallet("business", "business", "usual", "three_cards", "#/businesses", business("Hotel Hafenstein")),
  wallet(
    "business-blocked",
    "business",
    "usual",
    "three_cards",
    "#/businesses",
    all(business("Hotel Hafenstein"), press("Block them"), text("Blocked")),
  ),
  {
    ...wallet(
      "business-letter",
      "business",
      "usual",
      "three_cards",
      "#/businesses",
      all(business("Hotel Hafenstein"), unfold("Ask them to delete it")),
    ),
    about: unfolded,
  },
  {
    ...wallet(
      "business-complaint",
      "business",
      "usual",
      "three_cards",
      "#/businesses",
      all(
        business("Seeblick Wine Shop"),
        unfold("Report this request"),
        press("Save as a file"),
        text(/^Saved:/),
      ),
    ),
    about: unfolded,
  },
  {
    ...wallet(
      "business-complaint-unwritable",
      "business",
      "error",
      "complaint_unwritable",
      "#/businesses",
      all(business("Seeblick Wine Shop"), unfold("Report this request"), press("Save as a file"), troubled),
    ),
    about: unfolded,
  },
  {
    ...wallet(
      "business-long",
      "business",
      "much",
      "history_long",
      "#/businesses",
      business("Seeblick Wine Shop"),
    ),
    about: (page) => page.getByRole("heading", { name: "Everything that happened" }),
  },
  wallet("business-gone", "business", "empty", "three_cards", "#/businesses/none"),
  wallet("business-loading", "business", "loading", "history_hangs", "#/businesses/none", working),
  wallet("business-unreadable", "business", "error", "history_unreadable", "#/businesses/none"),
  wallet("settings", "settings", "usual", "three_cards", "#/settings"),
  wallet("settings-unsaved", "settings", "error", "settings_unsaved", "#/settings", async (page) => {
    await page.getByLabel("Lock by itself after").selectOption({ index: 0 });
    await troubled(page);
  }),
  {
    ...wallet("settings-how", "settings", "usual", "three_cards", "#/settings", unfold("What are proofs?")),
    about: unfolded,
  },
  {
    ...wallet(
      "settings-proofs-loading",
      "settings",
      "loading",
      "proofs_hang",
      "#/settings",
      all(press("Get new proofs"), working),
    ),
    about: (page) => page.getByRole("progressbar"),
  },
  {
    ...wallet(
      "settings-proofs-offline",
      "settings",
      "offline",
      "proofs_unreachable",
      "#/settings",
      all(press("Get new proofs"), text("Code proofs_unreachable")),
    ),
    about: (page) => page.getByText("Code proofs_unreachable"),
  },
  {
    ...wallet(
      "settings-evidence",
      "settings",
      "error",
      "two_histories",
      "#/settings",
      all(press("Save the evidence"), text(/^Saved as /)),
    ),
    about: (page) => page.getByText(/^Saved as /),
  },
  {
    ...wallet(
      "settings-evidence-unsaved",
      "settings",
      "error",
      "evidence_unwritable",
      "#/settings",
      all(press("Save the evidence"), troubled),
    ),
    about: problem,
  },
  wallet("settings-secret", "secret", "usual", "three_cards", "#/settings/secret"),
  {
    ...wallet(
      "settings-secret-wrong",
      "secret",
      "error",
      "three_cards",
      "#/settings/secret",
      all(changeSecret("not this one, no"), text("That is not the right passphrase.")),
    ),
    about: problem,
  },
  wallet(
    "settings-secret-loading",
    "secret",
    "loading",
    "settings_hang",
    "#/settings/secret",
    all(changeSecret("correct horse battery"), working),
  ),
  {
    ...wallet(
      "settings-secret-wait",
      "secret",
      "much",
      "secret_locked_out",
      "#/settings/secret",
      all(changeSecret("correct horse battery"), troubled),
    ),
    about: problem,
  },
  wallet("settings-reset", "reset", "usual", "three_cards", "#/settings/reset"),
  wallet("settings-reset-wrong", "reset", "error", "three_cards", "#/settings/reset", removeWith("rest")),
  wallet("settings-reset-fails", "reset", "error", "reset_fails", "#/settings/reset", async (page) => {
    await removeWith("reset")(page);
    await troubled(page);
  }),
  wallet(
    "settings-reset-loading",
    "reset",
    "loading",
    "settings_hang",
    "#/settings/reset",
    all(removeWith("reset"), working),
  ),
  wallet("trust", "trust", "usual", "three_cards", "#/settings/trust", text("Nordmark")),
  wallet("trust-loading", "trust", "loading", "trust_hangs", "#/settings/trust", working),
  {
    ...wallet("trust-link", "trust", "usual", "three_cards", "#/settings/trust", linkToList),
    about: (page) => page.getByText("trust.nordmark.example"),
  },
  {
    ...wallet("trust-offered", "trust", "usual", "three_cards", "#/settings/trust", listOf("newer")),
    about: (page) => page.getByRole("button", { name: "Add", exact: true }),
  },
  {
    ...wallet("trust-differs", "trust", "error", "three_cards", "#/settings/trust", listOf("changed")),
    about: problem,
  },
  {
    ...wallet("trust-offline", "trust", "offline", "three_cards", "#/settings/trust", listOf("away")),
    about: problem,
  },
  wallet("settings-about", "about", "usual", "three_cards", "#/settings/about"),
  wallet("add", "add", "usual", "three_cards", "#/add"),
  wallet("add-two-codes", "add", "much", "three_cards", "#/add", twoCodes),
  wallet("show", "show", "usual", "three_cards", "#/show", cameraShows),
  wallet("show-parts", "show", "usual", "parts", "#/show", text("2 of 4 parts read")),
  wallet("show-parts-altered", "show", "error", "parts_altered", "#/show", text("One part came damaged.")),
  wallet("show-loading", "show", "loading", "camera_hangs", "#/show", working),
  wallet("show-camera-denied", "show", "error", "camera_denied", "#/show"),
  wallet("add-loading", "add", "loading", "camera_hangs", "#/add", all(press("Scan a code"), working)),
  wallet("add-camera", "add", "usual", "camera", "#/add", all(press("Scan a code"), cameraShows)),
  wallet("add-camera-missing", "add", "error", "camera_missing", "#/add", press("Scan a code")),
  wallet("add-camera-denied", "add", "error", "camera_denied", "#/add", press("Scan a code")),
  wallet(
    "add-camera-lost",
    "add",
    "error",
    "camera_lost",
    "#/add",
    all(press("Scan a code"), text("Code camera_lost")),
  ),
  link("foreign-code", "error", "foreign_code", heading("Not one of our codes")),
  link("offer", "usual", "offer", heading("A card for you")),
  link("offer-loading", "loading", "slow", heading("One moment")),
  link("offer-code", "usual", "offer_tx", heading("A card for you")),
  link("offer-two", "usual", "offer_two", heading(/cards for you/)),
  link("offer-unrecorded", "usual", "offer_unrecorded", heading("A card for you")),
  link("offer-gone", "error", "offer_gone", heading("That did not work")),
  link("offer-full", "error", "storage_full", all(press("Get the card"), heading("That did not work"))),
  link("offer-you", "usual", "offer", getCard),
  link("offer-kept", "usual", "offer", all(getCard, press("Yes, this is me"), heading("Your card is here"))),
  link(
    "offer-rejected",
    "usual",
    "offer_other_person",
    all(getCard, press("No, not me"), heading("The card was destroyed")),
  ),
  link("consent-two", "usual", "request_two_claims", heading("Show this?")),
  {
    ...link(
      "consent-how",
      "usual",
      "request_two_claims",
      all(heading("Show this?"), unfold("How do we know?")),
    ),
    about: unfolded,
  },
  link("consent-values", "usual", "request_four_claims", all(heading("Show this?"), press("Show values"))),
  link("consent-four", "usual", "request_four_claims", heading("Show this?")),
  link("consent-optional", "usual", "request_optional", heading("Show this?")),
  {
    ...link("consent-kept", "usual", "request_kept", heading("Show this?")),
    about: (page) => page.getByText("They keep it for one year."),
  },
  {
    ...link("consent-widened", "usual", "request_widened", heading("Show this?")),
    about: (page) => page.getByText("New since you last shared"),
  },
  link("consent-two-cards", "usual", "request_two_cards", heading("Show this?")),
  {
    ...link("consent-foretold-yes", "usual", "request_foretold", heading("Show this?")),
    about: (page) => page.getByText("The answer will be: yes."),
  },
  {
    ...link("consent-foretold-no", "usual", "request_foretold_no", heading("Show this?")),
    about: (page) => page.getByText("The answer will be: no."),
  },
  {
    ...link("consent-cannot-be-told", "usual", "request_cannot_be_told", heading("Show this?")),
    about: (page) => page.getByText("The answer cannot be told from what you show."),
  },
  {
    ...link("consent-beyond-rule", "usual", "request_beyond_rule", heading("Show this?")),
    about: (page) => page.getByText("More than their yes or no needs"),
  },
  link("consent-kept-longest", "usual", "request_kept_longest", heading("Show this?")),
  link("consent-always", "usual", "request_always", heading("Show this?")),
  link("consent-in-person", "usual", "request_in_person", heading("Show this?")),
  link("consent-foreign", "usual", "request_foreign", heading("Show this?")),
  link("consent-odd-name", "usual", "request_odd_name", heading("Show this?")),
  link("consent-cross-device", "usual", "request_cross_device", heading("Show this?")),
  link("consent-again", "usual", "request_again", heading("Show this?")),
  link("consent-shown-before", "usual", "request_shown_before", heading("Show this?")),
  link("consent-long-name", "much", "request_long_name", heading("Show this?")),
  link("consent-expiring", "usual", "request_expiring", heading("Show this?")),
  link("consent-expiring-four", "usual", "request_expiring_four", heading("Show this?")),
  link(
    "shared",
    "usual",
    "request_two_claims",
    all(heading("Show this?"), press("Share"), heading("Shared")),
  ),
  link(
    "not-shared",
    "usual",
    "request_two_claims",
    all(heading("Show this?"), press("Don’t share"), heading("Not shared")),
  ),
  link(
    "no-reply",
    "error",
    "request_no_reply",
    all(heading("Show this?"), press("Share"), heading("That did not work")),
  ),
  link("over-asking", "error", "over_asking", heading("Refused for you")),
  link("other-rule", "error", "other_rule", heading("Refused for you")),
  {
    ...link(
      "over-asking-report",
      "error",
      "over_asking",
      all(heading("Refused for you"), unfold("Report this request")),
    ),
    about: unfolded,
  },
  link("consent-unregistered", "usual", "unregistered", heading("Show this?")),
  link("reserved", "error", "unregistered_name", heading("Refused for you")),
  link("no-match", "empty", "no_match", heading("No matching card")),
  link(
    "no-match-told",
    "usual",
    "no_match",
    all(press("Tell them that I cannot"), heading("They were told")),
  ),
  link("no-copy-left", "empty", "no_copy_left", heading("No copy left")),
  link("offline", "offline", "offline", heading("That did not work")),
  link("could-not-check", "error", "could_not_check", heading("That did not work")),
  challenge("consent", "usual", "challenge", heading("Show this?")),
  challenge("consent-optional", "usual", "challenge_optional", heading("Show this?")),
  challenge("consent-no-proofs", "error", "challenge_not_held", heading("Show this?")),
  challenge("consent-old-proofs", "error", "challenge_too_old", heading("Show this?")),
  challenge("consent-proofs-differ", "error", "challenge_status_differs", heading("Show this?")),
  challenge("consent-not-recorded", "error", "challenge_not_recorded", heading("Show this?")),
  challenge("consent-last-copy", "usual", "challenge_last_copy", heading("Show this?")),
  challenge("consent-shown-before", "usual", "challenge_shown_before", heading("Show this?")),
  challenge("consent-expiring", "usual", "challenge_expiring", heading("Show this?")),
  challenge("loading", "loading", "challenge_hangs", all(heading("Show this?"), press("Show"))),
  challenge("codes", "offline", "challenge", showCodes),
  challenge("codes-moving", "usual", "challenge", all(showCodes, press("Show it moving"), press("Pause"))),
  challenge("codes-over", "usual", "challenge_expiring", async (page) => {
    await showCodes(page);
    await hold(page, 46_000);
    await text("The time is over")(page);
  }),
  challenge("read", "usual", "challenge", all(showCodes, press("They have read it"), heading("Shared"))),
  challenge("stopped", "usual", "challenge", all(showCodes, press("Close"), heading("No longer shown"))),
  challenge(
    "not-shown",
    "usual",
    "challenge",
    all(heading("Show this?"), press("Don’t show"), heading("Not shared")),
  ),
  challenge(
    "unnoted",
    "error",
    "read_unnoted",
    all(showCodes, press("They have read it"), heading("That did not work")),
  ),
  challenge("no-match", "empty", "challenge_no_match", heading("No matching card")),
  challenge("over-asking", "error", "challenge_over_asking", heading("Refused for you")),
  challenge("old", "error", "challenge_old", heading("That did not work")),
  challenge("early", "error", "challenge_early", heading("That did not work")),
  challenge("expired", "error", "challenge_expired", heading("That did not work")),
  challenge("split", "error", "challenge_split", heading("Do not show anything now")),
  challenge("unknown", "error", "challenge_unknown", heading("That did not work")),
  challenge(
    "long",
    "error",
    "challenge_long",
    all(heading("Show this?"), press("Show"), heading("That did not work")),
  ),
  link("wrong-clock", "error", "wrong_clock", heading("That did not work")),
];
