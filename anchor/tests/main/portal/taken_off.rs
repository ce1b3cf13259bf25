//! What was taken off does not come back by itself.

use anchor::portal::Role;

use super::browser::Browser;
use super::review::decide;
use super::{Office, ask, begin, hand_in, registered};

/// Two operators, who take a business off for good together.
async fn operators(office: &Office) -> (Browser, Browser) {
    let ada = office.operator("ada", Role::Reviewer).await;
    let bob = office.operator("bob", Role::Approver).await;
    (ada, bob)
}

#[tokio::test]
async fn h17_anchor_a_change_that_waits_ends_with_what_was_taken_off() {
    let office = Office::open().await;
    let (mut shop, path, did) = registered(&office).await;
    let (mut ada, mut bob) = operators(&office).await;
    let change = format!("{path}/change");
    let waits = shop.submit(&path, &change, &[]).await.location().to_owned();
    let draft = shop.submit(&path, &change, &[]).await.location().to_owned();
    decide(&mut ada, &path, "suspend").await;
    hand_in(&mut shop, &waits).await;
    assert!(shop.get(&waits).await.text().contains("Handed in"), "people look at it");
    decide(&mut bob, &path, "confirm").await;
    decide(&mut bob, &path, "revoke").await;
    for ended in [&waits, &draft] {
        let text = shop.get(ended).await.text();
        assert!(
            text.contains("It ended, because what was registered was taken off."),
            "{text}"
        );
    }
    office.portal.carry_out().await.unwrap();
    assert!(!office.may_ask(&did).await);
}

#[tokio::test]
async fn h17_anchor_who_was_taken_off_does_not_come_back_by_the_rule() {
    let office = Office::open().await;
    let (mut shop, path, did) = registered(&office).await;
    let (mut ada, mut bob) = operators(&office).await;
    decide(&mut ada, &path, "suspend").await;
    decide(&mut bob, &path, "confirm").await;
    decide(&mut bob, &path, "revoke").await;
    assert!(!office.may_ask(&did).await);
    let anew = begin(&mut shop, "business").await;
    ask(&mut shop, &anew, &[("age_over_18", "needed")]).await;
    hand_in(&mut shop, &anew).await;
    office.portal.carry_out().await.unwrap();
    assert!(shop.get(&anew).await.text().contains("Handed in"));
    assert_eq!(office.verifier.told(|told| told.businesses.len()), 1);
}

#[tokio::test]
async fn what_was_given_up_is_not_written_in_turns_with_its_change() {
    let office = Office::open().await;
    let (mut shop, path, did) = registered(&office).await;
    let draft = shop.submit(&path, &format!("{path}/change"), &[]).await;
    let draft = draft.location().to_owned();
    let end = format!("{path}/end");
    shop.submit(&path, &end, &[("words", "We close.")]).await;
    let before = office.bundle(&did).await;
    assert!(shop.get(&draft).await.text().contains("You can apply anew."));
    for _ in 0..3 {
        office.portal.carry_out().await.unwrap();
    }
    assert_eq!(office.bundle(&did).await.record(), before.record());
    assert!(!office.may_ask(&did).await);
}
