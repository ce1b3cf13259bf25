/** What the agency's service says. Times are Unix seconds, days are `YYYY-MM-DD`. */

export const API = "/console/api/v1";

/** A text per language; English is always there. */
export type Localized = Record<string, string>;

export interface Agency {
  name: Localized;
}

export interface Me {
  name: string;
  role: string;
}

export interface PersonFound {
  id: string;
  given_name: string;
  family_name: string;
  birth_date: string;
  place_of_birth: string;
}

export interface Found {
  people: PersonFound[];
  total: number;
  /** There are more than `total`. */
  more: boolean;
}

export type CardState = "valid" | "suspended" | "revoked";

export interface CardHeld {
  id: string;
  card_type: string;
  state: CardState;
  issued_at: number;
}

export interface Residence {
  street_address: string;
  postal_code: string;
  locality: string;
  country: string;
}

export interface Person extends PersonFound {
  nationality: string;
  sex: string;
  personal_number: string;
  residence: Residence | null;
  has_portrait: boolean;
  /** The types whose data the register holds. */
  offerable: string[];
  cards: CardHeld[];
}

export interface CardType {
  card_type: string;
  name: Localized;
  background: string | null;
  text: string | null;
}

/** An offer as it is handed over; it cannot be read again. */
export interface OfferMade {
  id: string;
  link: string;
  qr_svg: string;
  tx_code: string | null;
  expires_at: number;
}

export interface OfferView {
  state: "offered" | "opened" | "claimed" | "expired" | "locked" | "withdrawn";
  expires_at: number;
}

export type Change = "suspend" | "reactivate" | "revoke";
