/** Registers the words of the shared components; imported by everything that shows one. */
import de from "./de/common.json";
import en from "./en/common.json";
import fr from "./fr/common.json";
import { register } from "./index.svelte.ts";

register("common", { en, de, fr });
