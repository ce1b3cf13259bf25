import "@holdfast/ui/style.css";
import { startPreferences } from "@holdfast/ui";
import { mount } from "svelte";
import Desk from "./desk/Desk.svelte";
import "./lib/messages.ts";

startPreferences();
const target = document.getElementById("app");
if (target) mount(Desk, { target });
