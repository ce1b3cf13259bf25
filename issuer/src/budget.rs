//! What bytes from outside may cost the issuer beside the messages of OpenID4VCI: the default [`Budget`] of
//! each role.

use jose::strict_json::Limits;
use jose::{Budget, Work};

/// An ID Token: 64 KiB, header and payload together 16 Ki JSON values, 8 signatures tried, as many as a provider
/// has keys with one `kid` and one algorithm, or without a `kid`.
pub(crate) const ID_TOKEN: Budget = Limits::MESSAGE.budget().allow(Work::Signatures, 8);
