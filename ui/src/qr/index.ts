/** Reads QR codes by camera, picture, pasted text and handheld scanner. */
import "../messages/common.ts";

export { classify, judge, type Kind } from "./classify.ts";
export type { Code } from "./decode.ts";
export { default as Reader } from "./Reader.svelte";
export type { Via } from "./reader.ts";
