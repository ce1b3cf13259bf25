/** Cards as the wallet would give them, from the card types this repository publishes. */
import business from "../../../../../schemas/business-representative.json";
import licence from "../../../../../schemas/driving-licence.json";
import person from "../../../../../schemas/person-identification.json";
import residence from "../../../../../schemas/residence.json";
import type {
  CardClaim,
  CardDetail,
  CardFace,
  CardStatus,
  ClaimGroup,
  ClaimValue,
  Localized,
} from "../types";
import { CONFIRMED_AT, OFFICES, recordOf } from "./parties";
import type { Person } from "./people";
import { drawingOf, PORTRAIT } from "./pictures";

export type Kind = "person" | "residence" | "licence" | "business";

const TYPES = { person, residence, licence, business };

const ISSUED_BY = {
  person: OFFICES.population,
  residence: OFFICES.population,
  licence: OFFICES.transport,
  business: OFFICES.trade,
};

const GROUPS: Record<string, string> = {
  street_address: "address",
  postal_code: "address",
  locality: "address",
  region: "address",
  country: "address",
  resident_since: "address",
  categories: "permission",
  role: "permission",
  valid_powers: "permission",
  licence_number: "document",
  issue_date: "document",
  expiry_date: "document",
  organisation_name: "other",
  organisation_number: "other",
};

const GROUP_ORDER = ["person", "address", "permission", "document", "other"];

/** The card type's name on the wire. */
export function typeOf(kind: Kind): string {
  return TYPES[kind].vct;
}

/** How a card looks and who issues it. */
export function faceOf(kind: Kind): CardFace {
  const display = TYPES[kind].display;
  const colours = display[0]?.rendering.simple;
  return {
    title: Object.fromEntries(display.map((shown) => [shown.locale, shown.name])),
    issuer: ISSUED_BY[kind].name,
    background: colours?.background_color ?? null,
    text: colours?.text_color ?? null,
  };
}

/** What a card of a type says, by name and label. */
export function claimsOf(kind: Kind): { name: string; label: Localized }[] {
  return TYPES[kind].claims.map((claim) => ({
    name: claim.path.join("."),
    label: Object.fromEntries(claim.display.map((shown) => [shown.locale, shown.label])),
  }));
}

function valueOf(kind: Kind, name: string, raw: string | boolean | readonly string[]): ClaimValue {
  const type = TYPES[kind].claims.find((claim) => claim.path.join(".") === name)?.value_type;
  if (type === "image") return { kind: "picture", source: PORTRAIT };
  if (typeof raw === "boolean") return { kind: "yes_no", yes: raw };
  if (typeof raw !== "string") return { kind: "list", items: [...raw] };
  return type === "date" ? { kind: "date", date: raw } : { kind: "text", text: raw };
}

function groupsOf(kind: Kind, holder: Person): ClaimGroup[] {
  const groups = new Map<string, CardClaim[]>(GROUP_ORDER.map((id) => [id, []]));
  for (const { name, label } of claimsOf(kind)) {
    const raw = holder[kind][name];
    if (raw === undefined) continue;
    const id = GROUPS[name] ?? "person";
    groups.set(id, [...(groups.get(id) ?? []), { name, label, value: valueOf(kind, name, raw) }]);
  }
  return [...groups].filter(([, claims]) => claims.length > 0).map(([id, claims]) => ({ id, claims }));
}

interface Rendered {
  rendering: { simple: unknown; svg_templates?: readonly { uri: string }[] };
}

/** The card type's own drawing, where it has one, with what the card says. */
function drawnBy(kind: Kind, holder: Person): Localized | null {
  const display: readonly Rendered[] = TYPES[kind].display;
  const [drawn] = display.flatMap(({ rendering }) => rendering.svg_templates ?? []);
  return drawn ? { en: drawingOf(drawn.uri, (name) => String(holder[kind][name] ?? "")) } : null;
}

/** What may differ from an ordinary card. */
export interface CardOptions {
  id?: string;
  status?: CardStatus;
  validUntil?: number | null;
  receivedAt?: number;
  statusAt?: number | null;
  pending?: boolean;
  face?: Partial<CardFace>;
  copies?: { online: number; offline: number };
  /** As its office wants it drawn. */
  drawing?: Localized | null;
  /** Who goes on for its office. */
  successor?: CardDetail["successor"];
}

/** A card about somebody. Its history is filled in when it is asked for. */
export function makeCard(kind: Kind, holder: Person, options: CardOptions = {}): CardDetail {
  const office = ISSUED_BY[kind];
  return {
    id: options.id ?? kind,
    type: typeOf(kind),
    face: { ...faceOf(kind), ...options.face },
    host: office.host,
    status: options.status ?? "valid",
    statusAt: options.statusAt === undefined ? CONFIRMED_AT : options.statusAt,
    validUntil: options.validUntil === undefined ? CONFIRMED_AT + 300 * 86_400 : options.validUntil,
    copies: options.copies ?? { online: 24, offline: 6 },
    pending: options.pending ?? false,
    groups: groupsOf(kind, holder),
    drawing: options.drawing === undefined ? drawnBy(kind, holder) : options.drawing,
    receivedAt: options.receivedAt ?? CONFIRMED_AT - 40 * 86_400,
    issuerRecord: recordOf(office),
    successor: options.successor ?? null,
    history: [],
  };
}
