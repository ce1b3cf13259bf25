/**
 * All routes and states of the window and the pages, in one list. What is not in it is not looked at,
 * and a test fails for every route, and for every state of a route, that is missing here.
 */
import type { Locator, Page } from "playwright-core";
import type { System } from "./harness/system.ts";
import { AGENCY_VIEWS } from "./views-agency.ts";
import { BUSINESS_VIEWS, DEVELOPER_VIEWS, SHOP_VIEWS, TRY_VIEWS } from "./views-business.ts";
import { LAN_VIEWS, LEDGER_VIEWS } from "./views-ledger.ts";
import { OFFLINE_VIEWS } from "./views-offline.ts";
import { PORTAL_VIEWS } from "./views-portal.ts";
import { WALLET_VIEWS } from "./views-wallet.ts";

export const APPS = [
  "wallet",
  "agency",
  "business",
  "shop",
  "try",
  "developers",
  "ledger",
  "portal",
  "lan",
] as const;
export type App = (typeof APPS)[number];
export const STATES = ["usual", "empty", "loading", "error", "offline", "much"] as const;
export type State = (typeof STATES)[number];

export interface Places {
  /** The window's screens with a wallet in memory. */
  wallet: string;
  system: System;
}

export interface View {
  /** Also the name of its pictures. */
  id: string;
  app: App;
  /** A name from the app's own list of routes. */
  route: string;
  state: State;
  open(page: Page, places: Places): Promise<void>;
  /** What it shows and others do not, where that may lie below the fold: it is brought into the middle. */
  about?(page: Page): Locator;
  /** The view that shows the very same page: another address leads there, too. */
  sameAs?: string;
}

export const VIEWS: View[] = [
  ...WALLET_VIEWS,
  ...AGENCY_VIEWS,
  ...BUSINESS_VIEWS,
  ...OFFLINE_VIEWS,
  ...SHOP_VIEWS,
  ...TRY_VIEWS,
  ...DEVELOPER_VIEWS,
  ...LEDGER_VIEWS,
  ...PORTAL_VIEWS,
  ...LAN_VIEWS,
];
