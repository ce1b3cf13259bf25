import "@holdfast/ui/style.css";
import "./app.css";
import "./lib/messages";
import "./lib/messages-sharing";
import { mount } from "svelte";
import App from "./App.svelte";
import { connect } from "./lib/backend";

const target = document.getElementById("app");
if (target) mount(App, { target, props: { backend: await connect() } });
