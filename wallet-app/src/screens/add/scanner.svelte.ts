/** The camera of this device, from "start" to the first code, or all parts of a challenge, that it sees. */
import type { Backend, CameraEvent, Frame, Parts, Scanned } from "../../lib/backend/types";

export class Scanner {
  state = $state<"off" | "starting" | "on">("off");
  frame = $state.raw<Frame | null>(null);
  /** How far a challenge is that it sees. */
  parts = $state.raw<Parts | null>(null);
  error = $state.raw<unknown>(null);
  readonly #backend: Backend;
  readonly #found: (scanned: Scanned) => void;

  constructor(backend: Backend, found: (scanned: Scanned) => void) {
    this.#backend = backend;
    this.#found = found;
  }

  async start(): Promise<void> {
    if (this.state !== "off") return;
    this.state = "starting";
    this.error = null;
    this.parts = null;
    try {
      await this.#backend.startCamera((event) => this.#take(event));
      // Called off before it came: it must not go on looking.
      if (this.#calledOff()) await this.#backend.stopCamera();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Lets go of the camera, at whatever point. */
  async stop(): Promise<void> {
    this.state = "off";
    this.frame = null;
    this.parts = null;
    await this.#backend.stopCamera();
  }

  #calledOff(): boolean {
    return this.state === "off";
  }

  #take(event: CameraEvent): void {
    // What was on its way when the camera was let go is not wanted any more.
    if (this.state === "off") return;
    if (event.kind === "frame") {
      this.state = "on";
      this.frame = event.frame;
    } else if (event.kind === "parts") {
      this.parts = event.parts;
    } else if (event.kind === "code" || event.kind === "challenge") {
      void this.stop();
      this.#found(event.kind === "code" ? event.text : { challenge: event.challenge });
    } else {
      this.#fail(event.error);
    }
  }

  #fail(error: unknown): void {
    this.state = "off";
    this.frame = null;
    this.error = error;
  }
}
