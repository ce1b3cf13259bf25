/** Answers in a service's place: what a page shows when the service says this, or nothing. */
import type { Page } from "playwright-core";
import type { System } from "./system.ts";

export type Steps = (page: Page, system: System) => Promise<void>;

export const text =
  (words: string | RegExp): Steps =>
  (page) =>
    page.getByText(words).first().waitFor();

export const title =
  (words: string | RegExp): Steps =>
  (page) =>
    page.getByRole("heading", { level: 1, name: words }).waitFor();

export const press =
  (name: string | RegExp): Steps =>
  (page) =>
    page
      .getByRole("button", { name, exact: typeof name === "string" })
      .first()
      .click();

export const both =
  (...several: Steps[]): Steps =>
  async (page, system) => {
    for (const steps of several) await steps(page, system);
  };

/** Answers a call in the service's place; what is set later goes before. */
export const answers =
  (call: string, status: number, body: object, headers: Record<string, string> = {}): Steps =>
  async (page) => {
    await page.route(call, (route) =>
      route.fulfill({ status, headers, contentType: "application/json", body: JSON.stringify(body) }),
    );
  };

export const fails = (call: string, status: number, code: string, headers = {}): Steps =>
  answers(call, status, { code }, headers);

export const cutOff =
  (call: string): Steps =>
  async (page) => {
    await page.route(call, (route) => route.abort());
  };

/** A call that never ends: what is shown until then. */
export const hangs =
  (call: string): Steps =>
  async (page) => {
    await page.route(call, () => undefined);
  };

/** A stream of events of this name, over after the last. */
export const tells =
  (call: string, event: string, ...states: object[]): Steps =>
  async (page) => {
    const body = states.map((state) => `event: ${event}\ndata: ${JSON.stringify(state)}\n\n`).join("");
    await page.route(call, (route) => route.fulfill({ contentType: "text/event-stream", body }));
  };

/** Looks like a code and says nothing: its three corners, and a pattern that is always the same. */
export const CODE_PICTURE = picture(33);

function picture(size: number): string {
  const corner = (x: number, y: number): boolean | undefined => {
    for (const [left, top] of [
      [0, 0],
      [size - 7, 0],
      [0, size - 7],
    ] as const) {
      const far = Math.max(Math.abs(x - left - 3), Math.abs(y - top - 3));
      if (far <= 4) return far !== 4 && far !== 2;
    }
    return undefined;
  };
  let noise = 7;
  let path = "";
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      noise = (noise * 48_271) % 2_147_483_647;
      if (corner(x, y) ?? noise % 2 === 0) path += `M${x} ${y}h1v1h-1z`;
    }
  }
  const box = `-2 -2 ${size + 4} ${size + 4}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}"><path fill="#fff" d="M-2-2h${size + 4}v${size + 4}h-${size + 4}z"/><path d="${path}"/></svg>`;
}
