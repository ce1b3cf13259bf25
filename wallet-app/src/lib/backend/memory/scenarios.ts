/** Named states of a wallet, for tests, for pictures, and for trying screens out in a browser. */
import type { AppState, Backend, CardDetail, HistoryItem, OfflineReadiness } from "../types";
import { PARTS } from "./challenges";
import { makeCard } from "./cards";
import { longHistory, shortHistory } from "./history";
import { linkTo } from "./links";
import { CONFIRMED_AT, OFFICES } from "./parties";
import { ADA } from "./people";
import type { ServicesPlan } from "./services";

/** What the camera does when it is asked for. */
export type CameraPlan =
  | { kind: "absent" }
  | { kind: "sees"; text: string | null }
  | PartsPlan
  | { kind: "fails"; code: "camera_missing" | "camera_denied" | "camera_busy" }
  | { kind: "lost_after"; frames: number };

/** Sees the parts of a challenge, one after the other. */
export interface PartsPlan {
  kind: "sees_parts";
  challenge: string;
  /** More than so many do not come. */
  until: number;
  /** One of them is damaged. */
  altered: boolean;
}

export interface Scenario {
  phase: AppState["phase"];
  secretKind: AppState["secretKind"];
  keyring: AppState["keyring"];
  /** Wrong tries so far, the last of them just now. */
  wrongTries: number;
  cards: CardDetail[];
  history: HistoryItem[];
  /** Handed over by the system once the wallet is open. */
  link: string | null;
  camera: CameraPlan;
  /** Every call takes so long. */
  delayMs: number;
  /** How many status lists cannot be read. */
  statusFailures: number;
  offline: OfflineReadiness;
  services: ServicesPlan;
  /** Why the list of services cannot be had anew. */
  servicesFailed: string | null;
  /** Calls that never come to an end. */
  hangs: (keyof Backend)[];
  /** Calls that fail, and with which code. */
  fails: Partial<Record<keyof Backend, string>>;
  sampleCard: boolean;
  /** It is known whom the wallet trusts. */
  belongs: boolean;
  /** Chosen before; `null`: the system's. */
  language: AppState["language"];
}

/** What opens every wallet here. */
export const PASSPHRASE = "correct horse battery";
export const PIN = "274951";

const READY: OfflineReadiness = {
  confirmedAt: CONFIRMED_AT - 2 * 3_600,
  proofs: { state: "ready", hours: 2 },
  twoHistories: false,
};
const AGED: OfflineReadiness = {
  confirmedAt: CONFIRMED_AT - 30 * 3_600,
  proofs: { state: "old", hours: 30 },
  twoHistories: false,
};
const NO_PROOFS: OfflineReadiness = { confirmedAt: null, proofs: { state: "missing" }, twoHistories: false };

function threeCards(): CardDetail[] {
  return [makeCard("person", ADA), makeCard("residence", ADA), makeCard("licence", ADA)];
}

function ordinary(): Scenario {
  return {
    phase: "open",
    secretKind: "passphrase",
    keyring: "available",
    wrongTries: 0,
    cards: threeCards(),
    history: shortHistory(),
    link: null,
    camera: { kind: "sees", text: null },
    delayMs: 0,
    statusFailures: 0,
    offline: READY,
    services: "some",
    servicesFailed: null,
    hangs: [],
    fails: {},
    sampleCard: false,
    belongs: true,
    language: null,
  };
}

function of(changes: Partial<Scenario>): () => Scenario {
  return () => ({ ...ordinary(), ...changes });
}

/** An ordinary wallet to which the system hands a link. */
function opening(name: string, changes: Partial<Scenario> = {}): () => Scenario {
  return of({ link: linkTo(name), ...changes });
}

/** A wallet whose camera sees a challenge. */
function scanning(
  challenge: string,
  changes: Partial<Scenario> = {},
  parts: Partial<PartsPlan> = {},
): () => Scenario {
  const camera = { kind: "sees_parts", challenge, until: PARTS, altered: false, ...parts } as const;
  return of({ camera, ...changes });
}

