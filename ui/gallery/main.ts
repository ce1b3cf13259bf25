import { mount } from "svelte";
import "../src/style.css";
import { type Language, setLanguage } from "../src/messages/index.svelte.ts";
import { setTheme, startPreferences, type Theme } from "../src/preferences.svelte.ts";
import Gallery from "./Gallery.svelte";

const wanted = new URLSearchParams(location.search);
startPreferences();
setTheme((wanted.get("theme") ?? "system") as Theme);
setLanguage((wanted.get("language") ?? "en") as Language);
mount(Gallery, { target: document.body, props: { part: wanted.get("part") ?? "forms" } });
