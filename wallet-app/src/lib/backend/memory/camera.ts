/** A camera that is played. */
import type { CameraEvent, Seen } from "../types";
import { PARTS } from "./challenges";
import { failure } from "./failure";
import { CAMERA_FRAME } from "./pictures";
import type { CameraPlan, PartsPlan } from "./scenarios";

const FRAME_MS = 100;
/** A code is seen after so many frames. */
const SEEN_AFTER = 10;
/** One more part of a challenge is. */
const PART_AFTER = 3;

export class Camera {
  readonly #plan: CameraPlan;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(plan: CameraPlan) {
    this.#plan = plan;
  }

  get present(): boolean {
    return this.#plan.kind !== "absent";
  }

  start(take: (event: CameraEvent) => void): void {
    this.stop();
    const plan = this.#plan;
    if (plan.kind === "absent") throw failure("camera_missing");
    if (plan.kind === "fails") throw failure(plan.code);
    let frames = 0;
    const show = () => {
      frames += 1;
      if (plan.kind === "lost_after" && frames > plan.frames) {
        this.stop();
        take({ kind: "failed", error: failure("camera_lost") });
        return;
      }
      take({ kind: "frame", frame: { width: 160, height: 120, source: CAMERA_FRAME } });
      if (plan.kind === "sees" && plan.text !== null && frames === SEEN_AFTER) {
        take({ kind: "code", text: plan.text });
      }
      if (plan.kind === "sees_parts" && frames % PART_AFTER === 0) take(partSeen(plan, frames / PART_AFTER));
    };
    show();
    this.#timer = setInterval(show, FRAME_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function partSeen(plan: PartsPlan, count: number): Seen {
  const received = Math.min(count, plan.until);
  const altered = plan.altered && received === PARTS;
  return received < PARTS || altered
    ? { kind: "parts", parts: { received, needed: PARTS, altered } }
    : { kind: "challenge", challenge: plan.challenge };
}

/** Here a picture is a text file with a code a line: a link, `challenge:` and a name, or `parts:` and a number. */
export function codesIn(bytes: Uint8Array): Seen {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw failure("picture_unreadable");
  }
  const codes = text.split("\n").filter((line) => line.trim() !== "");
  const [only] = codes;
  if (only === undefined) throw failure("no_code_found");
  if (codes.length > 1) throw failure("two_codes");
  const [kind, rest = ""] = only.split(":", 2);
  if (kind === "challenge") return { kind, challenge: rest };
  if (kind === "parts") return { kind, parts: { received: Number(rest), needed: PARTS, altered: false } };
  return { kind: "code", text: only };
}
