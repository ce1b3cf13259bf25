/**
 * What the window asks of the wallet, and what it gets. One module (`tauri.ts`) knows Tauri; the same
 * interface in memory (`memory.ts`) lets all screens run in a browser under test.
 *
 * Times are Unix seconds. Everything said by others was made plain (no control or bidirectional
 * characters, bounded) before it got here.
 */

/** A text per language; English is always there. */
export type Localized = Record<string, string>;

/** Every command fails with this and nothing else. */
export interface WalletError {
  /** Stable; `errors.<code>` in the catalogues says what happened, what is safe, what to do. */
  code: string;
  params: Record<string, string | number>;
}

export type Language = "en" | "de" | "fr";
export type Theme = "system" | "light" | "dark";
export type SecretKind = "passphrase" | "pin";

/** Before anything is opened. */
export interface AppState {
  phase: "first_run" | "locked" | "open";
  /** How the wallet is opened; for the first run, what is offered first. */
  secretKind: SecretKind;
  /** Whether the system keyring can hold half of the key. Without it a passphrase alone. */
  keyring: "available" | "locked" | "absent";
  /** Seconds until another try is allowed. */
  waitS: number;
  /** Tries left before the next wait. */
  attemptsLeft: number;
  language: Language | null;
  theme: Theme;
  /** Whether a camera can be used here. */
  camera: boolean;
  /** Test cards mean nothing outside: always said. */
  ecosystem: { name: string; mode: "test" | "live" } | null;
}

/** What is said about the list of whom a wallet trusts. */
export interface TrustedList {
  name: string;
  mode: "test" | "live";
  version: number;
  /** Nothing can be checked by it from then on. */
  expiresAt: number;
  /** In groups of four, to be compared. */
  fingerprint: string;
}

/** One that a link led to, and how it stands to what the wallet has. */
export interface OfferedTrusted {
  list: TrustedList;
  comes: "first" | "newer" | "already";
}

export type CardStatus = "valid" | "suspended" | "revoked" | "expired" | "unknown" | "not_yet_valid";

export interface CardFace {
  title: Localized;
  issuer: Localized;
  /** `#rrggbb`; the window checks the contrast itself. */
  background: string | null;
  text: string | null;
}

export interface CardSummary {
  id: string;
  type: string;
  face: CardFace;
  host: string;
  status: CardStatus;
  /** When the status was last confirmed; `null` if never. */
  statusAt: number | null;
  receivedAt: number;
  validUntil: number | null;
  /** How often it can be shown, in all its formats; of a card that is asked for, in the one that would be shown. */
  copies: { online: number; offline: number };
  /** Not confirmed yet: "is this you?" was not answered. */
  pending: boolean;
}

/** One thing a card says. */
export interface CardClaim {
  /** Its path with dots, as `address.locality`. */
  name: string;
  label: Localized;
  value: ClaimValue;
}

export type ClaimValue =
  | { kind: "text"; text: string }
  | { kind: "yes_no"; yes: boolean }
  /** `YYYY-MM-DD` */
  | { kind: "date"; date: string }
  | { kind: "list"; items: string[] }
  /** A data URI, only png or jpeg. Hidden until the person taps it. */
  | { kind: "picture"; source: string };

export interface ClaimGroup {
  /** `person`, `address`, `permission`, `document`, `other`: `wallet.group.<id>` names it. */
  id: string;
  claims: CardClaim[];
}

export interface CardDetail extends CardSummary {
  groups: ClaimGroup[];
  /** The card as its issuer wants it drawn, a data URI of an SVG for each language; shown as an image alone. */
  drawing: Localized | null;
  /** What its format is called, where it is another than that of most cards. */
  format?: string;
  /** What the other formats are called in which it is here. */
  also?: string;
  issuerRecord: PublicRecord | null;
  /** The office that goes on for the one that gave the card, where that one lost its keys. */
  successor: { name: Localized; host: string; since: number } | null;
  history: HistoryItem[];
}

/** What is publicly recorded about somebody; shown behind "How do we know?". */
export interface PublicRecord {
  /** The organisation's identifier, for those who want it. */
  id: string;
  /** The record's name. */
  record: string;
  /** When what is known was confirmed. */
  confirmedAt: number;
  confirmedBy: string[];
}

/** A link that was opened. */
export type Opened = { kind: "offer"; offer: OfferView } | { kind: "request"; request: RequestView };

