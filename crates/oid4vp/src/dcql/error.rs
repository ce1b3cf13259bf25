use jose::OverBudget;

use crate::ClaimsPathError;

/// Which rule of the query language a query breaks. OpenID4VP 1.0 §6
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DcqlError {
    /// The query, or a part that must be an object, is none.
    #[error("{0} is not an object")]
    NotAnObject(&'static str),
    /// A REQUIRED member is absent.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A member is of the wrong JSON type.
    #[error("{0} is of the wrong type")]
    WrongType(&'static str),
    /// An array that must have an element has none.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// An `id` is empty or has characters other than letters, digits, `_`, `-`. §6.1, §6.3
    #[error("{0} is not a valid identifier")]
    BadIdentifier(&'static str),
    /// Two credential queries have one `id`. §6.1
    #[error("two credential queries have one id")]
    DuplicateQueryId,
    /// Two claims of one credential query have one `id`. §6.3
    #[error("two claims have one id")]
    DuplicateClaimId,
    /// `claim_sets` without `claims`. §6.4.1
    #[error("claim_sets without claims")]
    ClaimSetsWithoutClaims,
    /// `claim_sets` is there and a claim has no `id`. §6.3
    #[error("a claim has no id although there are claim_sets")]
    ClaimWithoutId,
    /// A claim set names a claim that is not there. §6.1
    #[error("a claim set names an unknown claim")]
    UnknownClaimId,
    /// An option names a credential query that is not there. §6.2
    #[error("a credential set names an unknown credential query")]
    UnknownQueryId,
    /// A claims path breaks a rule. §7
    #[error("claims path: {0}")]
    Path(#[from] ClaimsPathError),
    /// A path into an mdoc is not a namespace and an element name. §7.2
    #[error("a path into an mdoc is a namespace and an element name")]
    MdocPath,
    /// A value to match is neither string, integer nor boolean. §6.3
    #[error("values are strings, integers and booleans")]
    BadValue,
    /// More comparisons than [`crate::budget::QUERY`] allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
}
