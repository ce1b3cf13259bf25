/**
 * The sample card and the practice request: made here, in the reader's language, known to no wallet
 * and sent to nobody.
 */
import { currentLanguage, t } from "@holdfast/ui/messages";
import type { CardClaim, CardSummary, ClaimGroup, ClaimValue, Localized, RequestView } from "./backend/types";
import { nowSeconds } from "./format";

/** The card as far as it is drawn. */
export function sampleCard(): CardSummary {
  return {
    id: "sample",
    type: "sample",
    face: {
      title: said("title"),
      issuer: said("issuer"),
      background: "#5b3a6b",
      text: "#ffffff",
    },
    host: t("wallet.sample.host"),
    status: "valid",
    statusAt: null,
    receivedAt: nowSeconds(),
    validUntil: null,
    copies: { online: 1, offline: 1 },
    pending: false,
  };
}

/** What stands on it. */
export function sampleGroups(): ClaimGroup[] {
  return [
    {
      id: "person",
      claims: [
        claim("given_name", { kind: "text", text: t("wallet.sample.given_name_value") }),
        claim("family_name", { kind: "text", text: t("wallet.sample.family_name_value") }),
        claim("birth_date", { kind: "date", date: "1990-02-28" }),
        claim("over_18", { kind: "yes_no", yes: true }),
      ],
    },
    { id: "address", claims: [claim("locality", { kind: "text", text: t("wallet.sample.locality_value") })] },
    { id: "document", claims: [claim("member", { kind: "text", text: t("wallet.sample.member_value") })] },
  ];
}

/** Somebody who does not exist asks for the least there is. */
export function practiceRequest(): RequestView {
  const claims = sampleGroups().flatMap((group) => group.claims);
  const of = (...names: string[]) => claims.filter(({ name }) => names.includes(name));
  const [needed, optional] = [of("over_18"), of("given_name")];
  return {
    handle: "practice",
    who: {
      name: said("shop"),
      host: t("wallet.sample.shop_host"),
      registration: "registered",
      nameLooksOdd: false,
      record: null,
    },
    why: {
      text: said("why"),
      privacyPolicy: `https://${t("wallet.sample.shop_host")}/privacy`,
      inPerson: false,
    },
    kept: { kind: "no" },
    cards: [
      {
        card: sampleCard(),
        needed,
        optional,
        withheld: claims
          .filter((each) => !needed.includes(each) && !optional.includes(each))
          .map((each) => each.label),
        always: [],
        beyond: [],
        shownBefore: false,
        proof: { state: "not_needed" },
      },
    ],
    answers: null,
    again: false,
    crossDevice: false,
    offline: false,
    expiresAt: nowSeconds() + 3600,
  };
}

function claim(name: string, value: ClaimValue): CardClaim {
  return { name, label: said(name), value };
}

/** A word of ours in the form in which others give theirs. */
function said(key: string): Localized {
  return { [currentLanguage()]: t(`wallet.sample.${key}`) };
}