export interface OfferView {
  /** Names this offer until it is accepted, declined or closed. */
  handle: string;
  issuer: Localized;
  host: string;
  publiclyRecorded: boolean;
  cards: { type: string; face: CardFace; claims: { name: string; label: Localized }[] }[];
  /** The code the issuer sent by another way, and its form. */
  txCode: { numeric: boolean; length: number | null; hint: string | null } | null;
}

/** Cards that came: "is this you?" comes next. */
export interface Received {
  handle: string;
  cards: CardDetail[];
}

export type Registration = "registered" | "foreign" | "unregistered";

export interface RequestView {
  handle: string;
  who: {
    name: Localized;
    host: string;
    registration: Registration;
    /** The name mixes scripts or is otherwise easy to take for another. */
    nameLooksOdd: boolean;
    record: PublicRecord | null;
  };
  why: { text: Localized; privacyPolicy: string; inPerson: boolean } | null;
  /** `said`: nobody has recorded it, and they say themselves that they keep it. */
  kept: { kind: "no" } | { kind: "days"; days: number } | { kind: "said" } | { kind: "not_said" };
  /** What is new since the person shared with them last. */
  widened?: Widened;
  cards: AskedCard[];
  earlierRecord?: EarlierRecord;
  /** What the answer will be, for each choice among what is optional; null where no rule is publicly recorded. */
  answers: Foretold[] | null;
  /** The same answer was sent before and no reply came; it can only be sent again as it was. */
  again: boolean;
  /** Came from another device, so the person is asked whether they are on that site. */
  crossDevice: boolean;
  /** Came without a network and is answered without one: by codes on this screen. */
  offline: boolean;
  /** When the request runs out. */
  expiresAt: number;
}

/** What the answer will be with these optional claims. */
export interface Foretold {
  with: string[];
  answer: "yes" | "no" | "cannot_be_told";
}

/** What those who ask may do beyond what they could when the person shared with them last. */
export interface Widened {
  /** When that was. */
  since: number;
  /** What they could not ask then. */
  claims: Localized[];
  /** What could be left out then, and is needed now. */
  needed: Localized[];
  /** What was enough then, and is not now: each is all of an alternative. */
  notEnough: Localized[][];
  /** Where nothing was needed then: of these one is needed now, each is all of an alternative. */
  choose: Localized[][];
  /** How many days they kept it then; `null` where they keep it no longer now. */
  keptBefore: number | null;
}

/** What an earlier public record of theirs lacked, for somebody who never shared with them. */
export interface EarlierRecord {
  /** When it was so. */
  at: number;
  /** What they could not ask then. */
  lacked: Localized[];
}

export interface AskedCard {
  card: CardSummary;
  needed: CardClaim[];
  optional: CardClaim[];
  /** Labels of what is on the card and not asked. */
  withheld: Localized[];
  /** Travels with every answer from this card. */
  always: CardClaim[];
  /** Names of what is needed although the recorded rule does without it. */
  beyond: string[];
  /** Every copy was shown before: one is shown again only by a person who knows that it is recognised. */
  shownBefore: boolean;
  proof: Proof;
}

/** Whether those who ask can check a card without a network. */
export type Proof =
  /** They ask over a network, or have all they need. */
  | { state: "not_needed" }
  /** What is publicly recorded goes along, so many full hours old. */
  | { state: "goes_along"; hours: number }
  /** It may end in "could not check". */
  | { state: "missing"; why: "not_held" | "too_old" | "status_differs" | "not_recorded" };

/** An answer as codes. */
export interface ShownAnswer {
  /** Modules of a side, without the quiet zone. */
  side: number;
  /** A bit for each module, rows of whole bytes, base64url; shown in this order, round and round. */
  frames: string[];
  /** How many of them a reader needs; so many from the first on are all of it. */
  needed: number;
  /** Nobody takes it from then on. */
  expiresAt: number;
}

/** Whether cards can be shown and checked where there is no network. */
export interface OfflineReadiness {
  /** When what goes along was confirmed; `null` where nothing is held. */
  confirmedAt: number | null;
  proofs: { state: "ready" | "old"; hours: number } | { state: "missing" };
  /** What is publicly recorded was told in two ways: nothing of it is believed. */
  twoHistories: boolean;
}

/** What getting new proofs came to. */
export interface ProofsRefreshed {
  /** How many status lists could not be read. */
  failures: number;
  /** The stable code of why the list of services stayed as it was; `null` where it is new. */
  servicesFailed: string | null;
}

