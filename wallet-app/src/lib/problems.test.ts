import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LANGUAGES, setLanguage } from "@holdfast/ui/messages";
import { rustSources } from "@holdfast/ui/rust-codes";
import { afterEach, describe, expect, it } from "vitest";
import "./messages-sharing";
import { problemOf, saidAs, waitOf } from "./problems";

const ROOT = join(import.meta.dirname, "../../..");

/** Strings in the bodies of functions that name a code. */
function codesNamedIn(source: string): string[] {
  const bodies = source.matchAll(/fn code\([^)]*\) -> &'static str \{[\s\S]*?\n {4}\}/g);
  return [...bodies].flatMap(([body]) => [...body.matchAll(/"([a-z0-9_]+)"/g)].map(([, code = ""]) => code));
}

/** Strings that are made into an error of the window at once. */
function codesMadeIn(source: string): string[] {
  const made = source.matchAll(/(?:WalletError|Self)::new\(\s*"([a-z0-9_]+)"/g);
  return [...made].map(([, code = ""]) => code);
}

/** The window's shell calls these by another name, and with numbers. */
const RENAMED = ["wrong_pin", "pin_refused", "too_late_to_undo"];
/** What the wallet tells others, and nobody tells the wallet. */
const TOLD_TO_OTHERS = ["wallet_unavailable"];

/** Names on the wire that the wallet passes on as they are. */
function wireNames(): string[] {
  const issuance = readFileSync(join(ROOT, "crates/oid4vci/src/error_code.rs"), "utf8");
  const [tokens = "", rest = ""] = issuance.split("AuthorizationErrorCode {");
  const credentials = rest.split("CredentialErrorCode {")[1]?.split("NotificationErrorCode {")[0] ?? "";
  const asking = readFileSync(join(ROOT, "crates/oid4vp/src/error_code.rs"), "utf8");
  const names = [...`${tokens}${credentials}`.matchAll(/= "([a-z_]+)", \d{3};/g)].map(
    ([, name = ""]) => name,
  );
  return [...names, ...[...asking.matchAll(/=> "([a-z_]+)"/g)].map(([, name = ""]) => name)];
}

describe("every code the wallet can give", () => {
  const core = rustSources("wallet-app/core/src").flatMap(codesNamedIn);
  const shell = rustSources("wallet-app/src-tauri/src").flatMap((source) => [
    ...codesNamedIn(source),
    ...codesMadeIn(source),
  ]);
  const codes = [...new Set([...core, ...shell, ...wireNames()])];

  it("is found in the sources", () => {
    for (const known of ["over_asking", "ledger_stale", "card_invalid", "offer_gone", "invalid_grant"]) {
      expect(codes).toContain(known);
    }
    expect(codes.length).toBeGreaterThan(60);
  });

  it("is another one in the window where it is renamed", () => {
    expect(shell).not.toContainEqual(expect.stringMatching(`^(?:${RENAMED.join("|")})$`));
    for (const code of ["wrong_secret", "secret_refused_common", "undo_too_late"])
      expect(shell).toContain(code);
  });

  it("has words of its own or of another", () => {
    const without = codes.filter((code) => saidAs(code) === undefined);
    expect(without.filter((code) => ![...RENAMED, ...TOLD_TO_OTHERS].includes(code))).toEqual([]);
  });
});

describe("words for an error", () => {
  afterEach(() => setLanguage("en"));

  it("keep the code, whatever it is said as", () => {
    expect(problemOf({ code: "card_copies_differ", params: {} })).toMatchObject({
      code: "card_copies_differ",
      what: problemOf({ code: "card_invalid", params: {} }).what,
    });
  });

  it("do not say of an office with a taken name that nobody recorded it", () => {
    expect(saidAs("issuer_name_taken")).toBe("issuer_name_taken");
  });

  it("say what is safe also of a code nobody knows", () => {
    const words = problemOf({ code: "something_new", params: {} });
    expect(words.code).toBe("something_new");
    expect(words.safe).toBe("Your cards are safe.");
  });

  it.each([new Error("mistake"), "text", null, undefined, { code: 7 }])("stand for %s too", (thrown) => {
    expect(problemOf(thrown).code).toBe("unknown");
  });

  it("are not taken from what every object inherits", () => {
    expect(saidAs("constructor")).toBeUndefined();
    expect(saidAs("toString")).toBeUndefined();
  });

  it("say how long to wait, in a unit that fits", () => {
    const wait = (seconds: number) => problemOf({ code: "locked_out", params: { seconds } }).now;
    expect(wait(60)).toContain("60 seconds");
    expect(wait(600)).toContain("10 minutes");
    expect(wait(86_400)).toContain("24 hours");
  });

  it("have a wait of their own, or none", () => {
    expect(waitOf({ code: "locked_out", params: { seconds: 60 } })).toBe(60);
    expect(waitOf({ code: "wrong_secret", params: { attemptsLeft: 0, waitS: 600 } })).toBe(600);
    expect([waitOf({ code: "vault", params: {} }), waitOf(new Error("mistake"))]).toEqual([0, 0]);
  });

  it("count the tries that are left", () => {
    const now = (attemptsLeft: number, waitS: number) =>
      problemOf({ code: "wrong_secret", params: { attemptsLeft, waitS } }).now;
    expect(now(1, 0)).toContain("one more try");
    expect(now(5, 60)).toContain("60 seconds");
  });

  it("name the folder where it is known", () => {
    const path = "/home/ada/.local/share/holdfast";
    expect(problemOf({ code: "profile_unusable", params: { path } }).now).toContain(path);
    expect(problemOf({ code: "profile_unusable", params: {} }).now).not.toContain("none");
  });

  it.each(LANGUAGES)("need nothing that an error may not bring (%s)", (language) => {
    setLanguage(language);
    for (const code of Object.keys(english())) {
      const { what, safe, now } = problemOf({ code, params: {} });
      for (const line of [what, safe, now]) expect(line).toMatch(/^[^{}]+[.!?]$/);
    }
  });
});

function english(): Record<string, unknown> {
  return JSON.parse(readFileSync(join(ROOT, "ui/src/messages/en/errors.json"), "utf8"));
}
