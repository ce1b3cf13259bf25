/** A letter that asks somebody to delete what they keep: names of things, and nothing that stands on a card. */
import { localized, t } from "@holdfast/ui/messages";
import type { Business } from "../../lib/backend/types";
import { seenBy } from "../../lib/businesses";
import { formatDay } from "../../lib/format";

/** Plain text. The person adds by what they can be told apart, if they want to. */
export function letterTo(business: Business): string {
  const seen = seenBy(business).map((each) => {
    const params = { what: localized(each.label), day: formatDay(each.at) };
    return t("wallet.businesses.delete.letter.item", params);
  });
  return [
    t("wallet.businesses.delete.letter.to", { name: business.name, host: business.host }),
    "",
    t("wallet.businesses.delete.letter.ask"),
    ...seen,
    "",
    t("wallet.businesses.delete.letter.answer"),
  ].join("\n");
}