/** What can I use? Worked out on this device; nobody is asked. */
export interface Services {
  /** When the list was confirmed; `null` where none is held. */
  confirmedAt: number | null;
  /** How old that makes it. */
  age: OfflineReadiness["proofs"];
  /** When it was last confirmed whether the cards are good; `null` if never. */
  cardsConfirmedAt: number | null;
  services: OfferedService[];
}

/** A service of an agency. */
export interface OfferedService {
  id: string;
  name: Localized;
  text: Localized;
  offeredBy: Office;
  /** Who decides. */
  competent: Office;
  legalBasis: { name: Localized; uri: string }[];
  /** In the smallest unit of the currency; `null` where it costs nothing. */
  fee: { amount: number; currency: string } | null;
  /** Within how many days there is an answer. */
  timeLimitDays: number | null;
  /** Where it is asked for. */
  page: string | null;
  /** Where to complain. */
  complaints: string;
  answer: Entitlement;
}

/** An office, as it is shown. */
export interface Office {
  name: Localized;
  host: string;
}

/** What a service means for the person. */
export type Entitlement =
  | { state: "can_use" }
  /** Whatever other card there might be. */
  | { state: "cannot_use" }
  | { state: "lacks_card"; cards: LackedCard[] }
  /** Not known, and so not a yes. */
  | {
      state: "cannot_be_told";
      why:
        | "rule_missing"
        | "another_rule"
        | "status_unknown"
        | "day_matters"
        | "not_answered"
        | "too_many_cards";
    };

/** A type of card of which there is no good one. */
export interface LackedCard {
  cardType: string;
  name: Localized;
  /** Every office that may issue it now. */
  issuers: Office[];
  /** What is wrong with the one that is here. */
  yours: CardStatus | null;
}

export interface Shared {
  /** First time, or the bytes of an earlier try. */
  sent: "now" | "again";
  /** The host of a page that the system browser was told to open. */
  openedHost: string | null;
}

export type Outcome =
  | "received"
  | "not_stored"
  | "shared"
  | "not_shared"
  | "blocked"
  | "interrupted"
  | "maybe_received"
  | "not_sent"
  | "not_accepted";

export interface HistoryItem {
  id: number;
  at: number;
  event: "offer" | "request";
  party: string;
  /** Its identifier, where it is publicly recorded. */
  partyId: string | null;
  host: string;
  purpose: string | null;
  cards: {
    type: string;
    title: Localized;
    claims: { name: string; label: Localized }[];
    /** A copy was shown that had been shown before. */
    shownBefore: boolean;
  }[];
  outcome: Outcome;
  /** The stable code of the reason. */
  reason: string | null;
  /** For how many days they keep what they see, as it is recorded; 0: not at all; `null`: nobody has said. */
  keptDays: number | null;
  /** Nobody has recorded that, and they said themselves that they keep something of it. */
  saysKept: boolean;
  /** A receipt of theirs that holds is kept. */
  receipt: boolean;
  /** That receipt names another history than the public record. */
  contradicts: boolean;
  /** Their request was kept, so that it can be reported: `saveComplaint`. */
  reportable: boolean;
}

/** Somebody who asked, and everything that happened with them, newest first. */
export interface Business {
  id: string;
  name: string;
  host: string;
  /** Publicly recorded. */
  recorded: boolean;
  /** Whatever they ask is refused. */
  blocked: boolean;
  /** What they saw that is shown to nobody by now, by the names that they saw it under. */
  never: ClaimName[];
  items: HistoryItem[];
}

/** A claim of a type of card. */
export interface ClaimName {
  type: string;
  claim: string;
}

/** What is shown to nobody. */
export interface NeverShown extends ClaimName {
  title: Localized;
  label: Localized;
}

export interface Preferences {
  language: Language;
  theme: Theme;
  autoLockMinutes: 1 | 5 | 15;
  /** The sample card of the first run is shown. */
  sampleCard: boolean;
}

/** A picture of what the camera sees. */
export interface Frame {
  width: number;
  height: number;
  /** JPEG as a data URI. */
  source: string;
}

/** How many parts of a challenge were seen. */
export interface Parts {
  received: number;
  needed: number;
  /** There are enough, and one of them is damaged: more of them mend it. */
  altered: boolean;
}

/** What codes came to. */
export type Seen =
  | { kind: "code"; text: string }
  | { kind: "parts"; parts: Parts }
  /** All of a challenge, for `openChallenge`. */
  | { kind: "challenge"; challenge: string };

/** What can be followed: a link, or the text of a code; or a challenge. */
export type Scanned = string | { challenge: string };

