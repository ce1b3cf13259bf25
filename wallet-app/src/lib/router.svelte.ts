/** Where the person is, as the hash of the address says. */
import { hashOf, parentOf, routeOf, type Route, type RouteName } from "./routes";

class Router {
  route = $state<Route>({ name: "home", id: "" });

  /** Follows the address from now on. */
  start(): void {
    window.addEventListener("hashchange", () => this.follow());
    this.follow();
  }

  /** Takes the place from the address. */
  follow(): void {
    this.route = routeOf(location.hash);
  }
}

export const router = new Router();

/** Goes to a place. */
export function go(name: RouteName, id = ""): void {
  location.hash = hashOf(name, id);
  // At once: the event comes later, and until then the screen would be that of the old place.
  router.follow();
}

/** Goes to a place so that "back" does not lead here again, as after something was done for good. */
export function replace(name: RouteName, id = ""): void {
  location.replace(hashOf(name, id));
  router.follow();
}

/** One level up, wherever the person came from. */
export function back(): void {
  const parent = parentOf(router.route);
  go(parent.name, parent.id);
}
