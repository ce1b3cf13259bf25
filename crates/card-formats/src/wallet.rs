//! A copy on its way through a wallet.

use std::fmt;

use jose::{PublicJwk, Signer, UnixTime};
use oid4vp::{Authority, CredentialType};
use serde_json::{Map, Value};
use status_list::StatusReference;

use crate::type_metadata::{ResolvedType, SvgTemplate, SvgTemplateError};
use crate::{Binding, ClaimPath, HeldTypeError, HeldTypes, IssuerHints, PresentError, ReceiveError, Trusted};

/// A copy as an issuer sent it; nobody has verified it.
pub trait ReceivedCopy {
    /// What it says about its issuer, for a policy to find the key that it trusts.
    fn hints(&self) -> IssuerHints<'_>;

    /// Verifies it, for one key of this wallet.
    ///
    /// # Errors
    /// [`ReceiveError::ForeignHolderKey`] where only the wallet's key is another one: then it may be for the next.
    fn verify(self: Box<Self>, by: Trusted<'_>, holder_key: &PublicJwk) -> Result<Box<dyn VerifiedCopy>, ReceiveError>;
}

/// A copy that holds.
pub trait VerifiedCopy: fmt::Debug + Send + Sync {
    /// Its type.
    fn card_type(&self) -> &str;

    /// Checks it by what is held of its type; nothing where nothing is held.
    fn check_type(&self, types: &HeldTypes) -> Result<(), HeldTypeError>;

    /// It as its type wants it drawn.
    ///
    /// # Errors
    /// [`SvgTemplateError`]
    fn draw(&self, template: &SvgTemplate, known: &ResolvedType) -> Result<String, SvgTemplateError>;

    /// What it says, without what may differ between copies of one card.
    fn values(&self) -> Map<String, Value>;

    /// Where its status is told, or the first of such places.
    fn status(&self) -> Option<&StatusReference>;

    /// Every place where its status is told. Each has to be looked up, and the worst counts.
    fn statuses(&self) -> Vec<&StatusReference> {
        self.status().into_iter().collect()
    }

    /// From when on it counts.
    fn starts(&self) -> Option<UnixTime>;

    /// From when on it counts no longer.
    fn expires(&self) -> Option<UnixTime>;

    /// What is random in it and travels with its claims: whoever finds one of these in two copies knows them as one.
    fn marks(&self) -> Vec<String>;
}

/// A copy from the wallet's own vault, verified before it came there.
pub trait HeldCopy: Send + Sync {
    /// Its type.
    fn kind(&self) -> CredentialType<'_>;

    /// Everything that it says.
    fn claims(&self) -> &Value;

    /// Whose keys certify its issuer, as far as the copy itself shows it. OpenID4VP 1.0 §6.1.1
    fn authorities(&self) -> Vec<Authority>;

    /// The claims that can be withheld.
    fn disclosable(&self) -> Vec<ClaimPath>;

    /// The claims that no choice can hide, as [`crate::Decoded::always_visible`] names them.
    fn always_visible(&self) -> Vec<ClaimPath>;

    /// As [`VerifiedCopy::marks`] names them.
    fn marks(&self) -> Vec<String>;

    /// Shows these claims, those that they lie in or have inside, and no other that can be withheld.
    fn present(&self, claims: &[ClaimPath], binding: Binding<'_>, holder: Holder<'_>) -> Result<String, PresentError>;
}

/// Who presents a copy, and when.
#[derive(Clone, Copy)]
pub struct Holder<'a> {
    /// The key that the copy is bound to.
    pub key: &'a dyn Signer,
    /// The time that the proof says.
    pub now: UnixTime,
}
