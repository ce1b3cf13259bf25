import { expect, test } from "vitest";
import { hashOf, placeOf, type Place } from "./place.ts";

test.each<Place>([
  { page: "find" },
  { page: "person", id: "SYN-000001", offer: false },
  { page: "person", id: "a/b %", offer: true },
])("a place comes back from its address: %j", (place) => {
  expect(placeOf(hashOf(place))).toEqual(place);
});

test.each(["", "#", "#/", "#/people", "#/people/", "#/elsewhere/1"])("%s is the search", (hash) => {
  expect(placeOf(hash)).toEqual({ page: "find" });
});

test("a broken address is taken as it stands", () => {
  expect(placeOf("#/people/%E0%A4%A")).toEqual({ page: "person", id: "%E0%A4%A", offer: false });
});
