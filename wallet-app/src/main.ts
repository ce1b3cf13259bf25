import "@holdfast/ui/style.css";
import "./app.css";
import "./lib/messages";
import "./lib/messages-sharing";
import { preferredLanguage, setLanguage } from "@holdfast/ui/messages";
import { mount } from "svelte";
import App from "./App.svelte";
import Broken from "./frame/Broken.svelte";
import { connect } from "./lib/backend";

const target = document.getElementById("app") ?? document.body;
setLanguage(preferredLanguage(navigator.languages));
connect().then(
  (backend) => mount(App, { target, props: { backend } }),
  () => mount(Broken, { target, props: { reset: () => location.reload() } }),
);
