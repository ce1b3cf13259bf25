/** The words of the desk. */
import { register } from "@holdfast/ui/messages";
import de from "../../../../ui/src/messages/de/business.json";
import en from "../../../../ui/src/messages/en/business.json";
import fr from "../../../../ui/src/messages/fr/business.json";

register("business", { en, de, fr });
