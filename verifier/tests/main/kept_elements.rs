//! What a check keeps of an mdoc is said in the request. OpenID4VP 1.0 Appendix B.2.4

use oid4vp::ClaimsQuery;

use crate::world::{CHECKS, Options, World};

/// Of two elements of a licence a check keeps this, and its query says something else.
fn keeping(keep: &str) -> String {
    let asked = "{\"path\":[\"org.iso.18013.5.1\",\"age_over_18\"]}";
    let more = "{\"path\":[\"org.iso.18013.5.1\",\"family_name\"],\"intent_to_retain\":true}";
    let licence = include_str!("c_mdoc.toml")
        .replacen(asked, &format!("{asked},{more}"), 1)
        .replacen("rule = ", &format!("{keep}rule = "), 1);
    assert!(licence.contains(more) && licence.contains(keep));
    format!("{CHECKS}\n{licence}")
}

async fn said(options: Options) -> Vec<Option<bool>> {
    let world = World::with(options).await;
    let opened = world.open("licence").await;
    let request = world.request(&opened).await;
    let asked = &request.query().credentials()[0];
    asked.claims().iter().map(ClaimsQuery::intent_to_retain).collect()
}

#[tokio::test]
async fn f4_verifier_a_request_says_what_is_kept_of_an_mdoc() {
    let one = Options {
        checks: |_| keeping("keep = [\"licence.age_over_18\"]\nretention_days = 30\n"),
        ..Options::default()
    };
    assert_eq!(said(one).await, [Some(true), Some(false)]);
    let nothing = Options {
        checks: |_| keeping(""),
        ..Options::default()
    };
    assert_eq!(said(nothing).await, [Some(false), Some(false)]);
}
