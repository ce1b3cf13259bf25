/** An offer on its way to a person. */
import { type Failure, failureOf, Once, post } from "@holdfast/ui/service";
import { mayBeDone } from "./problems.ts";
import { API, type CardType, type OfferMade } from "./types.ts";

export class Offering {
  /** What is handed over. Nobody can read it again, so it is gone when the page is. */
  made = $state.raw<OfferMade>();
  type = $state.raw<CardType>();
  /** The type whose offer is being made. */
  making = $state<string>();
  failure = $state.raw<Failure>();

  #subject: string;
  #actions = new Map<string, Once>();

  constructor(subject: string) {
    this.#subject = subject;
  }

  /** Makes an offer; whether there is a new one. */
  make = async (type: CardType): Promise<boolean> => {
    this.failure = undefined;
    this.making = type.card_type;
    try {
      const made = await this.#once(type).run(
        (key) =>
          post<OfferMade>(`${API}/offers`, { card_type: type.card_type, subject: this.#subject }, { key }),
        (error) => mayBeDone(failureOf(error).code),
      );
      if (!made) return false;
      this.made = made;
      this.type = type;
      return true;
    } catch (error) {
      this.failure = failureOf(error);
      return false;
    } finally {
      this.making = undefined;
    }
  };

  forget = (): void => {
    this.made = undefined;
  };

  /** One for each type: the key of an offer whose answer was lost is no key for another card. */
  #once(type: CardType): Once {
    const once = this.#actions.get(type.card_type) ?? new Once();
    this.#actions.set(type.card_type, once);
    return once;
  }
}