const EMPTY: Partial<Scenario> = { cards: [], history: [] };
const NEW: Partial<Scenario> = { ...EMPTY, phase: "first_run" };

function manyCards(): CardDetail[] {
  const kinds = ["person", "residence", "licence", "business"] as const;
  return Array.from({ length: 200 }, (_, index) =>
    makeCard(kinds[index % kinds.length] ?? "person", ADA, {
      id: `card-${index + 1}`,
      receivedAt: CONFIRMED_AT - index * 43_200,
      status: index % 23 === 7 ? "expired" : "valid",
    }),
  );
}

function everyStatus(): CardDetail[] {
  const day = 86_400;
  return [
    makeCard("person", ADA, { id: "valid", status: "valid" }),
    makeCard("residence", ADA, { id: "suspended", status: "suspended" }),
    makeCard("licence", ADA, { id: "revoked", status: "revoked" }),
    makeCard("business", ADA, {
      id: "expired",
      status: "expired",
      validUntil: CONFIRMED_AT - 3 * day,
    }),
    makeCard("residence", ADA, {
      id: "unknown",
      status: "unknown",
      statusAt: null,
      successor: { ...OFFICES.transport, since: CONFIRMED_AT - 9 * day },
    }),
    makeCard("licence", ADA, {
      id: "not_yet_valid",
      status: "not_yet_valid",
      validUntil: CONFIRMED_AT + 900 * day,
    }),
    makeCard("person", ADA, { id: "last_copy", copies: { online: 1, offline: 0 } }),
    // A card whose own colours cannot be read.
    makeCard("business", ADA, { id: "pale", face: { background: "#f4f1de", text: "#fffdf0" } }),
  ];
}

function onePending(): CardDetail[] {
  return [...threeCards(), makeCard("business", ADA, { pending: true })];
}

function twoPending(): CardDetail[] {
  return [makeCard("person", ADA, { pending: true }), makeCard("residence", ADA, { pending: true })];
}

