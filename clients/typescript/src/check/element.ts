/**
 * `<holdfast-check>`: a check on a page, from its code to its verdict.
 *
 * The page's own service opens the session, since that takes a token; the element never has one.
 *
 * - `start`: where a check is started, by `POST` of `{"flow":"cross_device"}`, answered with {@link Started};
 * - `state`: where it is read how it stands, answered with {@link State};
 * - `lang`: `en`, `de` or `fr`; that of the page where nothing is said.
 *
 * A page that does both itself leaves the attributes out and sets `started` and `outcome`.
 *
 * It dispatches `holdfast-verdict` with the state, `holdfast-expired` and `holdfast-error` with a code. The
 * verdict that counts is the one that the page's service reads: what happens in a browser can be made up.
 *
 * Nothing of it stands inline: it runs under `script-src 'self'; style-src 'self'; img-src data:`.
 */
import { clock, type Phase, phaseOf, type Started, type State } from "./progress.ts";
import { STYLE } from "./style.ts";
import { type Words, wordsIn } from "./words.ts";

/** Between two readings of how it stands. */
const PACE_MS = 2_000;

/** In a server's rendering there are no elements. */
const Base = typeof HTMLElement === "undefined" ? (class {} as typeof HTMLElement) : HTMLElement;

export class HoldfastCheck extends Base {
  static readonly observedAttributes = ["lang"];

  #started: Started | undefined;
  #state: State | undefined;
  #failed = false;
  #shown: Phase | undefined;
  #told: Phase | undefined;
  #root: ShadowRoot | undefined;
  #ticking: ReturnType<typeof setInterval> | undefined;
  #reading: ReturnType<typeof setTimeout> | undefined;
  #round = 0;

  /** What a wallet is shown, where the page starts checks itself. */
  get started(): Started | undefined {
    return this.#started;
  }

