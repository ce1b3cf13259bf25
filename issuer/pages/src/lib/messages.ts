/** The words of the counter. */
import { register } from "@holdfast/ui/messages";
import de from "../../../../ui/src/messages/de/agency.json";
import en from "../../../../ui/src/messages/en/agency.json";
import fr from "../../../../ui/src/messages/fr/agency.json";

register("agency", { en, de, fr });
