/** The links this backend knows: what an office or a business would answer behind each. */
import type { Foretold, Localized, Proof, RequestView, WalletError } from "../types";
import type { Kind } from "./cards";
import { BUSINESSES, OFFICES, type Party } from "./parties";
import { ADA, KARIM, type Person } from "./people";

/** Something goes wrong, with a stable code. */
export type Fault = WalletError["code"];

export interface OfferPlan {
  kind: "offer";
  office: Party;
  cards: Kind[];
  about: Person;
  publiclyRecorded: boolean;
  txCode?: { numeric: boolean; length: number | null; hint: string | null; right: string };
  /** Instead of the preview. */
  refused?: Fault;
  /** Instead of the cards. */
  fails?: Fault;
  /** May be accepted once only. */
  once?: boolean;
}

/** What is asked of one card. */
export interface Ask {
  card: Kind;
  needed: string[];
  optional?: string[];
  /** Travels with every answer from this card, asked for or not. */
  always?: string[];
  /** Needed although the recorded rule does without it. */
  beyond?: string[];
}

export interface RequestPlan {
  kind: "request";
  who: Party;
  registration: RequestView["who"]["registration"];
  nameLooksOdd?: boolean;
  why: Localized | null;
  kept: RequestView["kept"];
  /** What is new since the last time. */
  widened?: {
    daysAgo: number;
    claims: Localized[];
    needed: Localized[];
    notEnough: Localized[][];
    choose: Localized[][];
    keptBefore: number | null;
  };
  inPerson?: boolean;
  asks: Ask[];
  /** What they could not ask once, for whoever never shared with them. */
  earlierRecord?: { daysAgo: number; lacked: Localized[] };
  /** What the answer will be, where the rule is publicly recorded. */
  answers?: Foretold[];
  crossDevice?: boolean;
  again?: boolean;
  /** Seconds until it runs out. */
  livesFor?: number;
  openedHost?: string;
  refused?: { code: Fault; claim?: string };
  fails?: Fault;
  /** Of a challenge alone, which is answered without a network: what is said about the proofs. */
  proof?: Proof;
}

export type LinkPlan = OfferPlan | RequestPlan;

const OFFER: OfferPlan = {
  kind: "offer",
  office: OFFICES.population,
  cards: ["person"],
  about: ADA,
  publiclyRecorded: true,
};

const REQUEST: RequestPlan = {
  kind: "request",
  who: BUSINESSES.shop,
  registration: "registered",
  why: {
    en: "Selling wine only to adults",
    de: "Wein nur an Erwachsene verkaufen",
    fr: "Ne vendre du vin qu’aux adultes",
  },
  kept: { kind: "no" },
  asks: [{ card: "person", needed: ["age_over_18"] }],
};

/** Nobody here has recorded what strangers want and keep. */
const FOREIGN: RequestPlan = {
  ...REQUEST,
  who: BUSINESSES.foreign,
  registration: "foreign",
  why: null,
  kept: { kind: "not_said" },
};

const HOTEL: RequestPlan = {
  ...REQUEST,
  who: BUSINESSES.hotel,
  why: {
    en: "Registering guests, as the law requires",
    de: "Gäste anmelden, wie es das Gesetz verlangt",
    fr: "Enregistrer les clients, comme la loi l’exige",
  },
  kept: { kind: "days", days: 365 },
  asks: [
    { card: "person", needed: ["given_name", "family_name", "birth_date", "nationality"] },
    { card: "residence", needed: ["locality"], optional: ["street_address"] },
  ],
};

