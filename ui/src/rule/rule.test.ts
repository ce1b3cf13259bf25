import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { CarriedRule, Rule, RuleError, dayOf, parseDay, parseShown, type ClaimType, type ShownCard } from ".";

interface Case {
  name: string;
  rule: string;
  claims: Record<string, ClaimType>;
  today: string;
  expect: unknown;
}

interface Vectors {
  cases: (Case & { shown: Record<string, Record<string, unknown>> })[];
  cards: (Case & { shown: [string, Record<string, unknown>][] })[];
  refused: Case[];
  reads: Case[];
  hashes: (Case & { canonical: string; sha256: string })[];
  carried: { name: string; json: unknown; expect: string }[];
  days: { time: bigint; utc_offset_s: bigint; expect: string | null }[];
}

// The file that the tests of crates/rule read.
const file = new URL("../../../crates/rule/tests/vectors/rules.json", import.meta.url);
const vectors = parseShown(readFileSync(file, "utf8")) as Vectors;

/** The name of what is thrown, or what is returned. */
function told(attempt: () => unknown): unknown {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof RuleError) return error.code;
    throw error;
  }
}

function answer(rule: string, claims: Record<string, ClaimType>, today: string, cards: ShownCard[]): unknown {
  const checked = new Rule(rule, claims);
  return told(() => checked.evaluate(parseDay(today) ?? 0n, cards));
}

/** Whole numbers that fit as plain numbers, as a page reads a request. */
function plain(json: unknown): unknown {
  return JSON.parse(
    JSON.stringify(json, (_key, value: unknown) => (typeof value === "bigint" ? Number(value) : value)),
  );
}

describe("the vectors of the subset", () => {
  it.each(vectors.cases)("$name", (vector) => {
    const cards = Object.entries(vector.shown).map(([query, claims]) => ({ query, claims }));
    expect(answer(vector.rule, vector.claims, vector.today, cards)).toBe(vector.expect);
  });

  it.each(vectors.cards)("cards: $name", (vector) => {
    const cards = vector.shown.map(([query, claims]) => ({ query, claims }));
    expect(answer(vector.rule, vector.claims, vector.today, cards)).toBe(vector.expect);
  });

  it.each(vectors.refused)("refused: $name", (vector) => {
    expect(told(() => new Rule(vector.rule, vector.claims))).toBe(vector.expect);
  });

  it.each(vectors.reads)("what is read: $rule", (vector) => {
    expect(new Rule(vector.rule, vector.claims).reads()).toEqual(vector.expect);
  });

  it.each(vectors.hashes)("hash: $rule", async (vector) => {
    const rule = new Rule(vector.rule, vector.claims);
    expect(rule.canonical()).toBe(vector.canonical);
    expect(await rule.hash()).toBe(vector.sha256);
  });

  it.each(vectors.carried)("what came along: $name", (vector) => {
    expect(told(() => CarriedRule.parse(plain(vector.json)) && "ok")).toBe(vector.expect);
  });

  it.each(vectors.days)("the day of $time with $utc_offset_s", (vector) => {
    const day = dayOf(Number(vector.time), Number(vector.utc_offset_s));
    expect(day).toBe(vector.expect === null ? undefined : parseDay(vector.expect));
  });

  it("are as many as the other implementation reads", () => {
    const counts = [vectors.cases, vectors.cards, vectors.refused, vectors.carried].map(
      (each) => each.length,
    );
    expect(counts).toEqual([211, 9, 126, 20]);
  });
});

describe("what only this language has", () => {
  it("refuses half a character", () => {
    expect(told(() => new Rule("'\ud800' == ''", {}))).toBe("UnexpectedCharacter");
  });

  it("takes no number that it cannot hold exactly", () => {
    const rule = new Rule("p.n > 0", { "p.n": "int" });
    const on = (n: unknown) => told(() => rule.evaluate(20_261_120n, [{ query: "p", claims: { n } }]));
    expect([1, 2 ** 53 - 1, 2 ** 53, 1.5, Number.NaN, "1"].map(on)).toEqual([
      true,
      true,
      "WrongType",
      "WrongType",
      "WrongType",
      "WrongType",
    ]);
  });

  it("reads a number as it was written", () => {
    const read = parseShown('{"a": 9007199254740993, "b": 1.0, "c": "1.0", "d": [-3, 1e2, -0]}');
    expect(read).toEqual({ a: 9007199254740993n, b: Number.NaN, c: "1.0", d: [-3n, Number.NaN, Number.NaN] });
  });

  it("reads no JSON that is none", () => {
    for (const text of ["01", "1 2", "[1,]", '{"a" 1}', "+1", "1.", "{1: 2}"]) {
      expect(() => parseShown(text), text).toThrow(SyntaxError);
    }
  });
});
