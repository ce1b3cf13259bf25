import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { MemoryBackend } from "../../lib/backend/memory";
import { linkTo } from "../../lib/backend/memory/links";
import { SCENARIOS, type ScenarioName } from "../../lib/backend/memory/scenarios";
import type { Scanned } from "../../lib/backend/types";
import { Scanner } from "./scanner.svelte";

function scan(scenario: ScenarioName) {
  const backend = new MemoryBackend(SCENARIOS[scenario]());
  const found = vi.fn<(scanned: Scanned) => void>();
  return { backend, found, scanner: new Scanner(backend, found) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("gives the first code, and lets go of the camera", async () => {
  const { backend, found, scanner } = scan("camera_code");
  const stop = vi.spyOn(backend, "stopCamera");
  void scanner.start();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(found.mock.calls).toEqual([[linkTo("request_cross_device")]]);
  expect(stop).toHaveBeenCalledTimes(1);
  expect(scanner.state).toBe("off");
  expect(scanner.frame).toBeNull();
});

it("counts the parts of a challenge, and gives it when it is whole", async () => {
  const { backend, found, scanner } = scan("challenge");
  const stop = vi.spyOn(backend, "stopCamera");
  void scanner.start();
  await vi.advanceTimersByTimeAsync(700);
  expect(scanner.parts).toEqual({ received: 2, needed: 4, altered: false });
  expect(found).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(found.mock.calls).toEqual([[{ challenge: "challenge" }]]);
  expect(stop).toHaveBeenCalledTimes(1);
  expect(scanner.parts).toBeNull();
});

it("goes on while a part is damaged", async () => {
  const { found, scanner } = scan("parts_altered");
  void scanner.start();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(scanner.parts).toEqual({ received: 4, needed: 4, altered: true });
  expect([scanner.state, found.mock.calls]).toEqual(["on", []]);
});

it("shows what the camera sees until it is stopped", async () => {
  const { found, scanner } = scan("camera");
  void scanner.start();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(scanner.frame?.source).toMatch(/^data:image\//);
  await scanner.stop();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(scanner.frame).toBeNull();
  expect(found).not.toHaveBeenCalled();
});

it.each(["camera_missing", "camera_denied", "camera_busy", "camera_lost"] as const)(
  "says %s, and can be started again",
  async (code) => {
    const { scanner } = scan(code);
    void scanner.start();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(scanner.error).toMatchObject({ code });
    expect(scanner.state).toBe("off");
    void scanner.start();
    expect(scanner.error).toBeNull();
  },
);

it("lets go of a camera that comes after it was called off", async () => {
  const { backend, scanner } = scan("camera");
  const stop = vi.spyOn(backend, "stopCamera");
  const starting = scanner.start();
  await scanner.stop();
  await vi.advanceTimersByTimeAsync(1_000);
  await starting;
  expect(scanner.frame).toBeNull();
  expect(stop).toHaveBeenCalledTimes(2);
});
