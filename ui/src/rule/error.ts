/** Why a text is not a rule, or gave no answer: the names of docs/rules.md and of its vectors. */
export type RuleErrorName =
  | "TooLong"
  | "TooManyNodes"
  | "TooDeep"
  | "UnexpectedCharacter"
  | "Number"
  | "Escape"
  | "UnterminatedString"
  | "UnexpectedEnd"
  | "Unexpected"
  | "NoFunction"
  | "HasTakesAClaim"
  | "NotAClaim"
  | "Undeclared"
  | "Mismatch"
  | "NotBool"
  | "MixedList"
  | "ResultNotBool"
  | "Declaration"
  | "Absent"
  | "WrongType"
  | "FutureDate"
  | "Shape"
  | "Subset"
  | "TooMuch"
  | "UtcOffset"
  | "Rule";

/** A rule that is broken. `what` is a name or a sign of the expression, never a value of a card. */
export class RuleError extends Error {
  constructor(
    readonly code: RuleErrorName,
    readonly what = "",
  ) {
    super(what === "" ? code : `${code}: ${what}`);
  }
}
