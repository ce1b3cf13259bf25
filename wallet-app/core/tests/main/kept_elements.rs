//! F4: what a business says that it keeps of an mdoc. OpenID4VP 1.0 Appendix B.2.4

use crate::in_both_formats::with_card;
use crate::mdocs::{DOC_TYPE, NAME_SPACE, age};
use crate::world::{RequestDraft, World};
use serde_json::json;
use wallet::{Kept, KeptUntil, Outcome, RequestRefused};

/// Asks for an age, and says whether it is kept.
async fn asked(world: &mut World, kept: bool) -> String {
    draft(world, kept).publish(world).await
}

fn draft(world: &mut World, kept: bool) -> RequestDraft {
    let mut draft = RequestDraft::of(world, "age", &[]);
    draft.claims["dcql_query"] = json!({"credentials": [{
        "id": "card", "format": "mso_mdoc", "meta": {"doctype_value": DOC_TYPE},
        "claims": [{"path": [NAME_SPACE, "age_over_18"], "intent_to_retain": kept}],
    }]});
    draft
}

#[tokio::test]
async fn f4_wallet_what_is_kept_although_nothing_may_be() {
    let mut world = with_card().await;
    let link = asked(&mut world, true).await;
    let error = world.refused(&link).await;
    let element = format!("{NAME_SPACE}.age_over_18");
    assert!(matches!(&error, RequestRefused::OverAsking { claim, .. } if *claim == element));
    let newest = world.wallet.vault().history().expect("history").remove(0);
    assert_eq!(newest.record.outcome, Outcome::Blocked);
    assert_eq!(newest.record.reason.as_deref(), Some("over_asking"));
    let link = asked(&mut world, false).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    assert_eq!(open.ask().kept, Kept::No);
}

#[tokio::test]
async fn what_may_be_kept_is_said_to_be() {
    let mut world = with_card().await;
    let mut keeping = age();
    keeping.retention_days = 30;
    world.register_again(keeping);
    let link = asked(&mut world, true).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    assert_eq!(open.ask().kept, Kept::Days(30));
}

/// Of somebody who is not recorded nobody else says it, neither before it is shown nor when the history is read.
#[tokio::test]
async fn f4_wallet_what_strangers_say_that_they_keep_is_said() {
    for (kept, expected, until) in [
        (true, Kept::Said, KeptUntil::Said),
        (false, Kept::NotSaid, KeptUntil::NotSaid),
    ] {
        let mut world = with_card().await;
        let link = draft(&mut world, kept).without_record().publish(&world).await;
        let open = world.wallet.open_request(&link).await.expect("opened");
        assert_eq!(open.ask().kept, expected);
        let consent = open.ask().agree(&[]).expect("agreed");
        world.wallet.share(open, &consent).await.expect("shared");
        let world = world.killed();
        let newest = world.wallet.history().expect("history").remove(0);
        assert_eq!(newest.kept_until(), Some(until));
    }
}
