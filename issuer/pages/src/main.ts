import "@holdfast/ui/style.css";
import { startPreferences } from "@holdfast/ui";
import { mount } from "svelte";
import App from "./App.svelte";
import "./lib/messages.ts";

startPreferences();
const target = document.getElementById("app");
if (target) mount(App, { target });
