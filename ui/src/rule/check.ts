import { RuleError } from "./error";
import { pathOf, type Claim, type Expression } from "./parse";

/** What kind of value a claim has. docs/rules.md §1 */
export type ClaimType = "bool" | "int" | "string" | "date" | "strings" | "ints";

/** The claims that a rule declares, by `query.claim`. */
export type Declared = ReadonlyMap<string, ClaimType>;

type Type = "bool" | "int" | "string" | "list(bool)" | "list(int)" | "list(string)";

const AGE = "_age_years";
const TYPES: Readonly<Record<ClaimType, Type>> = {
  bool: "bool",
  int: "int",
  string: "string",
  date: "int",
  strings: "list(string)",
  ints: "list(int)",
};
/** What CEL reads as a word of its own, wherever it stands. */
const KEYWORDS = ["false", "in", "null", "true"];
/** What cannot be a query: `today`, and the names that CEL reserves. */
const RESERVED =
  "today as break const continue else for function if import let loop namespace package return var void while".split(
    " ",
  );

/** Whether a text names a type. */
export function isClaimType(text: unknown): text is ClaimType {
  return typeof text === "string" && Object.hasOwn(TYPES, text);
}

/** The declared claim behind a name; `age` where its age in years is meant. */
export function resolve(
  declared: Declared,
  claim: Claim,
): { path: string; type: ClaimType; age: boolean } | undefined {
  const path = pathOf(claim);
  const type = declared.get(path);
  if (type !== undefined) return { path, type, age: false };
  if (!path.endsWith(AGE)) return undefined;
  const base = path.slice(0, -AGE.length);
  return declared.get(base) === "date" ? { path: base, type: "date", age: true } : undefined;
}

/** Checks the names that are declared. */
export function checkNames(declared: Declared): void {
  for (const name of declared.keys()) {
    const parts = /^([A-Za-z_][A-Za-z0-9_]*)\.([A-Za-z_][A-Za-z0-9_]*)$/.exec(name);
    const [query, claim] = [parts?.[1] ?? "", parts?.[2] ?? ""];
    const kept = [...KEYWORDS, ...RESERVED].includes(query) || KEYWORDS.includes(claim);
    const shadows = name.endsWith(AGE) && declared.get(name.slice(0, -AGE.length)) === "date";
    if (parts === null || kept || shadows) throw new RuleError("Declaration", name);
  }
}

/** Checks that an expression is a condition over the declared claims. docs/rules.md §3 */
export function check(expression: Expression, declared: Declared): void {
  if (typeOf(expression, declared) !== "bool") throw new RuleError("ResultNotBool");
}

function typeOf(expression: Expression, declared: Declared): Type {
  switch (expression.kind) {
    case "literal":
      return typeof expression.value === "boolean"
        ? "bool"
        : typeof expression.value === "bigint"
          ? "int"
          : "string";
    case "today":
      return "int";
    case "list":
      return listType(expression.members, declared);
    case "claim": {
      const found = resolve(declared, expression.claim);
      if (found === undefined) throw new RuleError("Undeclared", pathOf(expression.claim));
      return found.age ? "int" : TYPES[found.type];
    }
    case "has":
      if (!declared.has(pathOf(expression.claim)))
        throw new RuleError("Undeclared", pathOf(expression.claim));
      return "bool";
    case "not":
      return condition(expression.inner, declared);
    case "binary":
      if (expression.operator === "&&" || expression.operator === "||") {
        condition(expression.left, declared);
        return condition(expression.right, declared);
      }
      return relation(
        expression.operator,
        typeOf(expression.left, declared),
        typeOf(expression.right, declared),
      );
  }
}

function condition(expression: Expression, declared: Declared): Type {
  if (typeOf(expression, declared) !== "bool") throw new RuleError("NotBool");
  return "bool";
}

function listOf(type: Type): Type | undefined {
  return type === "bool" || type === "int" || type === "string" ? `list(${type})` : undefined;
}

function listType(members: Expression[], declared: Declared): Type {
  const types = members.map((member) => typeOf(member, declared));
  const list = types[0] === undefined ? undefined : listOf(types[0]);
  if (list === undefined || types.some((type) => type !== types[0])) throw new RuleError("MixedList");
  return list;
}

function relation(operator: string, left: Type, right: Type): Type {
  let fits = left === right && (left === "int" || left === "string");
  if (operator === "in") fits = listOf(left) === right;
  if (operator === "==" || operator === "!=") fits = left === right;
  if (!fits) throw new RuleError("Mismatch", `${left}, ${right}`);
  return "bool";
}
