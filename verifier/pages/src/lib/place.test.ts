import { expect, test } from "vitest";
import { placeOf } from "./place.ts";

test.each([
  ["/", { page: "home" }],
  ["/today", { page: "today" }],
  ["/ask/adult-resident", { page: "ask", check: "adult-resident" }],
  ["/scan", { page: "scan", check: "" }],
  ["/scan/a%20b", { page: "scan", check: "a b" }],
  ["/ask/%E0%A4%A", { page: "ask", check: "%E0%A4%A" }],
  ["/elsewhere", { page: "home" }],
])("%s", (path, place) => {
  expect(placeOf(path)).toEqual(place);
});
