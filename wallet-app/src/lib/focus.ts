import { tick } from "svelte";

/** Takes the person to the first field that is not right yet. */
export async function focusFirstInvalid(): Promise<void> {
  await tick();
  document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
