/** Services of offices that do not exist, and what they mean for somebody with these cards. */
import type { CardDetail, Entitlement, Localized, OfferedService, Services } from "../types";
import { faceOf, typeOf, type Kind } from "./cards";
import { CONFIRMED_AT, OFFICES, type Party } from "./parties";

/** What is held of the list of services. */
export type ServicesPlan = "some" | "many" | "none" | "old" | "missing";

interface Plan {
  id: string;
  name: Localized;
  text: Localized;
  office: Party;
  law: Localized;
  /** The card that it takes; everybody can use it where none is named. */
  needs?: Kind;
  /** Its rule says no of everybody here. */
  refuses?: boolean;
  fee?: number;
  days?: number;
  page?: string;
}

const HOST = "https://nordmark.example";

const PLANS: Plan[] = [
  {
    id: "library",
    name: { en: "Library card", de: "Bibliotheksausweis", fr: "Carte de bibliothèque" },
    text: {
      en: "Borrow books in every library of the town.",
      de: "Bücher in allen Bibliotheken der Stadt ausleihen.",
      fr: "Emprunter des livres dans toutes les bibliothèques de la ville.",
    },
    office: OFFICES.population,
    law: { en: "Library Act", de: "Bibliotheksgesetz", fr: "Loi sur les bibliothèques" },
    needs: "residence",
    fee: 1200,
    days: 3,
    page: `${HOST}/library`,
  },
  {
    id: "parking",
    name: { en: "Parking permit", de: "Bewohnerparkausweis", fr: "Carte de stationnement" },
    text: {
      en: "Park in the street where you live.",
      de: "In der Straße parken, in der Sie wohnen.",
      fr: "Se garer dans la rue où vous habitez.",
    },
    office: OFFICES.transport,
    law: { en: "Road Traffic Act", de: "Straßenverkehrsgesetz", fr: "Loi sur la circulation routière" },
    needs: "licence",
    fee: 3070,
    days: 14,
    page: `${HOST}/parking`,
  },
  {
    id: "trade",
    name: {
      en: "Extract for your business",
      de: "Auszug für Ihr Unternehmen",
      fr: "Extrait pour votre entreprise",
    },
    text: {
      en: "What the register says about a business you act for.",
      de: "Was das Register über ein Unternehmen sagt, für das Sie handeln.",
      fr: "Ce que le registre dit d’une entreprise pour laquelle vous agissez.",
    },
    office: OFFICES.trade,
    law: { en: "Commercial Code", de: "Handelsgesetzbuch", fr: "Code de commerce" },
    needs: "business",
  },
  {
    id: "youth",
    name: { en: "Youth travel pass", de: "Jugendticket", fr: "Abonnement jeune" },
    text: {
      en: "Buses and trains for people under 18.",
      de: "Bus und Bahn für Menschen unter 18.",
      fr: "Bus et trains pour les moins de 18 ans.",
    },
    office: OFFICES.transport,
    law: { en: "Transport Act", de: "Beförderungsgesetz", fr: "Loi sur les transports" },
    needs: "person",
    refuses: true,
    days: 30,
  },
  {
    id: "noise",
    name: { en: "Report noise", de: "Lärm melden", fr: "Signaler du bruit" },
    text: {
      en: "Tell the office about noise at night.",
      de: "Dem Amt nächtlichen Lärm melden.",
      fr: "Signaler à l’office du bruit la nuit.",
    },
    office: OFFICES.population,
    law: { en: "Noise Ordinance", de: "Lärmschutzverordnung", fr: "Ordonnance sur le bruit" },
    days: 5,
    page: `${HOST}/noise`,
  },
];

const ISSUED_BY: Record<Kind, Party> = {
  person: OFFICES.population,
  residence: OFFICES.population,
  licence: OFFICES.transport,
  business: OFFICES.trade,
};

function answer({ needs, refuses }: Plan, cards: readonly CardDetail[]): Entitlement {
  if (needs === undefined) return { state: "can_use" };
  const own = cards.filter((card) => card.type === typeOf(needs) && !card.pending);
  if (own.some((card) => card.status === "valid")) return { state: refuses ? "cannot_use" : "can_use" };
  if (own.some((card) => card.status === "unknown"))
    return { state: "cannot_be_told", why: "status_unknown" };
  const lacked = {
    cardType: typeOf(needs),
    name: faceOf(needs).title,
    issuers: [ISSUED_BY[needs]],
    yours: own[0]?.status ?? null,
  };
  return { state: "lacks_card", cards: [lacked] };
}

function offered(plan: Plan, cards: readonly CardDetail[]): OfferedService {
  const { id, name, text, office } = plan;
  return {
    id,
    name,
    text,
    offeredBy: office,
    competent: office,
    legalBasis: [{ name: plan.law, uri: `${HOST}/law/${id}` }],
    fee: plan.fee === undefined ? null : { amount: plan.fee, currency: "EUR" },
    timeLimitDays: plan.days ?? null,
    page: plan.page ?? null,
    complaints: `${HOST}/complaints`,
    answer: answer(plan, cards),
  };
}

function planned(plan: ServicesPlan): Plan[] {
  if (plan === "none") return [];
  if (plan !== "many") return PLANS;
  return Array.from({ length: 120 }, (_, index) => {
    const one = PLANS[index % PLANS.length] ?? PLANS[0]!;
    const numbered = Object.entries(one.name).map(([tag, name]) => [tag, `${name} ${index + 1}`]);
    return { ...one, id: `${one.id}-${index}`, name: Object.fromEntries(numbered) as Localized };
  });
}

/** The list, and what it means for somebody with these cards. */
export function servicesFor(plan: ServicesPlan, cards: readonly CardDetail[]): Services {
  if (plan === "missing") {
    return { confirmedAt: null, age: { state: "missing" }, cardsConfirmedAt: null, services: [] };
  }
  const hours = plan === "old" ? 75 : 2;
  return {
    confirmedAt: CONFIRMED_AT - hours * 3_600,
    age: { state: plan === "old" ? "old" : "ready", hours },
    cardsConfirmedAt: cards.length > 0 ? CONFIRMED_AT : null,
    services: planned(plan).map((each) => offered(each, cards)),
  };
}
