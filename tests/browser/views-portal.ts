/** The registrar's portal: an organisation applies, two operators decide. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { eventually, run } from "./harness/processes.ts";
import { program, type System } from "./harness/system.ts";
import type { State, View } from "./views.ts";

type Way = (page: Page, at: (path: string) => string, system: System) => Promise<void>;

const PASSWORD = "four eyes see more";

function view(id: string, route: string, state: State, way: Way): View {
  return {
    id: `portal-${id}`,
    app: "portal",
    route,
    state,
    async open(page, { system }) {
      await way(page, (path) => new URL(path, system.ledger.url).href, system);
      await page.getByRole("heading", { level: 1 }).waitFor();
    },
  };
}

/** A command of the portal; the JSON that it prints. */
async function portal(system: System, ...args: string[]): Promise<Record<string, string>> {
  const config = join(system.data_dir, "log", "config.toml");
  const { code, out } = await run(program("holdfast-anchor"), ["portal", ...args, "--config", config]);
  if (code !== 0) throw new Error(`portal ${args.join(" ")}: ${out}`);
  return JSON.parse(out) as Record<string, string>;
}

const path =
  (address: string): Way =>
  async (page, at) => {
    await page.goto(at(address));
  };

/** An organisation that came in by a letter. */
const signedIn: Way = async (page, at, system) => {
  const { code = "" } = await portal(system, "letter", "--organisation", "Corner Shop");
  await page.goto(at("/portal/sign-in"));
  await page.getByRole("textbox", { name: "Code" }).fill(code);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Applications and checks" }).waitFor();
};

const begun: Way = async (page, at, system) => {
  await signedIn(page, at, system);
  await page.getByRole("button", { name: "Apply to ask" }).click();
  await page.getByLabel("Mail address").fill("privacy@shop.example");
  await page.getByRole("button", { name: "Save" }).first().click();
};

const purpose: Way = async (page, at, system) => {
  await begun(page, at, system);
  await page.getByRole("button", { name: "Add a purpose" }).click();
  await page.getByRole("heading", { name: "One purpose" }).waitFor();
};

/** Of these claims, in the words of the form, one is enough. */
const choosing =
  (...claims: string[]): Way =>
  async (page, at, system) => {
    await purpose(page, at, system);
    await page.getByLabel("Why, in English").fill("You must be 18 to buy this.");
    await page.getByText("Person identification", { exact: true }).click();
    const card = page.locator("details[open]");
    for (const [place, claim] of claims.entries()) {
      await card.getByLabel(claim).selectOption(`choice_${place + 1}`);
    }
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "What you want to ask" }).waitFor();
  };

/** Registered by the rule: either answer says yes or no. */
const chosen: Way = async (page, at, system) => {
  await choosing("18 or older", "65 or older")(page, at, system);
  await page.getByRole("button", { name: "Hand in" }).click();
  const id = last(page);
  const registered = page.getByRole("main").getByText("Registered", { exact: true }).first();
  await eventually(async () => {
    await page.goto(at(`/portal/applications/${id}`));
    if (!(await registered.isVisible())) throw new Error("not registered yet");
  }, 40_000);
};

const asking: Way = async (page, at, system) => {
  await purpose(page, at, system);
  await page.getByLabel("Why, in English").fill("You must be 18 to buy this.");
  await page.getByText("Person identification", { exact: true }).click();
  await page.getByLabel("18 or older").selectOption("needed");
  await page.getByLabel("Portrait").first().selectOption("optional");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Hand in" }).waitFor();
};

