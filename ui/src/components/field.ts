/** How a field tells the input inside it what belongs to it. */
import { getContext, setContext } from "svelte";

interface FieldLink {
  readonly inputId: string;
  /** The ids of hint and error. */
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
}

const KEY = Symbol("field");

/** Called by the field; what is read through `link` follows its changes. */
export function offerField(link: FieldLink): void {
  setContext(KEY, link);
}

/** Called by the input; none where it stands alone. */
export function nearestField(): FieldLink | undefined {
  return getContext<FieldLink | undefined>(KEY);
}
