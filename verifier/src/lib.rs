//! The verifier service of a business: it asks wallets for the least it needs
//! and says yes, no, or could not check.
//!
//! * A [`Check`] is what the business configures; [`App`] and [`router`] are
//!   the service; [`Refresher`] keeps what it holds of the ledger fresh.
//! * Nothing is fetched because a card was shown.
//! * Pages: the desk, where staff ask and see the verdict, its reader of codes,
//!   and an example shop.
//! * A claim that the check does not keep never leaves the engine, but for the portrait that
//!   whoever asks in person sees once.
//! * Checks without a network: codes on two screens, judged by what is held. [`kiosk()`] asks nobody;
//!   [`sync()`] brings what it holds.

mod app;
mod business;
mod check;
mod config;
mod description;
mod error;
mod guesses;
mod identity;
mod kiosk;
mod lan;
mod offline;
pub mod roles;
mod routes;
mod serve;
mod session;
mod shop;
mod store;
mod trust;
mod verdict;
mod webhook;

pub use app::{App, Counters, SessionLimits};
pub use business::{Business, Businesses, Home};
pub use check::{
    AcceptedIssuers, AnswerMode, Check, CheckError, CheckProblem, Freshness, READY_MADE, ReadyMadeError,
    UnreadableType, Words, load_checks, named_issuers, named_types, write_ready_made,
};
pub use config::{DEFAULT, Settings, ShopSettings};
pub use description::description;
pub use guesses::Guesses;
pub use identity::{
    AccessCertificate, AccessCertificateError, ClientIdKind, Identity, IdentityFiles, InitError, Initialised, Names,
    OpenError, init,
};
pub use kiosk::{kiosk, sync};
pub use lan::{Lan, LanSettings};
pub use offline::{Offline, Place};
pub use routes::router;
pub use serve::{Reach, check, serve};
pub use session::Streams;
pub use shop::Shop;
pub use store::{Answer, Held, NewSession, Room, SameDevice, Session, Store, StoreFailure};
pub use trust::{
    AnchorError, AnchorSet, Connections, EvidenceFolder, Fetch, Fetching, FirstSeen, HeldKeys, HeldList, LedgerProblem,
    ListOwner, RefreshError, Refresher, Schedule, Trust, TrustView, Watch,
};
pub use verdict::{Ages, Case, Engine, Judgement, Pipeline, Portrait, Reason, UnknownReason, Verdict};
pub use webhook::Deliveries;
