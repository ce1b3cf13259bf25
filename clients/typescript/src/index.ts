export { Holdfast, HoldfastError, type Opened, type Outcome, type Settings } from "./client.ts";
export { type SessionClosed, TOLERANCE_S, Webhook, WebhookError } from "./webhook.ts";
