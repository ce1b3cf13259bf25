import { expect, test } from "vitest";
import { baseOf } from "./base.ts";
import { pathOf, placeOf, shopPlaceOf, triedAt } from "./routes.ts";

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
  ["/b/corner-shop/desk", { name: "home", check: "" }],
  ["/b/corner-shop/ask/adult", { name: "ask", check: "adult" }],
  ["/b/corner-shop/scan", { name: "scan", check: "" }],
  ["/b/corner-shop/join", { name: "join", check: "" }],
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

test("the desk of another business stays its desk", () => {
  expect(pathOf("home", "", "/b/corner-shop")).toBe("/b/corner-shop/desk");
  expect(pathOf("ask", "adult", "/b/corner-shop")).toBe("/b/corner-shop/ask/adult");
});

test.each([
  ["/b/corner-shop/desk", "/b/corner-shop"],
  ["/b/corner-shop", "/b/corner-shop"],
  ["/b/UPPER/desk", ""],
  ["/b/", ""],
  ["/big/desk", ""],
  ["/", ""],
])("what stands before everything in %s", (path, base) => {
  expect(baseOf(path)).toBe(base);
});

test.each([
  ["/try", ""],
  ["/try/age-18", "age-18"],
])("what is tried at %s", (path, check) => {
  expect(triedAt(path)).toBe(check);
});
