/**
 * Finds QR codes in pictures with zxing, compiled to WebAssembly. Library and module are fetched when
 * the first picture comes, both from the page's own origin.
 */
import moduleUrl from "zxing-wasm/reader/zxing_reader.wasm?url";

/** One code that was found. */
export interface Code {
  text: string;
  /** What the code holds byte for byte; the text is a guess where it is not text. */
  bytes: Uint8Array;
}

/** Finds the codes in a picture, so many `most`. */
export type Decode = (picture: ImageData, most?: number) => Promise<Code[]>;

/** Enough to notice that there is more than one. */
const MOST_CODES = 4;

/** On one sheet there are as many codes as a message can need. docs/offline-qr.md §4 */
export const SHEET_CODES = 16;

/** Loads the decoder. `wasmUrl` is for a page that serves the module elsewhere than beside its scripts. */
export async function loadDecoder(wasmUrl: string = moduleUrl): Promise<Decode> {
  const { prepareZXingModule, readBarcodes } = await import("zxing-wasm/reader");
  await prepareZXingModule({ overrides: { locateFile: () => wasmUrl }, fireImmediately: true });
  return async (picture, most = MOST_CODES) => {
    const found = await readBarcodes(picture, {
      formats: ["QRCode"],
      maxNumberOfSymbols: most,
      tryHarder: true,
      textMode: "Plain",
    });
    return found.filter((code) => code.isValid).map(({ text, bytes }) => ({ text, bytes }));
  };
}
