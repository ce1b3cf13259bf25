//! A copy on its way through a verifier.

use oid4vp::{CredentialType, HolderBinding};
use serde_json::Value;
use status_list::StatusReference;

use crate::{Binding, ClaimPath, HeldTypeError, HeldTypes, IssuerHints, PresentationError, Trusted};

/// A presentation as it came; nobody has verified it.
pub trait PresentedCopy {
    /// What it says about its issuer, for a policy to find the key that it trusts.
    fn hints(&self) -> IssuerHints<'_>;

    /// Verifies it. Whether the holder has to prove possession is the verifier's own decision: `binding` is `None`
    /// where not, and a proof that came along proves nothing then.
    fn verify(
        self: Box<Self>,
        by: Trusted<'_>,
        binding: Option<Binding<'_>>,
    ) -> Result<Box<dyn ShownCopy>, PresentationError>;
}

/// A presentation that holds; its status has not been looked up.
pub trait ShownCopy {
    /// Its type.
    fn kind(&self) -> CredentialType<'_>;

    /// What the issuer signed and the holder shows.
    fn claims(&self) -> &Value;

    /// The claims that the holder chose to show.
    fn disclosed(&self) -> Vec<&ClaimPath>;

    /// Whether the holder proved to have the key.
    fn holder_binding(&self) -> HolderBinding;

    /// Where its status is told, or the first of such places.
    fn status(&self) -> Option<&StatusReference>;

    /// Every place where its status is told. Each has to be looked up, and the worst counts.
    fn statuses(&self) -> Vec<&StatusReference> {
        self.status().into_iter().collect()
    }

    /// Checks it by what is held of its type; nothing where nothing is held.
    fn check_type(&self, types: &HeldTypes) -> Result<(), HeldTypeError>;
}
