import { RuleError } from "./error";

/** A relation or a connective. */
export type Operator = "&&" | "||" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "in";

type Sign = "!" | "." | "," | "(" | ")" | "[" | "]";

/** The smallest part of an expression that means something. */
export type Token =
  | { kind: "name"; text: string }
  | { kind: "int"; value: bigint }
  | { kind: "string"; value: string }
  | { kind: "operator"; operator: Operator }
  | { kind: "sign"; sign: Sign };

const OPERATORS: readonly Operator[] = ["&&", "||", "==", "!=", "<=", ">=", "<", ">"];
const SIGNS: readonly Sign[] = ["!", ".", ",", "(", ")", "[", "]"];
const LARGEST = 2n ** 63n;

/** Splits an expression into tokens. docs/rules.md §2 */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let rest = text.replace(/^[ \t\n\r]+/, "");
  while (rest !== "") {
    const [token, length] = next(rest);
    found.push(token);
    rest = rest.slice(length).replace(/^[ \t\n\r]+/, "");
  }
  return found;
}

function next(rest: string): [Token, number] {
  const first = rest.charAt(0);
  if (first === '"' || first === "'") return string(rest, first);
  if (/^[0-9-]/.test(rest)) return int(rest);
  const word = /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest)?.[0];
  if (word === "in") return [{ kind: "operator", operator: "in" }, word.length];
  if (word !== undefined) return [{ kind: "name", text: word }, word.length];
  const operator = OPERATORS.find((each) => rest.startsWith(each));
  if (operator !== undefined) return [{ kind: "operator", operator }, operator.length];
  const sign = SIGNS.find((each) => each === first);
  if (sign !== undefined) return [{ kind: "sign", sign }, 1];
  throw new RuleError("UnexpectedCharacter");
}

/** What CEL would read as a double, an unsigned or a hexadecimal number is not in the subset. */
function int(rest: string): [Token, number] {
  const text = /^-?[0-9]*/.exec(rest)?.[0] ?? "";
  if (!/^-?(0|[1-9][0-9]*)$/.test(text) || /^[A-Za-z0-9_.]/.test(rest.slice(text.length))) {
    throw new RuleError("Number");
  }
  const value = BigInt(text);
  if (value < -LARGEST || value >= LARGEST) throw new RuleError("Number");
  return [{ kind: "int", value }, text.length];
}

function string(rest: string, quote: string): [Token, number] {
  let value = "";
  for (let at = 1; at < rest.length; at += 1) {
    const letter = rest.charAt(at);
    if (letter === quote) return [{ kind: "string", value }, at + 1];
    if (letter === "\\") {
      at += 1;
      const escaped = rest.charAt(at);
      if (escaped !== "\\" && escaped !== '"' && escaped !== "'") throw new RuleError("Escape");
      value += escaped;
    } else if (/\p{Cc}/u.test(letter)) {
      throw new RuleError("UnexpectedCharacter");
    } else {
      value += letter;
    }
  }
  throw new RuleError("UnterminatedString");
}
