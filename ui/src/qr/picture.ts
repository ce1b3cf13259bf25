/** Pixels of what can be drawn: a frame of a video, a picture file. */

/** Draws pictures onto one canvas and gives back their pixels, never more than `longestSide` on a side. */
export class Pixels {
  readonly #canvas = document.createElement("canvas");
  readonly #context = this.#canvas.getContext("2d", { willReadFrequently: true });

  constructor(readonly longestSide: number) {}

  /** The pixels of a picture of that size; none where there is nothing to see yet. */
  of(source: CanvasImageSource, width: number, height: number): ImageData | undefined {
    if (!this.#context || width === 0 || height === 0) return undefined;
    const scale = Math.min(1, this.longestSide / Math.max(width, height));
    this.#canvas.width = Math.max(1, Math.round(width * scale));
    this.#canvas.height = Math.max(1, Math.round(height * scale));
    this.#context.drawImage(source, 0, 0, this.#canvas.width, this.#canvas.height);
    return this.#context.getImageData(0, 0, this.#canvas.width, this.#canvas.height);
  }
}

/** Photographs of telephones are larger than any code needs. */
const LONGEST_SIDE = 2400;

/** The pixels of a picture file. Fails where the browser cannot read it as a picture. */
export async function pixelsOfFile(file: Blob): Promise<ImageData> {
  const bitmap = await createImageBitmap(file);
  try {
    const pixels = new Pixels(LONGEST_SIDE).of(bitmap, bitmap.width, bitmap.height);
    if (!pixels) throw new Error("the browser draws no pictures");
    return pixels;
  } finally {
    bitmap.close();
  }
}
