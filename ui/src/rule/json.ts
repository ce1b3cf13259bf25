const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/g;
const MARK = "\u0000number";

/**
 * Reads JSON for rules: whole numbers come as `bigint`, so that none is rounded. A number that is written in another way
 * (`1.0`, `1e2`, `-0`) is no whole number for a rule, and comes as `NaN`.
 */
export function parseShown(text: string): unknown {
  JSON.parse(text); // What is no JSON stays none.
  const marked = text.replaceAll(STRING_OR_NUMBER, (found) =>
    found.startsWith('"') ? found : JSON.stringify(MARK + found),
  );
  return JSON.parse(marked, (_key, value: unknown) => {
    if (typeof value !== "string" || !value.startsWith(MARK)) return value;
    const written = value.slice(MARK.length);
    return /^(0|-?[1-9][0-9]*)$/.test(written) ? BigInt(written) : Number.NaN;
  });
}
