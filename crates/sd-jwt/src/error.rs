use jose::claims::ClaimError;
use jose::strict_json::StrictJsonError;
use jose::{JwsError, OverBudget};

/// Why an SD-JWT was refused. RFC 9901 §7.1; the numbers are its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SdJwtError {
    /// More bytes, disclosures, digests or levels than the reader's [`crate::budget`] allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// No `~` at all. RFC 9901 §4.
    #[error("not an SD-JWT: there is no ~")]
    NotAnSdJwt,
    /// Nothing between two `~`. RFC 9901 §4.
    #[error("a disclosure is empty")]
    EmptyDisclosure,
    /// A Key Binding JWT came where an SD-JWT without one belongs, as from an issuer. §7.2.
    #[error("an issuer sent a key binding")]
    KeyBindingPresent,
    /// Step 2.1 and 2.2: the issuer-signed JWT is malformed, of another `typ` or wrongly signed.
    #[error("issuer-signed JWT: {0}")]
    Jws(#[from] JwsError),
    /// The payload is not strict JSON.
    #[error("payload: {0}")]
    PayloadJson(StrictJsonError),
    /// The payload is JSON, but not an object.
    #[error("the payload is not an object")]
    PayloadNotAnObject,
    /// Step 2.5: `_sd_alg` is not `sha-256`. §4.1.1.
    #[error("the hash algorithm is not supported")]
    UnsupportedHash,
    /// A disclosure is not canonical base64url. §4.2.
    #[error("a disclosure is not base64url")]
    DisclosureBase64,
    /// A disclosure is not strict JSON. §4.2.
    #[error("disclosure: {0}")]
    DisclosureJson(StrictJsonError),
    /// A disclosure is not an array of two or three elements beginning with a salt, and the
    /// name where there are three. §4.2.1, §4.2.2.
    #[error("a disclosure is malformed")]
    MalformedDisclosure,
    /// The same disclosure was sent twice.
    #[error("a disclosure was sent twice")]
    DuplicateDisclosure,
    /// `_sd` is not an array of strings. §4.2.4.1.
    #[error("_sd is not an array of strings")]
    MalformedSd,
    /// An array element has `...` beside other members, or its value is no string. §4.2.4.2.
    #[error("an array placeholder is malformed")]
    MalformedPlaceholder,
    /// `_sd_alg` below the top level, or `...` as a member elsewhere. §4.1.1, §4.2.4.2.
    #[error("a reserved name is used as a claim")]
    ReservedName,
    /// Step 3.3.2.1: a two-element disclosure is referred to from `_sd`.
    #[error("an array element disclosure in an object")]
    ArrayDisclosureInObject,
    /// Step 3.3.2.2: the disclosure is named `_sd`, `...` or `_sd_alg`.
    #[error("a disclosure has a reserved name")]
    ReservedDisclosureName,
    /// Step 3.3.2.3: the name exists already at that level.
    #[error("a disclosed claim exists already")]
    ClaimExists,
    /// Step 3.3.3.1: a three-element disclosure is referred to from an array.
    #[error("an object member disclosure in an array")]
    ObjectDisclosureInArray,
    /// Step 4: a digest is encountered twice.
    #[error("a digest is used twice")]
    DuplicateDigest,
    /// Step 5: no digest refers to a disclosure.
    #[error("a disclosure is not referred to")]
    UnreferencedDisclosure,
    /// Step 6: `exp`, `nbf` or `iat` is no date.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// Step 6: `aud` is there and does not name this verifier. RFC 7519 §4.1.3.
    #[error("for another audience")]
    OtherAudience,
    /// Step 6: `exp` has passed.
    #[error("expired")]
    Expired,
    /// Step 6: `nbf` is not reached.
    #[error("not valid yet")]
    NotYetValid,
}
