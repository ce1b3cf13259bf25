//! Between a copy and the policy that decides whom to believe.

use jose::x5c::{Purpose, TrustAnchors};
use jose::{UnixTime, VerifyingKey};
use serde_json::Value;

use crate::Requirements;

/// What a copy says about its type and who issued it, unverified: for a policy to find the key that it trusts. A hint
/// that a format does not have is absent.
#[derive(Clone, Copy, Debug)]
pub struct IssuerHints<'a> {
    /// The type, whatever the format calls it.
    pub vct: Option<&'a str>,
    /// The issuer: a DID, or an address.
    pub iss: Option<&'a str>,
    /// How the issuer's key is named.
    pub kid: Option<&'a str>,
    /// The certificate chain, as `x5c` has it.
    pub x5c: Option<&'a Value>,
    /// What the certificate of an issuer of such copies is for.
    pub purpose: Purpose,
}

/// What a policy found out about the issuer of a copy, and the time.
#[derive(Clone, Copy, Debug)]
pub struct Trusted<'a> {
    /// The key that may have signed.
    pub issuer_key: &'a VerifyingKey,
    /// Those to one of which the copy's certificate chain led, where the issuer is believed by that.
    pub anchors: Option<&'a TrustAnchors>,
    /// What copies of this issuer must have.
    pub requirements: Requirements,
    /// Now.
    pub now: UnixTime,
}