export type CameraEvent =
  | Seen
  | { kind: "frame"; frame: Frame }
  /** `camera_missing`, `camera_denied`, `camera_busy`, `camera_lost` */
  | { kind: "failed"; error: WalletError };

/** What the window can ask of the wallet. */
export interface Backend {
  state(): Promise<AppState>;
  create(secret: string, kind: SecretKind, keyring: boolean): Promise<void>;
  unlock(secret: string): Promise<void>;
  lock(): Promise<void>;
  /** Any sign of the person puts the automatic lock off. */
  touch(): Promise<void>;
  /** Removes the wallet and all in it; `word` must be the one the person typed. */
  reset(word: string): Promise<void>;

  cards(): Promise<CardSummary[]>;
  card(id: string): Promise<CardDetail>;
  /** Gone at once, destroyed after ten seconds. */
  deleteCard(id: string): Promise<void>;
  undoDelete(id: string): Promise<void>;
  /** Reads all status lists again; how many could not be read. */
  refreshStatus(): Promise<{ failures: number }>;
  history(): Promise<HistoryItem[]>;
  /** Everybody who asked, those of the newest request first. */
  businesses(): Promise<Business[]>;
  /** Whatever they ask is refused, or looked at again. They are not told. */
  setBlocked(id: string, blocked: boolean): Promise<void>;
  neverShown(): Promise<NeverShown[]>;
  /** A claim of a type of card is shown to nobody, or may be again. */
  setNeverShown(cardType: string, claim: string, never: boolean): Promise<void>;
  /** Saves the complaint about a request that was refused for asking too much; where the file is. */
  saveComplaint(entry: number): Promise<string>;

  /** Reads an offer or a request from a link or the text of a code. */
  openLink(link: string): Promise<Opened>;
  /** Links that the system handed to the app, one after the other. */
  onLink(take: (link: string) => void): () => void;
  /** What the codes in a picture come to, with the parts of a challenge in the pictures before. */
  readPicture(bytes: Uint8Array): Promise<Seen>;
  startCamera(take: (event: CameraEvent) => void): Promise<void>;
  stopCamera(): Promise<void>;

  acceptOffer(handle: string, txCode: string | null): Promise<Received>;
  /** "Yes, this is me." */
  keepCards(handle: string): Promise<void>;
  /** "No": the cards and their keys are destroyed, and the issuer is told. */
  rejectCards(handle: string): Promise<void>;
  /** Cards that came before the app was closed and still wait for an answer. */
  pendingCards(): Promise<Received | null>;

  /** `knowing`: the person knows that a copy is shown again, and what that means. */
  share(handle: string, optional: string[], knowing: boolean): Promise<Shared>;
  /** Tells those who ask that the person refused. */
  refuse(handle: string): Promise<void>;
  /** Forgets an offer or request; sends nothing. */
  close(handle: string): Promise<void>;
  /** After a request that is not answered: tells those who ask, only on the person's tap. */
  tellUnanswered(handle: string): Promise<void>;

  /** Reads a challenge, without a network. */
  openChallenge(challenge: string): Promise<Opened>;
  /** The codes that answer a challenge; the copies that they are made of are used from then on. */
  show(handle: string, optional: string[], knowing: boolean): Promise<ShownAnswer>;
  /** The person saw that the codes were read. */
  wasRead(handle: string): Promise<void>;
  /** How old the proofs are that go along with a card. Asks nobody. */
  offlineReadiness(): Promise<OfflineReadiness>;
  /** Gets new proofs and the list of services, and reads all status lists. */
  refreshProofs(): Promise<ProofsRefreshed>;
  /** Saves what was found of a public record that shows two histories; where each file is. */
  saveEvidence(): Promise<string[]>;
  /** What can I use? From the list of services, which comes with new proofs. Asks nobody. */
  services(): Promise<Services>;

  preferences(): Promise<Preferences>;
  setPreferences(wanted: Preferences): Promise<void>;
  changeSecret(current: string, next: string, kind: SecretKind): Promise<void>;
  /** Puts text on the clipboard and clears it after thirty seconds. */
  copy(text: string): Promise<void>;
  /** Whom this wallet trusts. */
  trustedList(): Promise<TrustedList>;
  /** Fetches the list that a link names; nothing is taken yet. */
  openTrustedList(link: string): Promise<OfferedTrusted>;
  /** Takes the list that was opened last, if it is the one with this fingerprint. */
  takeTrustedList(fingerprint: string): Promise<void>;
  /** The app lost or got the focus, or was locked by itself. */
  onAway(take: (event: "blurred" | "focused" | "locked") => void): () => void;
}