  set started(started: Started | undefined) {
    if (started === this.#started) return;
    this.#started = started;
    this.#shown = undefined;
    this.#told = undefined;
    this.#render();
  }

  /** How it stands, where the page reads that itself. */
  get outcome(): State | undefined {
    return this.#state;
  }

  set outcome(state: State | undefined) {
    this.#state = state;
    this.#render();
  }

  /** What is shown at this moment. */
  get phase(): Phase {
    return phaseOf(this.#started, this.#state, this.#failed);
  }

  connectedCallback(): void {
    if (!this.#root) {
      this.#root = this.attachShadow({ mode: "open" });
      const style = new CSSStyleSheet();
      style.replaceSync(STYLE);
      this.#root.adoptedStyleSheets = [style];
    }
    this.#ticking = setInterval(() => this.#tick(), 1_000);
    this.#render();
    if (this.hasAttribute("start") && !this.#started) void this.begin();
  }

  disconnectedCallback(): void {
    this.#round += 1;
    clearInterval(this.#ticking);
    clearTimeout(this.#reading);
  }

  attributeChangedCallback(): void {
    this.#shown = undefined;
    this.#render();
  }

  /** Starts a check, or another one. */
  async begin(): Promise<void> {
    const start = this.getAttribute("start");
    if (!start) return;
    this.#round += 1;
    const round = this.#round;
    clearTimeout(this.#reading);
    this.#started = undefined;
    this.#state = undefined;
    this.#failed = false;
    this.#told = undefined;
    this.#render();
    try {
      const headers = { "content-type": "application/json" };
      const response = await fetch(start, { method: "POST", headers, body: '{"flow":"cross_device"}' });
      const body: unknown = await response.json();
      if (round !== this.#round) return;
      if (!response.ok) throw new Error(codeOf(body));
      this.#started = body as Started;
      this.#render();
      this.#read(round);
    } catch (error) {
      if (round === this.#round) this.#fail(error instanceof TypeError ? "offline" : codeOf(error));
    }
  }

  #read(round: number): void {
    const path = this.getAttribute("state");
    if (!path || round !== this.#round) return;
    this.#reading = setTimeout(async () => {
      const response = await fetch(path).catch(() => undefined);
      const state: unknown = response?.ok ? await response.json().catch(() => undefined) : undefined;
      if (round !== this.#round) return;
      if (state) this.outcome = state as State;
      if (this.phase !== "verdict" && this.phase !== "expired") this.#read(round);
    }, PACE_MS);
  }

  #fail(code: string): void {
    this.#failed = true;
    this.#render();
    this.#tell("error", "holdfast-error", { code });
  }

  #tick(): void {
    const left = this.#left();
    if (left === undefined) return;
    if (left <= 0 && (this.phase === "code" || this.phase === "waiting")) {
      this.#state = { state: "expired" };
      this.#render();
      return;
    }
    const shown = this.#root?.querySelector(".left");
    if (shown) shown.textContent = this.#words.left.replace("{time}", clock(left));
  }

  #left(): number | undefined {
    return this.#started && this.#started.expires_at - Date.now() / 1_000;
  }

  get #words(): Words {
    return wordsIn(this.lang || this.ownerDocument.documentElement.lang);
  }

  #render(): void {
    const phase = this.phase;
    if (!this.#root || phase === this.#shown) return;
    this.#shown = phase;
    this.#root.replaceChildren(this.#content(phase));
    if (phase === "verdict") this.#tell(phase, "holdfast-verdict", this.#state);
    if (phase === "expired") this.#tell(phase, "holdfast-expired", undefined);
  }

  #tell(phase: Phase, name: string, detail: unknown): void {
    if (this.#told === phase) return;
    this.#told = phase;
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  #content(phase: Phase): HTMLElement {
    const words = this.#words;
    const box = element("div", "check");
    box.setAttribute("part", "check");
    const status = element("p", "state");
    // Changes are read out, and nobody's focus is taken.
    status.setAttribute("role", "status");
    if (phase === "loading") status.textContent = words.loading;
    if ((phase === "code" || phase === "waiting") && this.#started) {
      box.append(...this.#code(this.#started, words));
      box.classList.toggle("scanned", phase === "waiting");
      status.textContent = phase === "waiting" ? words.scanned : words.waiting;
    }
    if (phase === "verdict") status.textContent = this.#said(words);
    if (phase === "expired") status.textContent = words.expired;
    if (phase === "error") status.textContent = words.failed;
    box.append(status);
    const again = phase === "expired" || phase === "error" || phase === "verdict";
    if (again && this.hasAttribute("start")) box.append(this.#again(words));
    return box;
  }

  #code({ qr_svg, request_uri }: Started, words: Words): HTMLElement[] {
    const scan = element("p", "scan", words.scan);
    const picture = document.createElement("img");
    picture.alt = words.qr;
    picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(qr_svg)}`;
    picture.setAttribute("part", "code");
    const left = element("p", "left", words.left.replace("{time}", clock(this.#left() ?? 0)));
    if (!this.hasAttribute("start")) return [scan, picture, left];
    const open = document.createElement("a");
    open.href = request_uri;
    open.textContent = words.open;
    return [scan, picture, left, open];
  }

  #said(words: Words): string {
    if (this.#state?.state === "refused") return words.refused;
    return words[this.#state?.verdict ?? "could_not_check"];
  }

  #again(words: Words): HTMLElement {
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = words.again;
    again.addEventListener("click", () => void this.begin());
    return again;
  }
}

function element(name: string, kind: string, text = ""): HTMLElement {
  const made = document.createElement(name);
  made.className = kind;
  made.textContent = text;
  return made;
}

/** The code of a problem, or of an error that carries one. */
function codeOf(told: unknown): string {
  if (told instanceof Error) return told.message || "internal";
  const code = typeof told === "object" && told !== null && "code" in told ? told.code : undefined;
  return typeof code === "string" ? code : "internal";
}

/** Makes the element known to this page; once is enough. */
export function defineHoldfastCheck(name = "holdfast-check"): void {
  if (typeof customElements !== "undefined" && !customElements.get(name)) {
    customElements.define(name, HoldfastCheck);
  }
}
