/** Offices that issue and businesses that ask; none of them exists. */
import type { Localized, PublicRecord } from "../types";

export interface Party {
  name: Localized;
  host: string;
}

/** Shortly before the moment everything here happens around. */
export const CONFIRMED_AT = Math.floor(Date.now() / 1000) - 120;

export const OFFICES = {
  population: {
    name: {
      en: "Population Office Nordmark",
      de: "Einwohneramt Nordmark",
      fr: "Office de la population Nordmark",
    },
    host: "population.nordmark.example",
  },
  transport: {
    name: {
      en: "Transport Agency Nordmark",
      de: "Verkehrsamt Nordmark",
      fr: "Office des transports Nordmark",
    },
    host: "transport.nordmark.example",
  },
  trade: {
    name: {
      en: "Trade Register Nordmark",
      de: "Handelsregister Nordmark",
      fr: "Registre du commerce Nordmark",
    },
    host: "trade.nordmark.example",
  },
  unrecorded: {
    name: { en: "Sports Club Talbrück", de: "Sportverein Talbrück", fr: "Club sportif Talbrück" },
    host: "cards.sv-talbrueck.example",
  },
} satisfies Record<string, Party>;

export const BUSINESSES = {
  shop: {
    name: { en: "Seeblick Wine Shop", de: "Weinhandlung Seeblick", fr: "Cave Seeblick" },
    host: "shop.seeblick.example",
  },
  hotel: {
    name: { en: "Hotel Hafenstein", de: "Hotel Hafenstein", fr: "Hôtel Hafenstein" },
    host: "check-in.hafenstein.example",
  },
  club: {
    name: { en: "Club Nordlicht", de: "Club Nordlicht", fr: "Club Nordlicht" },
    host: "tuer.nordlicht.example",
  },
  foreign: {
    name: { en: "Bazar du Lac", de: "Bazar du Lac", fr: "Bazar du Lac" },
    host: "bazar-du-lac.example",
  },
  odd: {
    // The second letter is Cyrillic.
    name: { en: "Sеeblick Wine Shop" },
    host: "wine-offers.example",
  },
  // As long as its owner likes.
  long: {
    name: { en: "Sunny Side Holiday Rentals and Friends ".repeat(130) },
    host: "rentals.sunny-side.example",
  },
  nobody: { name: {}, host: "quick-check.example" },
} satisfies Record<string, Party>;

/** What is publicly recorded about a party. */
export function recordOf(party: Party): PublicRecord {
  return {
    id: `did:webvh:QmSYN${party.host.length}EXAMPLE:${party.host}`,
    record: party.name["en"] ?? party.host,
    confirmedAt: CONFIRMED_AT,
    confirmedBy: ["Witness Altenfels", "Witness Rheinau"],
  };
}
