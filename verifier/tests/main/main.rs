//! Bad input and faults, through the service's own routes.
//!
//! Each row of the catalogue asserts the exact code, that the state is what it
//! should be, and that nothing was fetched because a card was shown.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod a_encryption;
mod a_mdoc;
mod a_other_tokens;
mod a_tokens;
mod a_w3c;
mod added;
mod agreed;
mod b_credentials;
mod b_holder_binding;
mod c_mdoc;
mod checks_file;
mod choices;
mod d_at_once;
mod d_bits;
mod d_status;
mod description;
mod desk;
mod e_fetching;
mod e_metadata;
mod e_trust;
mod e_types;
mod earlier;
mod events;
mod every_format;
mod forge;
mod g_isolation;
mod g_responses;
mod g_webhooks;
mod happy_path;
mod hosted_kiosk;
mod joining;
mod k_ledger;
mod k_split;
mod kept_elements;
mod kiosk;
mod l_configuration;
mod l_pages;
mod lan;
mod licences;
mod offline;
mod portrait;
mod provisioning;
mod query_language;
mod receipts;
mod registration;
mod same_device;
mod sandbox;
mod shop;
mod signers;
mod site;
mod staff;
mod survival;
mod trying;
mod w3c;
mod wallet;
mod world;
