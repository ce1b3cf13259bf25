/** What the pages of all services do alike: calls, things followed, actions done once. */
export { Failure, failureOf, get, post, postForBlob, SIGNED_OUT } from "./api.ts";
export { follow, type Following, poll } from "./follow.ts";
export { Loaded } from "./load.svelte.ts";
export { Once } from "./once.ts";
export { OF_ANOTHER_VERSION, retryHelps, wholeMinutes, type Lines } from "./problems.ts";
