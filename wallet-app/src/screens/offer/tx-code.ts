/** The form of the code an office sends by another way. */
import type { OfferView } from "../../lib/backend/types";

/** What was typed, without the spaces people put between groups. */
export function plainCode(typed: string): string {
  return typed.replace(/\s+/g, "");
}

/** Whether a code has the announced form; without one there is none. */
export function fits(form: OfferView["txCode"], code: string | null): boolean {
  if (form === null || code === null) return form === null && code === null;
  const digits = !form.numeric || /^\d+$/.test(code);
  return code !== "" && digits && (form.length === null || [...code].length === form.length);
}
