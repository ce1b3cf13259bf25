/**
 * A wallet that lives in memory and behaves like the real one: for tests, for pictures, and for trying
 * the screens out in a browser. Nothing in it is anybody's.
 */
import { LANGUAGES } from "@holdfast/ui/messages";
import { Camera, codesIn } from "./memory/camera";
import { planOfChallenge } from "./memory/challenges";
import { failure } from "./memory/failure";
import { planOf } from "./memory/links";
import { Lock } from "./memory/lock";
import { Offers } from "./memory/offers";
import { Requests, summaryOf } from "./memory/requests";
import { isScenario, SCENARIOS, type Scenario } from "./memory/scenarios";
import { servicesFor, type ServicesPlan } from "./memory/services";
import { Store } from "./memory/store";
import { Trusted } from "./memory/trusted";
import type {
  AppState,
  Backend,
  Business,
  CameraEvent,
  CardDetail,
  CardSummary,
  HistoryItem,
  NeverShown,
  OfferedTrusted,
  OfflineReadiness,
  Opened,
  Preferences,
  ProofsRefreshed,
  Received,
  SecretKind,
  Seen,
  Services,
  Shared,
  ShownAnswer,
  TrustedList,
} from "./types";

/** The word with which a wallet is removed. */
const RESET_WORD = "reset";

export class MemoryBackend implements Backend {
  readonly #scenario: Scenario;
  readonly #now: () => number;
  readonly #lock: Lock;
  readonly #camera: Camera;
  readonly #trusted: Trusted;
  readonly #links = new Set<(link: string) => void>();
  #store: Store;
  #offers: Offers;
  #requests: Requests;
  #handedOver: string | null;
  #offline: OfflineReadiness;
  #services: ServicesPlan;
  #language: AppState["language"];
  #clipboard = "";

  constructor(scenario: Scenario, now: () => number = () => Math.floor(Date.now() / 1000)) {
    this.#scenario = scenario;
    this.#now = now;
    this.#lock = new Lock(scenario, now);
    this.#camera = new Camera(scenario.camera);
    this.#trusted = new Trusted(scenario.belongs);
    this.#handedOver = scenario.link;
    this.#offline = scenario.offline;
    this.#services = scenario.services;
    this.#language = scenario.language;
    this.#store = new Store(scenario, now);
    this.#offers = new Offers(this.#store);
    this.#requests = new Requests(this.#store);
  }

  /** What was copied last, as long as it is there. */
  get clipboard(): string {
    return this.#clipboard;
  }

  async state(): Promise<AppState> {
    await this.#work("state");
    const own = this.#trusted.own;
    return {
      ...this.#lock.state(),
      language: this.#language,
      theme: this.#store.preferences.theme,
      camera: this.#camera.present,
      ecosystem: own === null ? null : { name: own.name, mode: own.mode },
    };
  }

  async create(secret: string, kind: SecretKind, keyring: boolean): Promise<void> {
    await this.#work("create");
    this.#lock.create(secret, kind, keyring);
    this.#store.preferences.sampleCard = true;
    this.#handOver();
  }

  async unlock(secret: string): Promise<void> {
    await this.#work("unlock");
    this.#lock.unlock(secret);
    this.#lock.watch(this.#store.preferences.autoLockMinutes);
    this.#handOver();
  }

  async lock(): Promise<void> {
    this.#lock.close();
  }

  async touch(): Promise<void> {
    this.#lock.watch(this.#store.preferences.autoLockMinutes);
  }

  async reset(word: string): Promise<void> {
    await this.#work("reset");
    if (word !== RESET_WORD) throw failure("reset_word_wrong");
    this.#lock.reset();
    this.#store = new Store({ ...this.#scenario, cards: [], history: [] }, this.#now);
    this.#offers = new Offers(this.#store);
    this.#requests = new Requests(this.#store);
  }

  cards(): Promise<CardSummary[]> {
    return this.#open("cards", () => this.#store.cards.map(summaryOf));
  }

