import "@holdfast/ui/style.css";
import { startPreferences } from "@holdfast/ui";
import { mount } from "svelte";
import "./lib/messages.ts";
import { placeOf } from "./lib/routes.ts";
import Offline from "./offline/Offline.svelte";
import Scan from "./scan/Scan.svelte";

startPreferences();
const target = document.getElementById("app");
const offline = ["offline", "offline_check"].includes(placeOf(location.pathname).name);
if (target) mount(offline ? Offline : Scan, { target });
