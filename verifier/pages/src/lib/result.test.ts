import { register } from "@holdfast/ui/messages";
import { describe, expect, test } from "vitest";
import de from "../../../../ui/src/messages/de/shop.json";
import en from "../../../../ui/src/messages/en/shop.json";
import fr from "../../../../ui/src/messages/fr/shop.json";
import { endingOf, lineOf } from "./result.ts";
import type { OrderState } from "./types.ts";

register("shop", { en, de, fr });

describe("how an order ends", () => {
  test.each([
    [{ state: "answered", verdict: "yes", reason: "ok" }, "yes"],
    [{ state: "answered", verdict: "no", reason: "revoked" }, "no"],
    [{ state: "answered", verdict: "could_not_check", reason: "ledger_stale" }, "unsure"],
    [{ state: "refused", verdict: "could_not_check", reason: "refused" }, "refused"],
    [{ state: "expired" }, "expired"],
    [{ state: "open" }, "unsure"],
    [{ state: "scanned" }, "unsure"],
    [undefined, "none"],
  ] satisfies [OrderState | undefined, string][])("%j is %s", (state, ending) => {
    expect(endingOf(state)).toBe(ending);
  });

  test("only a yes is a yes", () => {
    for (const state of ["open", "scanned", "answered", "refused", "expired"] as const) {
      expect(endingOf({ state })).not.toBe("yes");
    }
  });

  test("a reason without words says what to do", () => {
    const state: OrderState = { state: "answered", verdict: "no", reason: "of_the_future" };
    expect(lineOf("no", state)).toBe(en.reason.other);
  });
});
