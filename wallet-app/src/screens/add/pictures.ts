/** Codes in the files that a person chose: pictures, one after the other, and films, which are many of them. */
import { readFilm } from "@holdfast/ui/film";
import type { Backend, Parts, Scanned, Seen } from "../../lib/backend/types";
import { codeOf } from "../../lib/problems";

/** More than any screenshot; a larger picture is not worth the memory. */
const LARGEST = 32 * 1024 * 1024;

/** Who is told how far it is, and what ends it. */
export interface Looking {
  onparts: (parts: Parts) => void;
  /** How much of a film was read, from 0 to 1; nothing while it is a picture. */
  onshare: (share: number | undefined) => void;
  signal: AbortSignal;
}

/** What all of the files come to: the first code, or a challenge; else how many parts of one were seen. */
export async function readFiles(
  backend: Backend,
  files: readonly File[],
  looking: Looking,
): Promise<Scanned | Parts | null> {
  let parts: Parts | null = null;
  for (const file of files) {
    if (looking.signal.aborted) return null;
    const seen = file.type.startsWith("video/")
      ? await readVideo(backend, file, looking)
      : await backend.readPicture(await bytesOf(file));
    if (seen.kind !== "parts") return scannedOf(seen);
    parts = seen.parts;
    looking.onparts(parts);
  }
  return parts;
}

function scannedOf(seen: Exclude<Seen, { kind: "parts" }>): Scanned {
  return seen.kind === "code" ? seen.text : { challenge: seen.challenge };
}

async function bytesOf(file: Blob): Promise<Uint8Array> {
  if (file.size > LARGEST) throw { code: "picture_unreadable", params: {} };
  return new Uint8Array(await file.arrayBuffer());
}

/** The wallet looks at one picture of the film after the other, until it has seen enough. */
async function readVideo(backend: Backend, film: File, looking: Looking): Promise<Seen> {
  const enough = new AbortController();
  const signal = AbortSignal.any([looking.signal, enough.signal]);
  const pictures = { played: 0, last: undefined as Seen | undefined };
  const look = async (picture: ImageData) => {
    pictures.played += 1;
    const seen = await backend.readPicture(await pictureOf(picture)).catch(nothingThere);
    if (seen === null) return [];
    pictures.last = seen;
    if (seen.kind === "parts") looking.onparts(seen.parts);
    else enough.abort();
    return [];
  };
  try {
    await readFilm(film, look, { onfound: () => undefined, onshare: looking.onshare, signal });
  } catch (error) {
    throw pictures.played === 0 ? { code: "film_unreadable", params: {} } : error;
  } finally {
    looking.onshare(undefined);
  }
  if (!pictures.last) throw { code: "no_code_in_film", params: {} };
  return pictures.last;
}

/** A picture of a film without a code, or with more than one text, is followed by another one. */
function nothingThere(error: unknown): null {
  if (["no_code_found", "two_codes"].includes(codeOf(error))) return null;
  throw error;
}

async function pictureOf(picture: ImageData): Promise<Uint8Array> {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.width, picture.height];
  canvas.getContext("2d")?.putImageData(picture, 0, 0);
  const file = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  return new Uint8Array((await file?.arrayBuffer()) ?? []);
}
