/** The camera of the device, by the browser. */

/** Why there is no picture. `lost`: it was there and went away. `insecure`: the page has no right to ask. */
export type CameraFault = "denied" | "missing" | "busy" | "lost" | "insecure";

/** An open camera. */
export interface Camera {
  stream: MediaStream;
  /** Whether it has a light that can be switched. */
  hasTorch: boolean;
  setTorch(on: boolean): Promise<void>;
  close(): void;
}

/** Opens the camera at the back, if there is one. Fails with a `CameraFault`. */
export async function openCamera(onlost: () => void): Promise<Camera> {
  // Browsers hide the camera from pages that did not come over https.
  if (!navigator.mediaDevices?.getUserMedia) throw "insecure" satisfies CameraFault;
  const stream = await navigator.mediaDevices
    .getUserMedia({
      audio: false,
      video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
    })
    .catch((error: unknown) => {
      throw fault(error);
    });
  const [track] = stream.getVideoTracks();
  track?.addEventListener("ended", onlost);
  return {
    stream,
    hasTorch: track !== undefined && hasTorch(track),
    // `torch` is not in the types of the platform yet. Media Capture Image §4
    setTorch: async (on) => track?.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] }),
    close() {
      track?.removeEventListener("ended", onlost);
      for (const each of stream.getTracks()) each.stop();
    },
  };
}

/** Which fault an error of `getUserMedia` is. Media Capture and Streams §10.2 */
export function fault(error: unknown): CameraFault {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  switch (name) {
    case "NotAllowedError":
      return "denied";
    case "SecurityError":
      return "insecure";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "missing";
  }
}

function hasTorch(track: MediaStreamTrack): boolean {
  const capabilities: MediaTrackCapabilities & { torch?: boolean } = track.getCapabilities?.() ?? {};
  return capabilities.torch === true;
}