/** What no wallet lets pass: it would run, and fetch. */
const PROGRAM = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 252" onload="parent.document.title='ran'">
  <script>parent.document.title = "ran"</script><rect width="400" height="252" fill="#2f5d50"/>
  <image href="https://elsewhere.example/seen.png" width="9" height="9"/></svg>`;

/** Every scenario, by its name. */
export const SCENARIOS = {
  first_run: of(NEW),
  first_run_anywhere: of({ ...NEW, belongs: false }),
  keyring_absent: of({ ...NEW, keyring: "absent" }),
  first_run_keyring_locked: of({ ...NEW, keyring: "locked" }),
  keyring_locked: of({ phase: "locked", keyring: "locked" }),
  keyring_lost: of({ phase: "locked", fails: { unlock: "keyring_entry_missing" } }),
  vault_altered: of({ phase: "locked", fails: { unlock: "vault_altered" } }),
  start_fails: of({ fails: { state: "profile_unusable" } }),
  start_hangs: of({ hangs: ["state"] }),
  first_run_hangs: of({ ...NEW, hangs: ["create"] }),
  locked: of({ phase: "locked" }),
  unlock_hangs: of({ phase: "locked", hangs: ["unlock"] }),
  pin: of({ phase: "locked", secretKind: "pin" }),
  wrong_tries: of({ phase: "locked", wrongTries: 3 }),
  locked_out: of({ phase: "locked", wrongTries: 5 }),
  empty: of({ ...EMPTY }),
  sample_card: of({ ...EMPTY, sampleCard: true }),
  three_cards: of({}),
  many_cards: of({ cards: manyCards() }),
  one_pending: of({ cards: onePending() }),
  statuses: of({ cards: everyStatus() }),
  drawing_is_a_program: of({
    cards: [
      makeCard("residence", ADA, { drawing: { en: `data:image/svg+xml,${encodeURIComponent(PROGRAM)}` } }),
    ],
  }),
  status_unavailable: of({ statusFailures: 2 }),
  status_offline: of({ fails: { refreshStatus: "ledger_unreachable" } }),
  cards_hang: of({ hangs: ["cards", "card", "pendingCards"] }),
  cards_unreadable: of({ fails: { cards: "vault_damaged", card: "vault_damaged" } }),
  pending_unreadable: of({ cards: onePending(), fails: { pendingCards: "vault_damaged" } }),
  pending_two: of({ cards: twoPending() }),
  trust_hangs: of({ hangs: ["trustedList", "openTrustedList"] }),
  settings_hang: of({ hangs: ["changeSecret", "reset"] }),
  settings_unsaved: of({ fails: { setPreferences: "storage_full" } }),
  secret_locked_out: of({ wrongTries: 5 }),
  reset_fails: of({ fails: { reset: "storage_full" } }),
  statuses_unknown: of({ cards: [makeCard("residence", ADA, { status: "unknown", statusAt: null })] }),
  services_none: of({ services: "none" }),
  services_many: of({ services: "many" }),
  services_old: of({ services: "old" }),
  services_missing: of({ services: "missing" }),
  services_hang: of({ hangs: ["services"] }),
  services_unreadable: of({ fails: { services: "vault_damaged" } }),
  services_unproved: of({ services: "old", servicesFailed: "ledger_proof_invalid" }),
  services_unreachable: of({ services: "old", fails: { refreshProofs: "proofs_unreachable" } }),
  history_hangs: of({ hangs: ["history", "businesses"] }),
  history_unreadable: of({ fails: { history: "vault_damaged", businesses: "vault_damaged" } }),
  complaint_unwritable: of({ fails: { saveComplaint: "complaint_unwritable" } }),
  history_empty: of({ history: [] }),
  history_long: of({ history: longHistory() }),
  offer: opening("offer", EMPTY),
  offer_tx: opening("offer_tx", EMPTY),
  offer_two: opening("offer_two", EMPTY),
  offer_unrecorded: opening("offer_unrecorded"),
  offer_other_person: opening("offer_other_person", EMPTY),
  offer_gone: opening("offer_gone"),
  offer_unknown: opening("offer_unknown"),
  offer_later: opening("offer_later"),
  offer_damaged: opening("offer_damaged"),
  storage_full: opening("offer_full"),
  request: opening("request"),
  request_two_claims: opening("request_two_claims"),
  request_four_claims: opening("request_four_claims"),
  request_four_cross_device: opening("request_four_cross_device"),
  request_optional: opening("request_optional"),
  request_mostly_optional: opening("request_mostly_optional"),
  request_kept: opening("request_kept"),
  request_widened: opening("request_widened"),
  request_earlier_record: opening("request_earlier_record"),
  request_kept_longest: opening("request_kept_longest"),
  request_two_cards: opening("request_two_cards"),
  request_foretold: opening("request_foretold"),
  request_foretold_no: opening("request_foretold_no"),
  request_cannot_be_told: opening("request_cannot_be_told"),
  request_beyond_rule: opening("request_beyond_rule"),
  other_rule: opening("other_rule"),
  request_always: opening("request_always"),
  request_in_person: opening("request_in_person"),
  request_foreign: opening("request_foreign"),
  request_foreign_keeps: opening("request_foreign_keeps"),
  request_odd_name: opening("request_odd_name"),
  request_long_name: opening("request_long_name"),
  request_cross_device: opening("request_cross_device"),
  request_again: opening("request_again"),
  request_expiring: opening("request_expiring"),
  request_expiring_four: opening("request_expiring_four"),
  request_gone: opening("request_gone"),
  request_no_reply: opening("request_no_reply"),
  request_not_taken: opening("request_not_taken"),
  request_not_sent: opening("request_not_sent"),
  over_asking: opening("over_asking"),
  unregistered: opening("unregistered"),
  unregistered_name: opening("unregistered_name"),
  no_match: opening("licence", { cards: [makeCard("person", ADA)] }),
  request_withdrawn: opening("request", {
    cards: [makeCard("person", ADA, { status: "revoked" })],
  }),
  request_status_unknown: opening("request", {
    cards: [makeCard("person", ADA, { status: "unknown", statusAt: null })],
  }),
  request_last_copy: opening("request", {
    cards: [makeCard("person", ADA, { copies: { online: 1, offline: 0 } })],
  }),
  request_shown_before: opening("request", {
    cards: [makeCard("person", ADA, { copies: { online: 0, offline: 0 } })],
  }),
  no_copy_left: opening("unregistered", {
    cards: [makeCard("person", ADA, { copies: { online: 0, offline: 0 } })],
  }),
  offline: opening("request_unreachable"),
  could_not_check: opening("could_not_check"),
  wrong_clock: opening("wrong_clock"),
  no_longer_registered: opening("no_longer_registered"),
  foreign_code: of({ link: "https://menu.cafe-am-markt.example/today" }),
  slow: opening("offer", { delayMs: 3_000 }),
  camera: of({}),
  camera_hangs: of({ hangs: ["startCamera"] }),
  camera_code: of({ camera: { kind: "sees", text: linkTo("request_cross_device") } }),
  camera_foreign_code: of({ camera: { kind: "sees", text: "BEGIN:VCARD" } }),
  camera_absent: of({ camera: { kind: "absent" } }),
  camera_missing: of({ camera: { kind: "fails", code: "camera_missing" } }),
  camera_denied: of({ camera: { kind: "fails", code: "camera_denied" } }),
  camera_busy: of({ camera: { kind: "fails", code: "camera_busy" } }),
  camera_lost: of({ camera: { kind: "lost_after", frames: 8 } }),
  parts: scanning("challenge", {}, { until: 2 }),
  parts_altered: scanning("challenge", {}, { altered: true }),
  challenge: scanning("challenge"),
  challenge_optional: scanning("challenge_optional"),
  challenge_needs_nothing: scanning("challenge_needs_nothing"),
  challenge_not_held: scanning("challenge_not_held", { offline: NO_PROOFS }),
  challenge_too_old: scanning("challenge_too_old", { offline: AGED }),
  challenge_status_differs: scanning("challenge_status_differs"),
  challenge_not_recorded: scanning("challenge_not_recorded"),
  challenge_expiring: scanning("challenge_expiring"),
  challenge_no_match: scanning("challenge_licence", { cards: [makeCard("person", ADA)] }),
  challenge_last_copy: scanning("challenge", {
    cards: [makeCard("person", ADA, { copies: { online: 24, offline: 1 } })],
  }),
  challenge_shown_before: scanning("challenge", {
    cards: [makeCard("person", ADA, { copies: { online: 24, offline: 0 } })],
  }),
  challenge_over_asking: scanning("challenge_over_asking"),
  challenge_old: scanning("challenge_old"),
  challenge_early: scanning("challenge_early"),
  challenge_expired: scanning("challenge_expired"),
  challenge_split: scanning("challenge_split"),
  challenge_unknown: scanning("challenge_of_nobody"),
  challenge_long: scanning("challenge_long"),
  challenge_hangs: scanning("challenge", { hangs: ["show"] }),
  read_unnoted: scanning("challenge", { fails: { wasRead: "storage_full" } }),
  proofs_old: of({ offline: AGED }),
  proofs_missing: of({ offline: NO_PROOFS }),
  proofs_unreachable: of({ offline: AGED, fails: { refreshProofs: "proofs_unreachable" } }),
  proofs_hang: of({ hangs: ["refreshProofs"] }),
  two_histories: of({ offline: { ...AGED, twoHistories: true } }),
  evidence_unwritable: of({
    offline: { ...AGED, twoHistories: true },
    fails: { saveEvidence: "evidence_unwritable" },
  }),
} satisfies Record<string, () => Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;

/** Whether there is a scenario of this name. */
export function isScenario(name: string | null): name is ScenarioName {
  return name !== null && Object.hasOwn(SCENARIOS, name);
}
