import { type Failure, failureOf, get } from "./api.ts";

/** Something that is read once when a page opens, and again when asked to. */
export class Loaded<T> {
  value = $state.raw<T>();
  failure = $state.raw<Failure>();

  #path: string;

  constructor(path: string) {
    this.#path = path;
    void this.load();
  }

  load = async (): Promise<void> => {
    this.failure = undefined;
    try {
      this.value = await get<T>(this.#path);
    } catch (error) {
      this.failure = failureOf(error);
    }
  };
}