/** The application file of a verifier of its own: anything that is signed as one must be. */
const withFile: Way = async (page, at, system) => {
  await asking(page, at, system);
  await page.getByLabel("Where your checks run").selectOption("own");
  await page.getByRole("button", { name: "Save" }).first().click();
  const folder = mkdtempSync(join(tmpdir(), "holdfast-business-"));
  try {
    const config = join(folder, "config.toml");
    const checks = join(system.data_dir, "shop", "checks.toml");
    const own = Math.random().toString(36).slice(2, 10);
    writeFileSync(
      config,
      `profile = "development"\ndata_dir = ${JSON.stringify(join(folder, "data"))}\n` +
        `public_url = "http://${own}.localhost:1"\nchecks = ${JSON.stringify(checks)}\n` +
        `trust_pack = ${JSON.stringify(system.trust_pack)}\n`,
    );
    const made = await run(program("holdfast-verifier"), [
      "init",
      "--config",
      config,
      "--name",
      "Corner Shop",
    ]);
    if (made.code !== 0) throw new Error(made.out);
    await page
      .getByLabel("Application file")
      .setInputFiles(join(folder, "data", "identity", "application.json"));
    await page.getByRole("button", { name: "Send the file" }).click();
    await page.getByText("We have a file of:").waitFor();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const handedIn: Way = async (page, at, system) => {
  await asking(page, at, system);
  await page.getByRole("button", { name: "Hand in" }).click();
  await page.getByText("Handed in").first().waitFor();
};

let operators = 0;

/** Somebody of the registrar, signed in beside the organisation. */
const operator: Way = async (page, at, system) => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-operator-"));
  const file = join(folder, "password");
  const name = `view-${process.pid}-${(operators += 1)}`;
  try {
    writeFileSync(file, `${PASSWORD}\n`, { mode: 0o600 });
    await portal(system, "add-operator", name, "--role", "approver", "--password-file", file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  await page.goto(at("/portal/registrar/sign-in"));
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Applications to decide on" }).waitFor();
};

/** The application in the address, as operators see it. */
async function decides(page: Page, at: (path: string) => string, system: System, id: string): Promise<void> {
  await operator(page, at, system);
  await page.goto(at(`/portal/registrar/applications/${id}`));
}

/** The last part of an address without its query. */
const last = (page: Page): string => new URL(page.url()).pathname.split("/").pop() ?? "";

const approved: Way = async (page, at, system) => {
  await handedIn(page, at, system);
  const id = last(page);
  for (let eyes = 0; eyes < 2; eyes += 1) {
    await decides(page, at, system, id);
    await page.getByRole("button", { name: "Approve" }).click();
    await page
      .getByText(/^Approved|^Registered/u)
      .first()
      .waitFor();
  }
  await page.goto(at(`/portal/applications/${id}`));
};

export const PORTAL_VIEWS: View[] = [
  view("landing", "landing", "usual", path("/portal")),
  view("german", "landing", "usual", path("/portal?lang=de")),
  view("french", "landing", "usual", path("/portal?lang=fr")),
  view("sign-in", "sign_in", "usual", path("/portal/sign-in")),
  view("sign-in-wrong", "sign_in", "error", async (page, at) => {
    await page.goto(at("/portal/sign-in"));
    await page.getByRole("textbox", { name: "Code" }).fill("AAAA-AAAA-AAAA-AAAA");
    await page.getByRole("button", { name: "Sign in" }).click();
  }),
  view("card", "card", "usual", async (page, at) => {
    await page.goto(at("/portal/sign-in"));
    await page.getByRole("button", { name: "Show a card" }).click();
    await page.getByRole("img", { name: "Code to scan" }).waitFor();
  }),
  view("applications-none", "applications", "empty", signedIn),
  view("applications", "applications", "usual", async (page, at, system) => {
    await begun(page, at, system);
    await page.goto(at("/portal/applications"));
  }),
  view("signed-out", "applications", "error", path("/portal/applications")),
  view("draft", "application", "usual", begun),
  {
    ...view("draft-own", "application", "usual", withFile),
    about: (page) => page.getByLabel("Application file"),
  },
  {
    ...view("host-unproved", "application", "usual", async (page, at, system) => {
      await withFile(page, at, system);
      await page.getByRole("button", { name: "Look now" }).click();
      await page.getByText("This host is not one that we look at.").waitFor();
    }),
    about: (page) => page.getByText("This host is not one that we look at."),
  },
  view("handed-in", "application", "usual", handedIn),
  view("question", "application", "usual", async (page, at, system) => {
    await handedIn(page, at, system);
    const id = last(page);
    await decides(page, at, system, id);
    await page.getByLabel("Question").fill("What do you need the portrait for?");
    await page.getByRole("button", { name: "Ask" }).click();
    await page.goto(at(`/portal/applications/${id}`));
  }),
  view("registered", "application", "usual", approved),
  view("application-none", "application", "error", async (page, at, system) => {
    await signedIn(page, at, system);
    await page.goto(at("/portal/applications/nothing"));
  }),
  view("purpose", "purpose", "usual", purpose),
  {
    ...view("purpose-choices", "purpose", "usual", async (page, at, system) => {
      await choosing("18 or older", "Date of birth")(page, at, system);
      await page.getByRole("link", { name: "You must be 18 to buy this." }).click();
      await page.getByRole("heading", { name: "One purpose" }).waitFor();
    }),
    about: (page) => page.getByLabel("Time zone"),
  },
  {
    ...view("draft-choices-no-rule", "application", "error", choosing("18 or older", "Date of birth")),
    about: (page) => page.getByText("The rule of a purpose is missing").first(),
  },
  {
    ...view("draft-choice-alone", "application", "error", choosing("18 or older")),
    about: (page) => page.getByText("One alternative is none").first(),
  },
  {
    ...view("registered-choices", "application", "usual", chosen),
    about: (page) => page.getByText("One is enough").first(),
  },
  {
    ...view("checks-choices", "checks", "usual", async (page, at, system) => {
      await chosen(page, at, system);
      await page.goto(at(`/portal/checks/${last(page)}`));
    }),
    about: (page) => page.getByText("One of these is enough").first(),
  },
  view("checks", "checks", "usual", async (page, at, system) => {
    await approved(page, at, system);
    await page.goto(at(`/portal/checks/${last(page)}`));
  }),
  {
    ...view("staff", "checks", "usual", async (page, at, system) => {
      await approved(page, at, system);
      const checks = at(`/portal/checks/${last(page)}`);
      await page.goto(checks);
      await page.getByLabel("Name to sign in with").fill("till");
      await page.getByRole("button", { name: "Invite" }).click();
      await page.getByRole("heading", { name: "The invitation for the letter" }).waitFor();
      await page.goto(checks);
    }),
    about: (page) => page.getByRole("heading", { name: "Staff at the desk" }),
  },
  view("staff-invited", "checks", "usual", async (page, at, system) => {
    await approved(page, at, system);
    await page.goto(at(`/portal/checks/${last(page)}`));
    await page.getByLabel("Name to sign in with").fill("till");
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByRole("heading", { name: "The invitation for the letter" }).waitFor();
  }),
  view("notice", "notice", "usual", async (page, at, system) => {
    await approved(page, at, system);
    await page.goto(at(`/portal/privacy/${last(page)}/check-1`));
  }),
  view("complaints", "complaints", "usual", path("/portal/complaints")),
  view("complaint-refused", "complaints", "error", async (page, at) => {
    await page.goto(at("/portal/complaints"));
    await page
      .getByLabel("The file")
      .setInputFiles({ name: "complaint.json", mimeType: "application/json", buffer: Buffer.from("{}") });
    await page.getByRole("button", { name: "Hand in" }).click();
  }),
  view("registrar-sign-in", "registrar_sign_in", "usual", path("/portal/registrar/sign-in")),
  view("registrar-wrong", "registrar_sign_in", "error", async (page, at) => {
    await page.goto(at("/portal/registrar/sign-in"));
    await page.getByLabel("Name").fill("nobody");
    await page.getByLabel("Password").fill("not a password");
    await page.getByRole("button", { name: "Sign in" }).click();
  }),
  view("registrar", "registrar", "usual", async (page, at, system) => {
    await handedIn(page, at, system);
    await operator(page, at, system);
  }),
  view("registrar-empty", "registrar", "empty", operator),
  view("decision", "decision", "usual", async (page, at, system) => {
    await handedIn(page, at, system);
    await decides(page, at, system, last(page));
  }),
  view("decision-suspended", "decision", "usual", async (page, at, system) => {
    await approved(page, at, system);
    await decides(page, at, system, last(page));
    await page.getByLabel("Reason").first().fill("More was asked than is registered.");
    await page.getByRole("button", { name: "Suspend at once" }).click();
    await page.getByText("Suspended", { exact: true }).first().waitFor();
  }),
  {
    ...view("decision-none", "decision", "error", async (page, at, system) => {
      await decides(page, at, system, "nothing");
    }),
    sameAs: "portal-application-none",
  },
  view("letters", "letters", "usual", async (page, at, system) => {
    await operator(page, at, system);
    await page.goto(at("/portal/registrar/letters"));
  }),
  view("reports-none", "reports", "empty", async (page, at, system) => {
    await operator(page, at, system);
    await page.goto(at("/portal/registrar/complaints"));
  }),
];
