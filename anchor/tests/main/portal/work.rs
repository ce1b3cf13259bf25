//! Whose turn it is: nobody keeps the work of others from being done.

use anchor::portal::Role;
use service::Clock;

use super::review::decide;
use super::{Office, ask, begin, hand_in, id, registered};
use crate::fixtures::fault;

#[tokio::test]
async fn h17_anchor_an_organisation_has_few_open_applications() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let list = "/portal/applications";
    let mut last = String::new();
    for _ in 0..5 {
        last = begin(&mut shop, "business").await;
    }
    let refused = shop.submit(list, list, &[("kind", "business")]).await;
    assert_eq!(refused.problem(), (409, "too_many_open".to_owned()));
    // What is registered is no longer open; a change of it is.
    ask(&mut shop, &last, &[("age_over_18", "needed")]).await;
    hand_in(&mut shop, &last).await;
    let change = format!("{last}/change");
    let next = shop.submit(&last, &change, &[]).await.location().to_owned();
    assert_ne!(next, last);
    let refused = shop.submit(&last, &change, &[]).await;
    assert_eq!(refused.problem(), (409, "too_many_open".to_owned()));
    // Another organisation is not kept from anything.
    registered(&office).await;
}

#[tokio::test]
async fn h17_anchor_what_fails_waits_longer_each_time() {
    let office = Office::open().await;
    office.verifier.told(|told| told.lies = true);
    let (mut shop, path, _) = registered(&office).await;
    // The keys fit together now, and yet it waits its time.
    office.verifier.told(|told| {
        told.lies = false;
        told.businesses.clear();
    });
    let is_begun = || office.verifier.told(|told| told.businesses.contains_key(id(&path)));
    let begun_at = office.world.clock.now();
    office.world.clock.set(begun_at + 29);
    office.portal.carry_out().await.unwrap();
    assert!(!is_begun());
    office.world.clock.set(begun_at + 30);
    office.portal.carry_out().await.unwrap();
    assert!(is_begun());
    assert!(shop.get(&path).await.text().contains("Registered"));
}

/// A hundred that fail, older than the one that was suspended.
#[tokio::test]
async fn h17_anchor_no_number_of_failures_keeps_a_suspension_from_the_ledger() {
    let office = Office::open().await;
    let (_, path, did) = registered(&office).await;
    let store = office.world.folder.path().join("portal.db");
    fault(
        &store,
        r#"INSERT INTO accounts (id, organisation, created_at) VALUES ('flood', 'Flood', 0);
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
         INSERT INTO businesses (id, account) SELECT 'flood-' || i, 'flood' FROM n;
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
         INSERT INTO applications (id, business, applicant, state, content, salt, created_at)
         SELECT 'flood-' || i, 'flood-' || i, 'business', 'approved', '{"hosting":"own"}', zeroblob(32), 0 FROM n;"#,
    )
    .await;
    let mut ada = office.operator("ada", Role::Reviewer).await;
    decide(&mut ada, &path, "suspend").await;
    assert!(!office.may_ask(&did).await);
}
