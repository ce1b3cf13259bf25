/** Makes the time of a page stand still: a view is looked at for longer than what it counts takes. */
import type { Page } from "playwright-core";

/** Nothing that is still to come before a view is there takes so long. */
const LONG_MS = 5_000;

/**
 * From now on clocks stand, `later` milliseconds ahead, and what is to happen after five seconds or more
 * does not happen. Shorter waits go on, and so does what was begun before. It ends with the page.
 */
export function hold(page: Page, later = 0): Promise<void> {
  return page.evaluate(
    ({ later, long }) => {
      const at = Date.now() + later;
      Date.now = () => at;
      const wait = window.setTimeout;
      Object.assign(window, {
        setTimeout: (run: (...rest: unknown[]) => void, ms = 0, ...rest: unknown[]) =>
          ms < long ? wait(run, ms, ...rest) : 0,
      });
    },
    { later, long: LONG_MS },
  );
}
