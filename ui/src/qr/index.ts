/** Reads QR codes by camera, picture, film, pasted text and handheld scanner. */
import "../messages/common.ts";

export { classify, judge, type Kind } from "./classify.ts";
export type { Code } from "./decode.ts";
export { default as FrameReader } from "./FrameReader.svelte";
export { default as Reader } from "./Reader.svelte";
export type { Via } from "./reader.ts";
