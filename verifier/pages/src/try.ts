import "@holdfast/ui/style.css";
import { startPreferences } from "@holdfast/ui";
import { register } from "@holdfast/ui/messages";
import { mount } from "svelte";
import de from "../../../ui/src/messages/de/try.json";
import en from "../../../ui/src/messages/en/try.json";
import fr from "../../../ui/src/messages/fr/try.json";
import "./lib/messages.ts";
import Try from "./try/Try.svelte";

register("try", { en, de, fr });
startPreferences();
const target = document.getElementById("app");
if (target) mount(Try, { target });
