//! mdoc (ISO/IEC 18013-5:2021): issue, hold, present by OpenID4VP, verify.
//!
//! A document climbs one ladder and cannot skip a step:
//!
//! ```text
//! issuer     MdocDraft --issue--> IssuerSigned (bytes)
//! wallet     UnverifiedMdoc --receive--> HeldMdoc --select--> Selection --respond--> DeviceResponse (bytes)
//! verifier   UnverifiedDeviceResponse --verify--> VerifiedMdoc
//! ```
//!
//! Who may issue is an argument ([`IssuerTrust`]). What a document says about it, its `x5chain`, is
//! offered for a policy to look at; it is believed where it leads to an anchor that was configured.
//! A presentation is for one [`SessionTranscript`], which the verifier makes of its own request and
//! never of what came.
//!
//! What is read has the form that ISO/IEC 18013-5 §8.1 asks for: numbers in their shortest form,
//! definite lengths. So every byte string has one encoding, and a digest is of the bytes that came.
//! What is not understood in a map is ignored. Work is bounded from the first byte on: see [`budget`].
//!
//! # What is not here
//!
//! * Nothing of proximity: no device engagement, no BLE, NFC or Wi-Fi Aware, no session encryption, no
//!   `DeviceRequest` and so no reader authentication (§8.2, §8.3, §9.1.1, §9.1.4). A request is one of
//!   OpenID4VP.
//! * No `deviceMac` (§9.1.3.5): it is refused. A device authenticates by signature.
//! * No elements that the device signs itself (`DeviceNameSpaces`, §8.3.2.1.2.2): where there are any, the
//!   answer is refused.
//! * ES256 with P-256 and SHA-256 alone (HAIP 1.0 §7, §8): other algorithms, curves and digests are refused.
//! * Of the profile of certificates (Annex B.1) what binds a signer to its authority is checked, not what only its
//!   authority has to keep: how long a certificate lasts, where it tells who made it and where its revocation list is.
//! * No revocation lists of certificates (§9.3.3). The status of a document is told by its
//!   [`StatusReference`], which the caller looks up.
//! * Not the handover of the Digital Credentials API (OpenID4VP 1.0 Appendix B.2.6.2).

pub mod budget;
mod claims;
mod cose;
mod date;
mod decode;
mod device_auth;
mod draft;
mod element;
mod error;
mod held;
mod issuer_signed;
mod item;
mod members;
mod mso;
mod response;
mod transcript;
mod trust;

pub use cbor::Value;
pub use claims::MdocClaims;
pub use decode::{DecodeError, DecodedResponse, ShownElement, decode_response};
pub use device_auth::DeviceAuthError;
pub use draft::{IssueError, MdocDraft};
pub use element::{Element, ElementPath, claims};
pub use error::{FormError, MdocError, PresentationError, ReceiveError, Sign1Error};
pub use held::{BindError, HeldMdoc, SelectError, Selection, UnverifiedMdoc};
pub use response::{UnverifiedDeviceResponse, VerifiedMdoc};
pub use status_list::StatusReference;
pub use transcript::{Challenge, SessionTranscript};
pub use trust::{IssuerTrust, MDL, purpose};
