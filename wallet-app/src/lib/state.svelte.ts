/** What the whole window knows: whether the wallet is open, its cards, and what waits. */
import { setTheme } from "@holdfast/ui";
import { currentLanguage, preferredLanguage, setLanguage } from "@holdfast/ui/messages";
import { getContext, setContext } from "svelte";
import type { AppState, Backend, CardSummary, Language, Preferences, Scanned, Theme } from "./backend/types";
import { Deletion } from "./deletion.svelte";
import { Load } from "./load.svelte";
import { codeOf } from "./problems";
import { go, replace } from "./router.svelte";
import type { PHASES, RouteName } from "./routes";

/** A link to a list of whom to trust, which is looked at in the settings. */
const TRUSTED = /^\s*holdfast-ecosystem:/i;

export type Phase = (typeof PHASES)[number] | "open";

export class App {
  phase = $state<Phase>("starting");
  state = $state.raw<AppState | null>(null);
  preferences = $state.raw<Preferences | null>(null);
  /** Why the window cannot go on; shown by the frame. */
  failure = $state.raw<unknown>(null);
  /** The person looks elsewhere: nothing is to be read over their shoulder. */
  covered = $state(false);
  /** An error that belongs to no place on the screen. */
  reported = $state.raw<unknown>(null);
  /** Said by screen readers. */
  announcement = $state("");
  /** The link, or what else was scanned, that is being followed. */
  link = $state.raw<Scanned | null>(null);
  /** The link to a list of whom to trust that waits to be looked at. */
  #trusted = $state.raw<string | null>(null);
  readonly cards: Load<CardSummary[]>;
  readonly deletion: Deletion;
  readonly #backend: Backend;
  /** Links that came while another was followed or the wallet was shut. */
  #waiting = $state.raw<readonly Scanned[]>([]);

  constructor(backend: Backend) {
    this.#backend = backend;
    this.cards = new Load(() => backend.cards());
    this.deletion = new Deletion(backend, () => this.cards.run());
  }

  /** Listens, and finds out where things stand. */
  async start(): Promise<void> {
    this.#backend.onLink((link) => this.openLink(link));
    this.#backend.onAway((event) => {
      if (event === "locked") void this.#locked();
      else this.covered = event === "blurred";
    });
    await this.restart();
  }

  /** Finds out where things stand. */
  async restart(): Promise<void> {
    await this.readState();
    if (this.state?.phase === "open") await this.enter();
  }

  /** Reads how the wallet stands while it is shut: the wait, the tries left, the keyring. */
  async readState(): Promise<void> {
    try {
      const state = await this.#backend.state();
      // Before there is a wallet the language is the system's, and then the one chosen on the first screen.
      const unsaid = this.state ? currentLanguage() : preferredLanguage(navigator.languages);
      this.state = state;
      this.show(state.language ?? unsaid, state.theme);
      if (state.phase !== "open") this.phase = state.phase;
    } catch (error) {
      this.fail(error);
    }
  }

  /** The wallet was made or unlocked: reads what the screens need, and opens them. */
  async enter(): Promise<void> {
    try {
      this.preferences = await this.#backend.preferences();
      this.show(this.preferences.language, this.preferences.theme);
      this.phase = "open";
      void this.cards.run();
      this.#openNext();
      this.#openTrusted();
    } catch (error) {
      // Shut again while the last screen of the first run stood open.
      if (codeOf(error) === "wallet_locked") await this.readState();
      else this.fail(error);
    }
  }

  /** The wallet was made: what was chosen before goes into it. */
  async created(): Promise<void> {
    try {
      this.preferences = await this.#backend.preferences();
      await this.setPreferences({ language: currentLanguage(), sampleCard: true });
    } catch (error) {
      this.report(error);
    }
  }

  async lock(): Promise<void> {
    try {
      await this.#backend.lock();
    } catch (error) {
      this.report(error);
    }
    await this.#locked();
  }

  /** Removes the wallet; what follows is the first run. */
  async reset(word: string): Promise<void> {
    await this.#backend.reset(word);
    this.#forget();
    await this.readState();
  }

  async setPreferences(change: Partial<Preferences>): Promise<void> {
    if (!this.preferences) return;
    const wanted = { ...this.preferences, ...change };
    await this.#backend.setPreferences(wanted);
    this.preferences = wanted;
    this.show(wanted.language, wanted.theme);
  }

  /** Shows the window in a language and theme. */
  show(language: Language, theme: Theme): void {
    setLanguage(language);
    setTheme(theme);
  }

  announce(text: string): void {
    this.announcement = text;
  }

  /** Shows an error over whatever is on the screen; `null` takes it away. */
  report(error: unknown): void {
    this.reported = error;
  }

  fail(error: unknown): void {
    this.failure = error;
    this.phase = "failed";
  }

  get linkWaits(): boolean {
    return this.#waiting.length > 0;
  }

  /** Follows a link now, or as soon as the wallet is open and nothing else is being followed. */
  openLink(link: Scanned): void {
    if (typeof link === "string" && TRUSTED.test(link)) {
      this.#trusted = link;
      this.#openTrusted();
      return;
    }
    this.#waiting = [...this.#waiting, link];
    this.#openNext();
  }

  /** The link to a list of whom to trust, once. */
  takeTrusted(): string | null {
    const link = this.#trusted;
    this.#trusted = null;
    return link;
  }

  /** The link was followed to its end; the next one has precedence over where the person goes. */
  linkDone(then: RouteName = "home"): void {
    this.link = null;
    void this.cards.run();
    if (this.#waiting.length > 0) this.#openNext();
    else if (this.#trusted !== null) this.#openTrusted();
    else replace(then);
  }

  /**
   * The person is at a place. There is a link exactly where links are followed: the place of one that
   * was followed is empty, and whoever goes away from one, as by "back", has closed it.
   */
  arrived(place: RouteName): void {
    if (place === "link") {
      if (this.link === null) go("home");
    } else if (this.link !== null) {
      this.link = null;
      void this.cards.run();
      this.#openNext();
    }
  }

  #openNext(): void {
    if (this.phase !== "open" || this.link !== null) return;
    const [next, ...later] = this.#waiting;
    if (next === undefined) return;
    this.#waiting = later;
    this.link = next;
    go("link");
  }

  /** Goes where lists are looked at, when nothing else is being followed. */
  #openTrusted(): void {
    if (this.phase === "open" && this.link === null && this.#trusted !== null) go("trust");
  }

  /** Shut, by whomever: what was read leaves the window's memory. */
  async #locked(): Promise<void> {
    if (this.phase !== "open") return;
    this.phase = "locked";
    this.#forget();
    await this.readState();
  }

  #forget(): void {
    this.preferences = null;
    this.link = null;
    this.#trusted = null;
    this.reported = null;
    this.cards.clear();
    this.deletion.clear();
    replace("home");
  }
}

const KEY = Symbol("app");

export function provideApp(app: App): void {
  setContext(KEY, app);
}

/** The window's state; called while a component is set up. */
export function useApp(): App {
  return getContext<App>(KEY);
}
