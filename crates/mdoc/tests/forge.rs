//! Responses put together by hand so that they can break any rule, truly signed.

pub(crate) use testkit::mdoc::{Forge, change, encode, inside, map, member, remove, set, tagged, x5chain};

use crate::fixture::{device, draft, issued, issuer, transcript};

/// A response that is good but for what `edit` does.
pub(crate) fn forged(edit: impl FnOnce(&mut Forge)) -> Vec<u8> {
    let mut forge = Forge::new(&issued(draft()), issuer(), device(), transcript().as_bytes());
    edit(&mut forge);
    forge.make()
}
