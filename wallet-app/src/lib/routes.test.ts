import { expect, test } from "vitest";
import { hashOf, parentOf, routeOf, ROUTES, type RouteName } from "./routes";

const names = Object.keys(ROUTES) as RouteName[];

test.each(names)("the hash of %s leads back to it", (name) => {
  const id = ROUTES[name].includes(":id") ? "42" : "";
  expect(routeOf(hashOf(name, id))).toEqual({ name, id });
});

test("an id may hold any character", () => {
  const id = "a/b?c#d ä%";
  expect(routeOf(hashOf("card", id))).toEqual({ name: "card", id });
});

test.each(["", "#", "#/nowhere", "#/cards", "#/cards/", "#/cards/%E0%A4%A", "#/settings/secret/more"])(
  "anything unknown is home: %s",
  (hash) => {
    expect(routeOf(hash)).toEqual({ name: "home", id: "" });
  },
);

test("back leads up, and in the end home", () => {
  for (const name of names) {
    let place = { name, id: "" };
    for (let steps = 0; steps < 3 && place.name !== "home"; steps += 1) place = parentOf(place);
    expect(place.name).toBe("home");
  }
});
