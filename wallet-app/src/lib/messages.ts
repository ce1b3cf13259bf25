/** Registers the words of the frame's own screens; imported for its effect. */
import { register } from "@holdfast/ui/messages";
import de from "../../../ui/src/messages/de/wallet.json";
import en from "../../../ui/src/messages/en/wallet.json";
import fr from "../../../ui/src/messages/fr/wallet.json";

register("wallet", { en, de, fr });
