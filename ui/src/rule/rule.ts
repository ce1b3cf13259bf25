import { check, checkNames, isClaimType, resolve, type ClaimType, type Declared } from "./check";
import { dayOf, type Day } from "./day";
import { RuleError } from "./error";
import { evaluate } from "./evaluate";
import { parse, type Expression } from "./parse";
import { toBase64url } from "../code/base64url";

/** The version of the subset; it is part of a rule's hash. */
export const SUBSET_VERSION = 1;

/** A card that was shown: the query that it answers, and its claims at the top level. */
export interface ShownCard {
  query: string;
  claims: Readonly<Record<string, unknown>>;
}

/** A checked rule: it parses, its types fit, and it gives true or false. docs/rules.md */
export class Rule {
  readonly text: string;
  readonly claims: Declared;
  readonly #expression: Expression;

  /** Parses and checks an expression over claims named `query.claim`; fails with a `RuleError`. */
  constructor(text: string, claims: Readonly<Record<string, ClaimType>>) {
    this.text = text;
    this.claims = new Map(Object.entries(claims));
    checkNames(this.claims);
    this.#expression = parse(text);
    check(this.#expression, this.claims);
  }

  /**
   * Whether the cards satisfy the rule. Where several answer one query it has to hold of each. Fails with a `RuleError`
   * where there is no answer: never take that for a yes.
   */
  evaluate(today: Day, cards: readonly ShownCard[]): boolean {
    let error: unknown;
    for (const chosen of oneOfEach(cards)) {
      const shown = chosen.flatMap((card) =>
        Object.entries(card.claims).map(([name, value]): [string, unknown] => [
          `${card.query}.${name}`,
          value,
        ]),
      );
      try {
        if (!evaluate(this.#expression, this.claims, { today, claims: new Map(shown) })) return false;
      } catch (caught) {
        error = caught;
      }
    }
    if (error !== undefined) throw error;
    return true;
  }

  /** The claims that the answer can depend on, in order. */
  reads(): string[] {
    const found = new Set<string>();
    visit(this.#expression, (expression) => {
      if (expression.kind !== "claim" && expression.kind !== "has") return;
      const claim = resolve(this.claims, expression.claim);
      if (claim !== undefined) found.add(claim.path);
    });
    return [...found].sort();
  }

  /** What is hashed: names and types, the expression as written, the version. docs/rules.md §5 */
  canonical(): string {
    const claims = Object.fromEntries([...this.claims].sort(([left], [right]) => (left < right ? -1 : 1)));
    return JSON.stringify({ claims, expression: this.text, subset: SUBSET_VERSION });
  }

  /** SHA-256 of that, as base64url. */
  async hash(): Promise<string> {
    const bytes = new TextEncoder().encode(`holdfast/rule/v1\n${this.canonical()}`);
    return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  }
}

/** A rule that came along with a request, and the clock by which those who ask tell what day it is. docs/rules.md §6 */
export class CarriedRule {
  private constructor(
    readonly rule: Rule,
    readonly utcOffset: number,
  ) {}

  /** Reads it; fails with a `RuleError`. Nobody vouches for it but a public record of its hash. */
  static parse(json: unknown): CarriedRule {
    const { claims, expression, offset } = shape(json);
    const names = Object.keys(claims);
    if (names.length > MOST_CLAIMS) throw new RuleError("TooMuch");
    let rule: Rule;
    try {
      rule = new Rule(expression, claims);
    } catch (error) {
      throw error instanceof RuleError ? new RuleError("Rule", error.message) : error;
    }
    if (names.some((name) => name.length > LONGEST_NAME)) throw new RuleError("TooMuch");
    if (offset < WEST || offset > EAST) throw new RuleError("UtcOffset");
    return new CarriedRule(rule, offset);
  }

  /** What day it is for those who ask, at a time in seconds since 1970. */
  today(now: number): Day | undefined {
    return dayOf(now, this.utcOffset);
  }
}

function shape(json: unknown): { claims: Record<string, ClaimType>; expression: string; offset: number } {
  const members: Record<string, unknown> = isObject(json) ? json : {};
  const { claims, expression, subset, utc_offset_s: offset } = members;
  const known = Object.keys(members).sort().join() === "claims,expression,subset,utc_offset_s";
  if (!known || !isObject(claims) || typeof expression !== "string") throw new RuleError("Shape");
  if (!isWhole(subset) || !isWhole(offset) || !Object.values(claims).every(isClaimType))
    throw new RuleError("Shape");
  if (subset !== SUBSET_VERSION) throw new RuleError("Subset");
  return { claims: claims as Record<string, ClaimType>, expression, offset };
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function isWhole(json: unknown): json is number {
  return Number.isSafeInteger(json);
}

/** Every way to take one card for each query that was answered. */
function oneOfEach(cards: readonly ShownCard[]): ShownCard[][] {
  const queries = [...new Set(cards.map((card) => card.query))];
  let ways: ShownCard[][] = [[]];
  for (const query of queries) {
    const several = cards.filter((card) => card.query === query);
    ways = ways.flatMap((way) => several.map((card) => [...way, card]));
  }
  return ways;
}

function visit(expression: Expression, on: (expression: Expression) => void): void {
  on(expression);
  if (expression.kind === "not") visit(expression.inner, on);
  if (expression.kind === "list") expression.members.forEach((member) => visit(member, on));
  if (expression.kind === "binary") [expression.left, expression.right].forEach((side) => visit(side, on));
}

const MOST_CLAIMS = 64;
const LONGEST_NAME = 256;
const WEST = -12 * 3_600;
const EAST = 14 * 3_600;
