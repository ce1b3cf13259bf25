import "@holdfast/ui/style.css";
import { startPreferences } from "@holdfast/ui";
import { register } from "@holdfast/ui/messages";
import { mount } from "svelte";
import de from "../../../ui/src/messages/de/shop.json";
import en from "../../../ui/src/messages/en/shop.json";
import fr from "../../../ui/src/messages/fr/shop.json";
import Shop from "./shop/Shop.svelte";

register("shop", { en, de, fr });
startPreferences();
const target = document.getElementById("app");
if (target) mount(Shop, { target });
