import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Idle, WARNING_S } from "./idle";

const calls = { warn: vi.fn(), lock: vi.fn(), touch: vi.fn() };
let minutes = 1;
let idle: Idle;

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  minutes = 1;
  idle = new Idle({ minutes: () => minutes, ...calls });
  idle.start();
});

afterEach(() => {
  idle.stop();
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);

test("locks once when nobody is there", () => {
  pass(59);
  expect(calls.lock).not.toHaveBeenCalled();
  pass(10);
  expect(calls.lock).toHaveBeenCalledOnce();
});

test("warns before, and a sign of the person takes the warning back", () => {
  pass(60 - WARNING_S - 1);
  expect(calls.warn).not.toHaveBeenCalled();
  pass(1);
  expect(calls.warn).toHaveBeenLastCalledWith(WARNING_S);
  pass(5);
  expect(calls.warn).toHaveBeenLastCalledWith(WARNING_S - 5);
  idle.sign();
  expect(calls.warn).toHaveBeenLastCalledWith(null);
  pass(59);
  expect(calls.lock).not.toHaveBeenCalled();
});

test("another time counts at once", () => {
  pass(50);
  minutes = 5;
  pass(200);
  expect(calls.lock).not.toHaveBeenCalled();
  pass(50);
  expect(calls.lock).toHaveBeenCalledOnce();
});

test("a computer that slept locks, and the touch that woke it does not keep it open", () => {
  vi.setSystemTime(Date.now() + 3_600_000);
  idle.sign();
  expect(calls.lock).toHaveBeenCalledOnce();
  expect(calls.touch).not.toHaveBeenCalled();
});

test("tells the wallet that the person is there, but not at every move", () => {
  for (let moves = 0; moves < 40; moves += 1) {
    pass(1);
    idle.sign();
  }
  expect(calls.touch.mock.calls.length).toBe(2);
});

test("after a stop nothing happens", () => {
  idle.stop();
  pass(1000);
  idle.sign();
  expect(calls.lock).not.toHaveBeenCalled();
  expect(calls.touch).not.toHaveBeenCalled();
});
