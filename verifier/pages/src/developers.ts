import "@holdfast/ui/style.css";
import { startPreferences } from "@holdfast/ui";
import { register } from "@holdfast/ui/messages";
import { mount } from "svelte";
import de from "../../../ui/src/messages/de/developers.json";
import en from "../../../ui/src/messages/en/developers.json";
import fr from "../../../ui/src/messages/fr/developers.json";
import Developers from "./developers/Developers.svelte";

register("developers", { en, de, fr });
startPreferences();
const target = document.getElementById("app");
if (target) mount(Developers, { target });
