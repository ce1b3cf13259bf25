import { RuleError } from "./error";
import { tokens, type Operator, type Token } from "./lex";

/** A claim of what answered one query. */
export interface Claim {
  query: string;
  name: string;
}

/** An expression. Each is one node. */
export type Expression =
  | { kind: "literal"; value: boolean | bigint | string }
  | { kind: "list"; members: Expression[] }
  | { kind: "today" }
  | { kind: "claim"; claim: Claim }
  | { kind: "has"; claim: Claim }
  | { kind: "not"; inner: Expression }
  | { kind: "binary"; operator: Operator; left: Expression; right: Expression };

const MOST_BYTES = 1_024;
const MOST_NODES = 64;
const DEEPEST = 16;

/** The name under which a claim is declared. */
export function pathOf(claim: Claim): string {
  return `${claim.query}.${claim.name}`;
}

/** Reads an expression; from loose to tight: `||`, `&&`, relations, `!`. docs/rules.md §2 */
export function parse(text: string): Expression {
  // What is no text for others cannot be hashed in the same way either.
  if (!isWellFormed(text)) throw new RuleError("UnexpectedCharacter");
  if (new TextEncoder().encode(text).length > MOST_BYTES) throw new RuleError("TooLong");
  const parser = new Parser(tokens(text));
  const expression = parser.either();
  parser.end();
  return expression;
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

class Parser {
  #at = 0;
  #nodes = 0;
  #depth = 0;

  constructor(readonly found: Token[]) {}

  end(): void {
    if (this.#peek() !== undefined) throw new RuleError("Unexpected");
  }

  either(): Expression {
    let left = this.#both();
    while (this.#acceptOperator("||")) {
      const right = this.#both();
      left = this.#node({ kind: "binary", operator: "||", left, right });
    }
    return left;
  }

  #both(): Expression {
    let left = this.#relation();
    while (this.#acceptOperator("&&")) {
      const right = this.#relation();
      left = this.#node({ kind: "binary", operator: "&&", left, right });
    }
    return left;
  }

  #relation(): Expression {
    let left = this.#unary();
    for (;;) {
      const token = this.#peek();
      if (token?.kind !== "operator" || token.operator === "&&" || token.operator === "||") return left;
      this.#at += 1;
      const right = this.#unary();
      left = this.#node({ kind: "binary", operator: token.operator, left, right });
    }
  }

  #unary(): Expression {
    if (!this.#accept("!")) return this.#primary();
    const inner = this.#nested(() => this.#unary());
    return this.#node({ kind: "not", inner });
  }

  #primary(): Expression {
    const token = this.#advance();
    if (token.kind === "int" || token.kind === "string") {
      return this.#node({ kind: "literal", value: token.value });
    }
    if (token.kind === "name") return this.#name(token.text);
    if (token.kind === "sign" && token.sign === "[") {
      const members = this.#nested(() => this.#members());
      return this.#node({ kind: "list", members });
    }
    if (token.kind === "sign" && token.sign === "(") {
      const inner = this.#nested(() => this.either());
      this.#expect(")");
      return inner;
    }
    throw new RuleError("Unexpected");
  }

  #members(): Expression[] {
    const members = [this.either()];
    while (this.#accept(",")) members.push(this.either());
    this.#expect("]");
    return members;
  }

  #name(name: string): Expression {
    if (name === "true" || name === "false") {
      return this.#node({ kind: "literal", value: name === "true" });
    }
    if (name === "today" && !this.#isNext(".")) return this.#node({ kind: "today" });
    if (this.#accept("(")) return this.#call(name);
    if (!this.#accept(".")) throw new RuleError("NotAClaim", name);
    return this.#node({ kind: "claim", claim: this.#claim(name) });
  }

  #call(name: string): Expression {
    if (name !== "has") throw new RuleError("NoFunction", name);
    const query = this.#advance();
    if (query.kind !== "name" || !this.#accept(".")) throw new RuleError("HasTakesAClaim");
    const claim = this.#claim(query.text);
    if (!this.#accept(")")) throw new RuleError("HasTakesAClaim");
    return this.#node({ kind: "has", claim });
  }

  #claim(query: string): Claim {
    const name = this.#advance();
    if (name.kind !== "name") throw new RuleError("NotAClaim", query);
    if (this.#isNext("(")) throw new RuleError("NoFunction", name.text);
    if (this.#isNext(".")) throw new RuleError("NotAClaim", `${query}.${name.text}`);
    return { query, name: name.text };
  }

  #peek(): Token | undefined {
    return this.found[this.#at];
  }

  #advance(): Token {
    const token = this.#peek();
    if (token === undefined) throw new RuleError("UnexpectedEnd");
    this.#at += 1;
    return token;
  }

  #isNext(sign: string): boolean {
    const token = this.#peek();
    return token?.kind === "sign" && token.sign === sign;
  }

  #accept(sign: string): boolean {
    const found = this.#isNext(sign);
    if (found) this.#at += 1;
    return found;
  }

  #acceptOperator(operator: Operator): boolean {
    const token = this.#peek();
    const found = token?.kind === "operator" && token.operator === operator;
    if (found) this.#at += 1;
    return found;
  }

  #expect(sign: string): void {
    const token = this.#advance();
    if (token.kind !== "sign" || token.sign !== sign) throw new RuleError("Unexpected");
  }

  #node(expression: Expression): Expression {
    this.#nodes += 1;
    if (this.#nodes > MOST_NODES) throw new RuleError("TooManyNodes");
    return expression;
  }

  #nested<T>(inner: () => T): T {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new RuleError("TooDeep");
    const result = inner();
    this.#depth -= 1;
    return result;
  }
}
