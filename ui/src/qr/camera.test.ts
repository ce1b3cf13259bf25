import { expect, test, vi } from "vitest";
import { fault, openCamera } from "./camera.ts";

test.each([
  ["NotAllowedError", "denied"],
  ["NotFoundError", "missing"],
  ["OverconstrainedError", "missing"],
  ["NotReadableError", "busy"],
  ["AbortError", "busy"],
  ["SecurityError", "insecure"],
])("%s means that the camera is %s", (name, expected) => {
  expect(fault(new DOMException("", name))).toBe(expected);
});

/** A track that can be unplugged. */
class Track extends EventTarget {
  stop = vi.fn();
  getCapabilities = () => ({ torch: true });
  applyConstraints = vi.fn(async () => {});
}

function plugIn(track: Track) {
  const stream = { getTracks: () => [track], getVideoTracks: () => [track] };
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia: async () => stream } });
}

test("a camera that is unplugged is told once, one that was closed is not", async () => {
  const track = new Track();
  plugIn(track);
  const lost = vi.fn();
  const camera = await openCamera(lost);
  track.dispatchEvent(new Event("ended"));
  camera.close();
  track.dispatchEvent(new Event("ended"));
  expect(lost).toHaveBeenCalledTimes(1);
  expect(track.stop).toHaveBeenCalled();
});

test("the light is switched where there is one", async () => {
  const track = new Track();
  plugIn(track);
  const camera = await openCamera(() => {});
  await camera.setTorch(true);
  expect(camera.hasTorch).toBe(true);
  expect(track.applyConstraints).toHaveBeenCalledWith({ advanced: [{ torch: true }] });
});

test("a page without a right to the camera says so", async () => {
  vi.stubGlobal("navigator", {});
  await expect(openCamera(() => {})).rejects.toBe("insecure");
});
