//! The holder's side of Holdfast: keeps cards, accepts offers, answers requests.
//!
//! Nothing here knows a window or a terminal. The app and the command line call the same
//! [`Wallet`]:
//!
//! ```text
//! open_offer    link -> OpenOffer, shown -> receive_offer -> Arrival, shown -> keep_cards
//! begin_sign_in                      offer -> the browser -> finish_sign_in -> Arrival
//! refresh_card                       new copies in the place of the old ones
//! open_request  link -> OpenRequest, shown -> Ask::agree -> Consent -> share -> Receipt
//! open_challenge codes -> OpenChallenge, shown -> Ask::agree -> Consent -> show -> ShownAnswer, codes
//! businesses                         who knows what: the history by those it was with
//! complaint     history number -> a file about a request that asked for too much
//! refresh_proofs                     what others need to check a card without a network, and the list of services
//! services                           what the person can use, worked out here
//! ```
//!
//! What holds everywhere:
//! * Nothing leaves without a [`Consent`]. The finished answer is decoded by a second path and
//!   compared with it; only the type that this comparison makes can be encrypted and sent.
//! * Whoever asks for more than was publicly recorded gets nothing, and a refusal only on the
//!   person's word.
//! * Private keys stay behind [`KeyStore`].
//! * Errors, logs and history name claims, never their values.

mod attester;
mod businesses;
mod cards;
mod clock;
mod complaint;
mod consent;
mod ecosystem;
mod exchange;
mod history;
mod issuance;
mod keys;
mod lookalike;
mod preferences;
mod presentation;
mod proofs;
mod services;
mod settings;
mod status;
mod text;
mod trust;
mod turns;
mod vault;
mod wallet;

pub use attester::AttesterFailure;
pub use businesses::{Business, KeptUntil};
pub use cards::{
    Arrival, ArrivalId, Card, CardClaim, CardError, CardFace, CardId, CardIssuer, ChangedValue, ClaimGroup,
    ClaimGroupId, ClaimValue, Drawing, Names, StoreCardError, UNDO_SECONDS, UnusedCopies, WaitingId, WholeCard,
};
pub use clock::{Clock, Moment, OsRandom, SinceBoot, SystemClock};
pub use complaint::ComplaintRefused;
pub use consent::{Addition, Ask, AskedCard, Consent, ConsentError, Foretold, Kept, MissingProof, Party, Proof, Why};
pub use ecosystem::{Ecosystem, EcosystemError, OfferedEcosystem, Renewal, Renewed};
pub use exchange::Busy;
pub use history::{HistoryCard, HistoryEntry, HistoryEvent, HistoryRecord, Outcome};
pub use issuance::{
    AcceptedCard, Collected, CredentialRefused, IssuanceError, OfferedBy, OfferedCard, OpenOffer, Reissued, SignIn,
    WaitingCard,
};
pub use keys::{KeyError, KeyId, KeyStore};
pub use preferences::{AutoLock, Preferences, UnknownAutoLock};
pub use presentation::{
    AskedOffline, EarlierRecord, NeverShown, NotConsented, Open, OpenChallenge, OpenRequest, Receipt,
    RegistrationRefused, RequestRefused, Sent, ShareError, ShownAnswer, Unanswerable, Untold, Widened,
};
pub use proofs::{CardReadiness, KeptEvidence, OfflineReadiness, ProofError, ProofsRefreshed, Readiness};
pub use services::{Entitlement, LackedCard, Law, OfferedService, Office, Price, Services, ServicesError, WhyNotTold};
pub use settings::{Network, Settings};
pub use status::{CardStatus, Refreshed, StatusError};
pub use text::{Localized, plain as plain_text};
pub use trust::{PublicRecord, Registration, Successor, TrustError};
pub use vault::{
    HeaderError, KeyringState, LockedProfile, MemorySecretStore, OsKeyring, Passphrase, PassphraseError, Profile,
    ProfileState, Protection, SecretKind, SecretStore, SecretStoreError, Stretching, UnlockError, Vault, VaultError,
};
pub use wallet::{Locking, OpenError, Wallet};

// Types of the protocol crates that stand in what this crate gives out.
pub use ledger::{Channel, EcosystemLink, EcosystemLinkError, Mode};
pub use oid4vci::metadata::CredentialMetadata;
pub use oid4vci::wallet::TokenStepError;
pub use oid4vci::{AuthorizationResponseError, InputMode, TxCode};
pub use oid4vp::ClaimsPath;
pub use outbound::OutboundError;
pub use proximity::{
    ByteBudget, CompleteError, FRAME_BYTES, FrameCode, FrameCodeError, FrameCollector, FrameError, FrameKind,
    FrameSource, Progress, ProgressState,
};
