import { mount } from "svelte";
import "../src/style.css";
import { startPreferences } from "../src/preferences.svelte.ts";
import Gallery from "./Gallery.svelte";

const wanted = new URLSearchParams(location.search);
startPreferences();
mount(Gallery, { target: document.body, props: { part: wanted.get("part") ?? "forms" } });
