import { resolve, type ClaimType, type Declared } from "./check";
import { parseDay, yearsUntil, type Day } from "./day";
import { RuleError } from "./error";
import { pathOf, type Claim, type Expression } from "./parse";

type Value = boolean | bigint | string | Value[];

/** What a rule is evaluated on: the day, and the claims that were shown, by `query.claim`. */
export interface Input {
  today: Day;
  claims: ReadonlyMap<string, unknown>;
}

/** Evaluates a checked expression; fails with a `RuleError` where there is no answer. docs/rules.md §4 */
export function evaluate(expression: Expression, declared: Declared, input: Input): boolean {
  return new Evaluation(declared, input).condition(expression);
}

class Evaluation {
  constructor(
    readonly declared: Declared,
    readonly input: Input,
  ) {}

  condition(expression: Expression): boolean {
    const value = this.#value(expression);
    if (typeof value !== "boolean") throw new RuleError("WrongType");
    return value;
  }

  #value(expression: Expression): Value {
    switch (expression.kind) {
      case "literal":
        return expression.value;
      case "list":
        return expression.members.map((member) => this.#value(member));
      case "today":
        return this.input.today;
      case "claim":
        return this.#claim(expression.claim);
      case "has":
        return this.input.claims.has(pathOf(expression.claim));
      case "not":
        return !this.condition(expression.inner);
      case "binary":
        if (expression.operator === "&&") return this.#connective(expression.left, expression.right, false);
        if (expression.operator === "||") return this.#connective(expression.left, expression.right, true);
        return compare(expression.operator, this.#value(expression.left), this.#value(expression.right));
    }
  }

  /** As in CEL, both commute: the side that decides wins over an error on the other. */
  #connective(left: Expression, right: Expression, decides: boolean): boolean {
    let error: unknown;
    for (const side of [left, right]) {
      try {
        if (this.condition(side) === decides) return decides;
      } catch (caught) {
        error ??= caught;
      }
    }
    if (error !== undefined) throw error;
    return !decides;
  }

  #claim(claim: Claim): Value {
    const found = resolve(this.declared, claim);
    if (found === undefined || !this.input.claims.has(found.path))
      throw new RuleError("Absent", pathOf(claim));
    const value = convert(found.type, this.input.claims.get(found.path));
    if (value === undefined) throw new RuleError("WrongType", found.path);
    if (!found.age) return value;
    const years = typeof value === "bigint" ? yearsUntil(value, this.input.today) : undefined;
    if (years === undefined) throw new RuleError("FutureDate", found.path);
    return years;
  }
}

function convert(type: ClaimType, shown: unknown): Value | undefined {
  switch (type) {
    case "bool":
      return typeof shown === "boolean" ? shown : undefined;
    case "int":
      return whole(shown);
    case "string":
      return typeof shown === "string" ? shown : undefined;
    case "date":
      return typeof shown === "string" ? parseDay(shown) : undefined;
    case "strings":
      return list(shown, "string");
    case "ints":
      return list(shown, "int");
  }
}

/** A number is believed as far as it is exact. */
function whole(shown: unknown): bigint | undefined {
  if (typeof shown === "bigint") return BigInt.asIntN(64, shown) === shown ? shown : undefined;
  return Number.isSafeInteger(shown) ? BigInt(shown as number) : undefined;
}

function list(shown: unknown, type: ClaimType): Value[] | undefined {
  if (!Array.isArray(shown)) return undefined;
  const members: Value[] = [];
  for (const each of shown as unknown[]) {
    const member = convert(type, each);
    if (member === undefined) return undefined;
    members.push(member);
  }
  return members;
}

function compare(operator: string, left: Value, right: Value): boolean {
  switch (operator) {
    case "==":
      return same(left, right);
    case "!=":
      return !same(left, right);
    case "in":
      return Array.isArray(right) && right.some((member) => same(left, member));
    case "<":
      return order(left, right) < 0;
    case "<=":
      return order(left, right) <= 0;
    case ">":
      return order(left, right) > 0;
    default:
      return order(left, right) >= 0;
  }
}

function same(left: Value, right: Value): boolean {
  if (!Array.isArray(left) || !Array.isArray(right)) return left === right;
  return left.length === right.length && left.every((member, at) => same(member, right[at] ?? []));
}

function order(left: Value, right: Value): number {
  if (typeof left === "string" && typeof right === "string") return orderOfTexts(left, right);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** By code point; the language itself compares the halves of those beyond 16 bits. */
function orderOfTexts(left: string, right: string): number {
  const [lefts, rights] = [[...left], [...right]];
  for (const [at, letter] of lefts.entries()) {
    const other = rights[at];
    if (other === undefined) return 1;
    const difference = (letter.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return lefts.length - rights.length;
}
