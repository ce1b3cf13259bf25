import { expect, test } from "vitest";
import { pathOf, placeOf, shopPlaceOf } from "./routes.ts";

test.each([
  ["/", { name: "home", check: "" }],
  ["/today", { name: "today", check: "" }],
  ["/ask/adult-resident", { name: "ask", check: "adult-resident" }],
  ["/scan", { name: "scan", check: "" }],
  ["/scan/", { name: "scan", check: "" }],
  ["/scan/a%20b", { name: "scan_check", check: "a b" }],
  ["/offline", { name: "offline", check: "" }],
  ["/offline/adult", { name: "offline_check", check: "adult" }],
  ["/ask/%E0%A4%A", { name: "ask", check: "%E0%A4%A" }],
  ["/elsewhere", { name: "home", check: "" }],
])("%s", (path, place) => {
  expect(placeOf(path)).toEqual(place);
});

test("an address leads back to its place", () => {
  expect(placeOf(pathOf("ask", "a/b c"))).toEqual({ name: "ask", check: "a/b c" });
  expect(pathOf("scan_check", "adult")).toBe("/scan/adult");
});

test.each([
  ["/shop", "product"],
  ["/shop/check/", "check"],
  ["/shop/return", "return"],
  ["/shop/elsewhere", "product"],
])("%s is the shop's %s", (path, name) => {
  expect(shopPlaceOf(path)).toBe(name);
});
