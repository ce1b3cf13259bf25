/** Registers the words for what happens with a link, and for everything that can go wrong. */
import { register } from "@holdfast/ui/messages";
import deErrors from "../../../ui/src/messages/de/errors.json";
import deSharing from "../../../ui/src/messages/de/sharing.json";
import enErrors from "../../../ui/src/messages/en/errors.json";
import enSharing from "../../../ui/src/messages/en/sharing.json";
import frErrors from "../../../ui/src/messages/fr/errors.json";
import frSharing from "../../../ui/src/messages/fr/sharing.json";

register("errors", { en: enErrors, de: deErrors, fr: frErrors });
register("sharing", { en: enSharing, de: deSharing, fr: frSharing });
