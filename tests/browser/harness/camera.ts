/** A camera for pages that are looked at: it sees a drawing that is always the same. */
import type { Page } from "playwright-core";

/** Puts the drawing, with a light to switch, in the place of a camera; for pages that may use one. */
export async function drawCamera(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { mediaDevices, permissions } = navigator;
    // Not there on pages that did not come over https or from this machine.
    if (!mediaDevices) return;
    const real = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (wanted) => {
      const { state } = await permissions.query({ name: "camera" as PermissionName });
      if (state !== "granted") return real(wanted);
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [640, 480];
      const pen = canvas.getContext("2d")!;
      // Somebody's phone over a counter.
      const draw = (): void => {
        for (const [colour, x, y, width, height] of [
          ["#8a7d6b", 0, 0, 640, 480],
          ["#1d2226", 215, 50, 210, 380],
          ["#e6ebee", 227, 76, 186, 328],
        ] as const) {
          pen.fillStyle = colour;
          pen.fillRect(x, y, width, height);
        }
      };
      draw();
      setInterval(draw, 100);
      const stream = canvas.captureStream(10);
      for (const track of stream.getVideoTracks())
        Object.assign(track, { getCapabilities: () => ({ torch: true }), applyConstraints: async () => {} });
      return stream;
    };
  });
}

/** Lets the pages of this window use the camera, until what they may is taken back. */
export function allowCamera(page: Page): Promise<void> {
  return page.context().grantPermissions(["camera"]);
}