/** By the name behind `openid-credential-offer://demo/` or `openid4vp://demo/`. */
export const LINKS: Record<string, LinkPlan> = {
  offer: OFFER,
  offer_tx: {
    ...OFFER,
    txCode: { numeric: true, length: 6, hint: "The code is in the letter you received.", right: "493027" },
  },
  offer_two: { ...OFFER, cards: ["person", "residence"] },
  offer_unrecorded: {
    ...OFFER,
    office: OFFICES.unrecorded,
    cards: ["business"],
    publiclyRecorded: false,
  },
  offer_other_person: { ...OFFER, about: KARIM },
  offer_gone: { ...OFFER, refused: "offer_gone" },
  offer_unknown: { ...OFFER, refused: "issuer_unknown" },
  offer_unreachable: { ...OFFER, refused: "issuer_unreachable" },
  offer_full: { ...OFFER, fails: "storage_full" },
  offer_damaged: { ...OFFER, fails: "card_invalid" },
  offer_later: { ...OFFER, fails: "issuance_deferred" },
  request: REQUEST,
  request_two_claims: {
    ...REQUEST,
    asks: [{ card: "person", needed: ["given_name", "family_name"] }],
    openedHost: BUSINESSES.shop.host,
  },
  request_four_claims: {
    ...REQUEST,
    asks: [
      {
        card: "person",
        needed: ["given_name", "family_name", "birth_date"],
        optional: ["portrait"],
      },
    ],
  },
  request_four_cross_device: {
    ...REQUEST,
    asks: [{ card: "person", needed: ["given_name", "family_name", "birth_date", "nationality"] }],
    crossDevice: true,
  },
  request_optional: {
    ...REQUEST,
    asks: [{ card: "person", needed: ["age_over_18"], optional: ["given_name", "portrait"] }],
  },
  request_mostly_optional: {
    ...REQUEST,
    asks: [
      {
        card: "person",
        needed: ["age_over_18"],
        optional: ["given_name", "family_name", "portrait"],
      },
    ],
  },
  request_kept: HOTEL,
  request_widened: {
    ...HOTEL,
    widened: {
      daysAgo: 40,
      claims: [{ en: "Street and house number", de: "Straße und Hausnummer", fr: "Rue et numéro" }],
      needed: [{ en: "Nationality", de: "Staatsangehörigkeit", fr: "Nationalité" }],
      notEnough: [
        [
          { en: "Family name", de: "Familienname", fr: "Nom" },
          { en: "Date of birth", de: "Geburtsdatum", fr: "Date de naissance" },
        ],
      ],
      choose: [],
      keptBefore: 0,
    },
  },
  request_earlier_record: {
    ...HOTEL,
    earlierRecord: {
      daysAgo: 40,
      lacked: [{ en: "Street and house number", de: "Straße und Hausnummer", fr: "Rue et numéro" }],
    },
  },
  request_kept_longest: { ...REQUEST, kept: { kind: "days", days: 3_653 } },
  request_two_cards: {
    ...REQUEST,
    why: {
      en: "Sale of fireworks to adults who live here",
      de: "Verkauf von Feuerwerk an Erwachsene, die hier wohnen",
      fr: "Vente de feux d’artifice aux adultes qui habitent ici",
    },
    asks: [
      { card: "person", needed: ["age_over_18"] },
      { card: "residence", needed: ["country"] },
    ],
  },
  request_foretold: {
    ...REQUEST,
    asks: [{ card: "person", needed: ["age_over_18"], optional: ["birth_date"] }],
    answers: [
      { with: [], answer: "yes" },
      { with: ["birth_date"], answer: "yes" },
    ],
  },
  request_foretold_no: { ...REQUEST, answers: [{ with: [], answer: "no" }] },
  request_cannot_be_told: {
    ...REQUEST,
    asks: [{ card: "person", needed: ["nationality"], optional: ["age_over_18"] }],
    answers: [
      { with: [], answer: "cannot_be_told" },
      { with: ["age_over_18"], answer: "yes" },
    ],
  },
  request_beyond_rule: {
    ...REQUEST,
    asks: [
      {
        card: "person",
        needed: ["age_over_18", "family_name", "birth_date"],
        beyond: ["family_name", "birth_date"],
      },
    ],
    answers: [{ with: [], answer: "yes" }],
  },
  request_always: {
    ...REQUEST,
    asks: [{ card: "person", needed: ["age_over_18"], always: ["nationality", "personal_number"] }],
  },
  request_in_person: { ...REQUEST, who: BUSINESSES.club, inPerson: true },
  request_foreign: FOREIGN,
  request_foreign_keeps: { ...FOREIGN, kept: { kind: "said" } },
  request_odd_name: { ...FOREIGN, who: BUSINESSES.odd, nameLooksOdd: true },
  request_long_name: { ...REQUEST, who: BUSINESSES.long },
  request_cross_device: { ...REQUEST, crossDevice: true, openedHost: BUSINESSES.shop.host },
  request_again: { ...REQUEST, again: true },
  request_expiring: { ...REQUEST, livesFor: 45 },
  request_expiring_four: {
    ...REQUEST,
    asks: [{ card: "person", needed: ["given_name", "family_name", "birth_date", "nationality"] }],
    livesFor: 45,
  },
  other_rule: { ...REQUEST, refused: { code: "rule_not_recorded" } },
  over_asking: { ...REQUEST, refused: { code: "over_asking", claim: "birth_date" } },
  unregistered: {
    ...FOREIGN,
    who: BUSINESSES.nobody,
    registration: "unregistered",
  },
  unregistered_name: {
    ...REQUEST,
    who: BUSINESSES.nobody,
    refused: { code: "verifier_not_registered", claim: "given_name" },
  },
  licence: { ...REQUEST, asks: [{ card: "licence", needed: ["categories"] }] },
  request_gone: { ...REQUEST, refused: { code: "request_gone" } },
  request_unreachable: { ...REQUEST, refused: { code: "verifier_unreachable" } },
  could_not_check: { ...REQUEST, refused: { code: "ledger_stale" } },
  wrong_clock: { ...REQUEST, refused: { code: "clock_wrong" } },
  no_longer_registered: { ...REQUEST, refused: { code: "verifier_not_in_record" } },
  request_no_reply: { ...REQUEST, fails: "maybe_received" },
  request_not_taken: { ...REQUEST, fails: "answer_not_accepted" },
  request_not_sent: { ...REQUEST, fails: "verifier_unreachable" },
};

const SCHEMES = ["openid-credential-offer:", "haip-vci:", "openid4vp:", "haip-vp:"];

/** The link under which a plan can be opened. */
export function linkTo(name: string): string {
  const scheme = LINKS[name]?.kind === "offer" ? "openid-credential-offer" : "openid4vp";
  return `${scheme}://demo/${name}`;
}

/** What is behind a link, or the code that says why there is nothing. */
export function planOf(link: string): LinkPlan | Fault {
  const text = link.trim();
  if (!SCHEMES.some((scheme) => text.toLowerCase().startsWith(`${scheme}//`))) return "not_a_code";
  const name = text.split("/").at(-1) ?? "";
  return LINKS[name] ?? "link_not_supported";
}