  card(id: string): Promise<CardDetail> {
    return this.#open("card", () => this.#store.card(id));
  }

  deleteCard(id: string): Promise<void> {
    return this.#open("deleteCard", () => this.#store.delete(id));
  }

  undoDelete(id: string): Promise<void> {
    return this.#open("undoDelete", () => this.#store.undoDelete(id));
  }

  refreshStatus(): Promise<{ failures: number }> {
    return this.#open("refreshStatus", () => ({ failures: this.#scenario.statusFailures }));
  }

  history(): Promise<HistoryItem[]> {
    return this.#open("history", () => this.#store.history());
  }

  businesses(): Promise<Business[]> {
    return this.#open("businesses", () => this.#store.businesses());
  }

  setBlocked(id: string, blocked: boolean): Promise<void> {
    return this.#open("setBlocked", () => this.#store.setBlocked(id, blocked));
  }

  neverShown(): Promise<NeverShown[]> {
    return this.#open("neverShown", () => this.#store.neverShown());
  }

  setNeverShown(cardType: string, claim: string, never: boolean): Promise<void> {
    return this.#open("setNeverShown", () => this.#store.setNeverShown(cardType, claim, never));
  }

  saveComplaint(entry: number): Promise<string> {
    return this.#open("saveComplaint", () => {
      if (!this.#store.isReportable(entry)) throw failure("no_such_request");
      return `/home/ada/Downloads/complaint-${entry}.cbor`;
    });
  }

  openLink(link: string): Promise<Opened> {
    return this.#open("openLink", () => {
      const plan = planOf(link);
      if (typeof plan === "string") throw failure(plan);
      return plan.kind === "offer"
        ? { kind: "offer", offer: this.#offers.open(plan) }
        : { kind: "request", request: this.#requests.open(plan) };
    });
  }

  onLink(take: (link: string) => void): () => void {
    this.#links.add(take);
    if (this.#lock.isOpen) queueMicrotask(() => this.#handOver());
    return () => this.#links.delete(take);
  }

  readPicture(bytes: Uint8Array): Promise<Seen> {
    return this.#open("readPicture", () => codesIn(bytes));
  }

  startCamera(take: (event: CameraEvent) => void): Promise<void> {
    return this.#open("startCamera", () => this.#camera.start(take));
  }

  async stopCamera(): Promise<void> {
    this.#camera.stop();
  }

  acceptOffer(handle: string, txCode: string | null): Promise<Received> {
    return this.#open("acceptOffer", () => this.#offers.accept(handle, txCode));
  }

  keepCards(handle: string): Promise<void> {
    return this.#open("keepCards", () => this.#offers.keep(handle));
  }

  rejectCards(handle: string): Promise<void> {
    return this.#open("rejectCards", () => this.#offers.reject(handle));
  }

  pendingCards(): Promise<Received | null> {
    return this.#open("pendingCards", () => this.#offers.pending());
  }

  share(handle: string, optional: string[], knowing: boolean): Promise<Shared> {
    return this.#open("share", () => this.#requests.share(handle, optional, knowing));
  }

  refuse(handle: string): Promise<void> {
    return this.#open("refuse", () => this.#requests.refuse(handle));
  }

  close(handle: string): Promise<void> {
    return this.#open("close", () => {
      if (!this.#offers.close(handle) && !this.#requests.close(handle)) throw failure("handle_gone");
    });
  }

  tellUnanswered(handle: string): Promise<void> {
    return this.#open("tellUnanswered", () => this.#requests.tellUnanswered(handle));
  }

  openChallenge(challenge: string): Promise<Opened> {
    return this.#open("openChallenge", () => {
      const plan = planOfChallenge(challenge);
      if (typeof plan === "string") throw failure(plan);
      return { kind: "request", request: this.#requests.open(plan) };
    });
  }

  show(handle: string, optional: string[], knowing: boolean): Promise<ShownAnswer> {
    return this.#open("show", () => this.#requests.show(handle, optional, knowing));
  }

  wasRead(handle: string): Promise<void> {
    return this.#open("wasRead", () => this.#requests.wasRead(handle));
  }

  offlineReadiness(): Promise<OfflineReadiness> {
    return this.#open("offlineReadiness", () => ({ ...this.#offline }));
  }

  refreshProofs(): Promise<ProofsRefreshed> {
    return this.#open("refreshProofs", () => {
      const proofs = { state: "ready", hours: 0 } as const;
      this.#offline = { ...this.#offline, confirmedAt: this.#now(), proofs };
      const { servicesFailed, statusFailures } = this.#scenario;
      const dated = this.#services === "old" || this.#services === "missing";
      if (dated && servicesFailed === null) this.#services = "some";
      return { failures: statusFailures, servicesFailed };
    });
  }

  services(): Promise<Services> {
    return this.#open("services", () => servicesFor(this.#services, this.#store.cards));
  }

  saveEvidence(): Promise<string[]> {
    const file = "/home/ada/Downloads/two-histories-1.cbor";
    return this.#open("saveEvidence", () => (this.#offline.twoHistories ? [file] : []));
  }

  preferences(): Promise<Preferences> {
    return this.#open("preferences", () => ({ ...this.#store.preferences }));
  }

  async setPreferences(wanted: Preferences): Promise<void> {
    await this.#work("setPreferences");
    this.#store.preferences = { ...wanted };
    this.#language = wanted.language;
    if (this.#lock.isOpen) this.#lock.watch(wanted.autoLockMinutes);
  }

  changeSecret(current: string, next: string, kind: SecretKind): Promise<void> {
    return this.#open("changeSecret", () => this.#lock.change(current, next, kind));
  }

  async copy(text: string): Promise<void> {
    this.#clipboard = text;
    const clear = () => {
      if (this.#clipboard === text) this.#clipboard = "";
    };
    setTimeout(clear, 30_000);
  }

  trustedList(): Promise<TrustedList> {
    return this.#open("trustedList", () => {
      if (this.#trusted.own === null) throw failure("no_ecosystem");
      return this.#trusted.own;
    });
  }

  async openTrustedList(link: string): Promise<OfferedTrusted> {
    await this.#work("openTrustedList");
    if (this.#trusted.own !== null && !this.#lock.isOpen) throw failure("wallet_locked");
    return this.#trusted.open(link);
  }

  async takeTrustedList(fingerprint: string): Promise<void> {
    await this.#work("takeTrustedList");
    this.#trusted.take(fingerprint);
  }

  onAway(take: (event: "blurred" | "focused" | "locked") => void): () => void {
    return this.#lock.onAway(take);
  }

  /** Takes as long as the scenario says (for ever, where it says so), and fails where it says so. */
  async #work(call: keyof Backend): Promise<void> {
    await new Promise((resolve) => {
      if (!this.#scenario.hangs.includes(call)) setTimeout(resolve, this.#scenario.delayMs);
    });
    const code = this.#scenario.fails[call];
    if (code) throw failure(code);
  }

  /** Does something for which the wallet must be open. */
  async #open<T>(call: keyof Backend, work: () => T): Promise<T> {
    await this.#work(call);
    if (!this.#lock.isOpen) throw failure("wallet_locked");
    return work();
  }

  /** Gives the scenario's own link to the window, once. */
  #handOver(): void {
    const link = this.#handedOver;
    if (link === null || this.#links.size === 0) return;
    this.#handedOver = null;
    for (const take of this.#links) take(link);
  }
}

/** The wallet that an address such as `?scenario=offer&language=de` names; without one, three cards. */
export function memoryFromAddress(query: string): MemoryBackend {
  const wanted = new URLSearchParams(query);
  const name = wanted.get("scenario");
  const scenario = SCENARIOS[isScenario(name) ? name : "three_cards"]();
  const language = LANGUAGES.find((each) => each === wanted.get("language"));
  return new MemoryBackend({ ...scenario, language: language ?? scenario.language });
}
