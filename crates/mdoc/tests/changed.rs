//! Bytes that are changed on the way.

use mdoc::ElementPath;
use testkit::credential::signer;

use crate::fixture::{FIRST, device, held, transcript, verify};

/// A bit of every third byte. What is called otherwise is left out as unknown; what is verified is what
/// was signed, or less.
#[test]
fn what_is_verified_after_a_change_says_no_more() {
    let held = held();
    let chosen = [
        ElementPath::new(FIRST, "age_over_18"),
        ElementPath::new(FIRST, "family_name"),
    ];
    let response = held
        .select(&chosen)
        .unwrap()
        .respond(&transcript(), &signer(&device()))
        .unwrap();
    let original = verify(&response).unwrap();
    let mut fewer = 0;
    for at in (0..response.len()).step_by(3) {
        let mut changed = response.clone();
        changed[at] ^= 1 << (at % 8);
        if let Ok(verified) = verify(&changed) {
            assert_eq!(verified.credential(), original.credential());
            assert_eq!(verified.elements().count(), 0, "byte {at}");
            fewer += 1;
        }
    }
    // Bytes of the one name under which the elements stand, where they still make a text.
    assert!((1..="nameSpaces".len()).contains(&fewer), "{fewer}");
}
