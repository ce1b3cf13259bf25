/** Why a reader cannot go on, in the three lines of every problem, with a stable code. */
import { t } from "../messages/index.svelte.ts";
import type { CameraFault } from "./camera.ts";
import type { Kind } from "./classify.ts";

/**
 * `decoder`: its module was not loaded. `keys`: a handheld scanner typed what it cannot type. The others are
 * about a picture or a film, or what was found in one.
 */
export type Trouble =
  CameraFault | "decoder" | "none" | "unreadable" | "several" | "film_none" | "film_unreadable" | "keys";

/** What `Problem` shows. */
export interface TroubleWords {
  code: string;
  what: string;
  safe: string;
  now: string;
}

const CODES: Record<Trouble, string> = {
  denied: "camera_denied",
  missing: "camera_missing",
  busy: "camera_busy",
  lost: "camera_lost",
  insecure: "camera_insecure",
  decoder: "decoder_not_loaded",
  none: "no_code_found",
  unreadable: "picture_unreadable",
  several: "two_codes",
  film_none: "no_code_in_film",
  film_unreadable: "film_unreadable",
  keys: "scanner_unfit",
};

/** The words for a reader that found nothing it may deliver. */
export function troubleWords(trouble: Trouble): TroubleWords {
  return {
    code: CODES[trouble],
    what: t(`common.reader.trouble.${trouble}.what`),
    safe: t("common.reader.safe"),
    now: t(`common.reader.trouble.${trouble}.now`),
  };
}

/** The words for a code that this page does not wait for. */
export function foreignWords(kind: Kind): TroubleWords {
  return {
    code: "not_a_code",
    what: t("common.reader.foreign.title"),
    safe: t(`common.reader.foreign.${kind}.safe`),
    now: t(`common.reader.foreign.${kind}.now`),
  };
}
