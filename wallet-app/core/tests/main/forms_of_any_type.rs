//! One card of a type that is not built in, in two formats, which do not say the same.

use crate::never_of_any_type::{offered, prepared};
use crate::world::Copy;
use test_case::test_case;
use wallet::{CredentialRefused, IssuanceError};

const DAY: u64 = 24 * 3600;

#[test_case(|copy| drop(copy.draft.claims.insert("size".into(), "small".into())) ; "another value")]
#[test_case(|copy| copy.draft.expires -= 2 * DAY ; "until another day")]
#[test_case(|copy| copy.draft.issued_at -= 2 * DAY ; "since another day")]
#[tokio::test]
async fn b18_wallet_what_says_something_else_in_another_format_of_any_type(edit: fn(&mut Copy<'_>)) {
    let world = prepared().await;
    let offer = offered(&world, edit).await;
    let refused = world.accept(&offer).await.expect_err("refused");
    assert!(matches!(
        refused,
        IssuanceError::Refused(CredentialRefused::FormsDiffer)
    ));
    assert_eq!(refused.code(), "card_forms_differ");
    world.nothing_kept(&refused, 2).await;
}

#[tokio::test]
async fn b18_wallet_what_says_something_else_in_another_format_of_any_type_when_it_is_got_again() {
    let world = prepared().await;
    let offer = offered(&world, |copy| {
        // The first six are those of the offer.
        if copy.number > 5 {
            copy.draft.claims.insert("size".into(), "small".into());
        }
    });
    let accepted = world.accept(&offer.await).await.expect("accepted");
    let refused = world.wallet.refresh_card(accepted[0].id.as_str()).await;
    let IssuanceError::Refused(refused) = refused.expect_err("refused") else {
        panic!("another reason");
    };
    assert!(matches!(refused, CredentialRefused::ValuesDiffer), "{refused:?}");
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 6);
    assert_eq!(&world.notified().await[2..], ["credential_failure"; 2]);
}
