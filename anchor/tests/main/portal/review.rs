//! Four eyes: what says more than yes or no is decided by two operators of the registrar.

use anchor::portal::{Role, UNCONFIRMED};
use serde_json::json;
use service::Clock;

use super::browser::Browser;
use super::{Office, PERSON, application_file, ask, begin, hand_in, hand_over, id, registered, write};

/// The address of an application for operators.
pub(super) fn desk(path: &str) -> String {
    path.replace("/portal/applications/", "/portal/registrar/applications/")
}

/// An operator takes a step, with words where it needs some.
pub(super) async fn decide(operator: &mut Browser, path: &str, step: &str) -> super::browser::Page {
    let at = desk(path);
    operator
        .submit(&at, &format!("{at}/{step}"), &[("words", "Because.")])
        .await
}

/// An application that waits for the registrar.
async fn waiting(office: &Office) -> (Browser, String) {
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    ask(&mut shop, &path, &[("age_over_18", "needed"), ("portrait", "optional")]).await;
    hand_in(&mut shop, &path).await;
    (shop, path)
}

#[tokio::test]
async fn two_operators_approve_and_the_ledger_has_it() {
    let office = Office::open().await;
    let (mut shop, path) = waiting(&office).await;
    assert!(shop.get(&path).await.text().contains("Handed in"));
    assert!(
        office.verifier.told(|told| told.businesses.is_empty()),
        "nothing was begun"
    );
    let mut ada = office.operator("ada", Role::Reviewer).await;
    let mut bob = office.operator("bob", Role::Approver).await;
    assert_eq!(decide(&mut ada, &path, "ask").await.location(), desk(&path));
    let page = shop.get(&path).await.text();
    assert!(page.contains("The registrar asks Because."), "{page}");
    let answered = shop
        .submit(&path, &format!("{path}/answer"), &[("words", "For the badge.")])
        .await;
    assert_eq!(answered.location(), path);
    decide(&mut ada, &path, "approve").await;
    let page = shop.get(&path).await.text();
    assert!(page.contains("Approved by one of two"), "{page}");
    assert!(!page.contains("ada"), "applicants learn no name: {page}");
    assert!(bob.get(&desk(&path)).await.text().contains("ada"));
    assert!(office.verifier.told(|told| told.businesses.is_empty()));
    decide(&mut bob, &path, "approve").await;
    assert!(shop.get(&path).await.text().contains("Registered"));
    let did = office.verifier.did(id(&path));
    let scope = office.bundle(&did).await.scope().unwrap();
    assert_eq!(
        scope.purposes[0].credentials[0].optional,
        [ledger::ClaimPath::names(&["portrait"])]
    );
}

#[tokio::test]
async fn h17_anchor_nobody_approves_twice_and_no_reviewer_is_the_second() {
    let office = Office::open().await;
    let (mut shop, path) = waiting(&office).await;
    let mut ada = office.operator("ada", Role::Approver).await;
    let mut cyd = office.operator("cyd", Role::Reviewer).await;
    decide(&mut ada, &path, "approve").await;
    // The page offers neither; what is sent all the same has no effect.
    let refused = decide(&mut ada, &path, "approve").await;
    assert_eq!(refused.problem(), (403, "same_operator".to_owned()));
    let refused = decide(&mut cyd, &path, "approve").await;
    assert_eq!(refused.problem(), (403, "not_allowed".to_owned()));
    office.portal.carry_out().await.unwrap();
    assert!(shop.get(&path).await.text().contains("Approved by one of two"));
    assert!(office.verifier.told(|told| told.businesses.is_empty()));
}

#[tokio::test]
async fn h17_anchor_who_let_the_applicant_in_does_not_decide() {
    let office = Office::open().await;
    let mut ada = office.operator("ada", Role::Approver).await;
    let at = "/portal/registrar/letters";
    let made = ada.submit(at, at, &[("organisation", "Corner Shop")]).await;
    let code = made.field("code").unwrap();
    let mut shop = office.browser();
    shop.submit("/portal/sign-in", "/portal/sign-in", &[("code", &code)])
        .await;
    let path = begin(&mut shop, "business").await;
    ask(&mut shop, &path, &[("portrait", "needed")]).await;
    hand_in(&mut shop, &path).await;
    let page = ada.get(&desk(&path)).await;
    let (token, version) = (page.field("form_token").unwrap(), page.field("version").unwrap());
    let fields = [
        ("form_token", token.as_str()),
        ("version", version.as_str()),
        ("words", "No."),
    ];
    for step in ["approve", "refuse"] {
        let refused = ada.post(&format!("{}/{step}", desk(&path)), &fields).await;
        assert_eq!(refused.problem(), (403, "own_application".to_owned()), "{step}");
    }
    assert!(shop.get(&path).await.text().contains("Handed in"));
}

/// Says who applies: called so, with a notice there.
async fn call(shop: &mut Browser, path: &str, names: [(&str, &str); 2], privacy: &str) {
    let rest = [
        ("mail", "privacy@shop.example"),
        ("days", "100"),
        ("hosting", "hosted"),
        ("privacy", privacy),
    ];
    let fields: Vec<(&str, &str)> = names.into_iter().chain(rest).collect();
    let saved = shop.submit(path, &format!("{path}/about"), &fields).await;
    assert_eq!(saved.location(), path);
}

#[tokio::test]
async fn h17_anchor_another_name_than_the_one_that_was_vouched_for_takes_people() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let mut last = String::new();
    for (english, german, privacy) in [
        ("Tax Office", "", ""),
        ("Corner Shop", "Finanzamt", ""),
        ("Corner Shop", "", "https://elsewhere.example/notice"),
    ] {
        let path = begin(&mut shop, "business").await;
        call(&mut shop, &path, [("name_en", english), ("name_de", german)], privacy).await;
        ask(&mut shop, &path, &[("age_over_18", "needed")]).await;
        hand_in(&mut shop, &path).await;
        office.portal.carry_out().await.unwrap();
        let text = shop.get(&path).await.text();
        assert!(text.contains("Handed in"), "{english} {german} {privacy}: {text}");
        last = path;
    }
    assert!(office.verifier.told(|told| told.businesses.is_empty()));
    // What two people approved is renewed by the rule.
    let mut ada = office.operator("ada", Role::Approver).await;
    let mut bob = office.operator("bob", Role::Approver).await;
    decide(&mut ada, &last, "approve").await;
    decide(&mut bob, &last, "approve").await;
    let next = shop.submit(&last, &format!("{last}/change"), &[]).await;
    let next = next.location().to_owned();
    hand_in(&mut shop, &next).await;
    assert!(shop.get(&next).await.text().contains("Registered"));
}

#[tokio::test]
async fn two_operators_refuse_with_a_reason() {
    let office = Office::open().await;
    let (mut shop, path) = waiting(&office).await;
    let mut ada = office.operator("ada", Role::Approver).await;
    let mut bob = office.operator("bob", Role::Approver).await;
    let at = desk(&path);
    let silent = ada.submit(&at, &format!("{at}/refuse"), &[("words", " ")]).await;
    assert_eq!(silent.problem(), (422, "invalid_content".to_owned()));
    decide(&mut ada, &path, "refuse").await;
    assert!(shop.get(&path).await.text().contains("Refused by one of two"));
    decide(&mut bob, &path, "refuse").await;
    let page = shop.get(&path).await.text();
    assert!(
        page.contains("Because.") && page.contains("You can apply anew."),
        "{page}"
    );
    assert!(office.verifier.told(|told| told.businesses.is_empty()));
}

#[tokio::test]
async fn what_widens_waits_and_what_is_registered_counts_meanwhile() {
    let office = Office::open().await;
    let (mut shop, path, did) = registered(&office).await;
    let wider = shop
        .submit(&path, &format!("{path}/change"), &[])
        .await
        .location()
        .to_owned();
    let claims = [("age_over_18", "needed"), ("family_name", "needed")];
    write(&mut shop, &format!("{wider}/purposes/check-1"), &claims, "0").await;
    hand_in(&mut shop, &wider).await;
    assert!(shop.get(&wider).await.text().contains("Handed in"));
    let scope = office.bundle(&did).await.scope().unwrap();
    assert_eq!(scope.purposes[0].credentials[0].needed.len(), 1);
    let mut ada = office.operator("ada", Role::Approver).await;
    let mut bob = office.operator("bob", Role::Approver).await;
    decide(&mut ada, &wider, "approve").await;
    decide(&mut bob, &wider, "approve").await;
    let scope = office.bundle(&did).await.scope().unwrap();
    assert_eq!(scope.purposes[0].credentials[0].needed.len(), 2);
    assert!(shop.get(&path).await.text().contains("Replaced by a later one"));
}

#[tokio::test]
async fn a_suspension_counts_at_once_and_ends_unless_a_second_stands_by_it() {
    let office = Office::open().await;
    let (_, path, did) = registered(&office).await;
    let mut ada = office.operator("ada", Role::Reviewer).await;
    decide(&mut ada, &path, "suspend").await;
    assert!(!office.may_ask(&did).await, "from the next checkpoint on");
    // Her page does not offer it: she sends the form that another one has, with her own secret.
    let mut bob = office.operator("bob", Role::Reviewer).await;
    let token = ada.get("/portal/registrar").await.field("form_token").unwrap();
    let version = bob.get(&desk(&path)).await.field("version").unwrap();
    let fields = [
        ("form_token", token.as_str()),
        ("version", version.as_str()),
        ("words", "Because."),
    ];
    let refused = ada.post(&format!("{}/confirm", desk(&path)), &fields).await;
    assert_eq!(refused.problem(), (403, "same_operator".to_owned()));
    office.world.clock.set(office.world.clock.now() + UNCONFIRMED - 1);
    office.portal.carry_out().await.unwrap();
    assert!(shop_state(&office, &path, "Suspended").await);
    office.world.clock.set(office.world.clock.now() + 1);
    office.portal.carry_out().await.unwrap();
    assert!(shop_state(&office, &path, "Registered").await);
}

#[tokio::test]
async fn h17_anchor_one_operator_alone_does_not_suspend_again_and_again() {
    let office = Office::open().await;
    let (_, path, _) = registered(&office).await;
    let mut ada = office.operator("ada", Role::Reviewer).await;
    decide(&mut ada, &path, "suspend").await;
    office.world.clock.set(office.world.clock.now() + UNCONFIRMED);
    // Nobody stood by it: it ends.
    office.portal.carry_out().await.unwrap();
    let mut ada = office.signed_in("ada").await;
    let mut cyd = office.operator("cyd", Role::Reviewer).await;
    let token = ada.get("/portal/registrar").await.field("form_token").unwrap();
    let version = cyd.get(&desk(&path)).await.field("version").unwrap();
    let fields = [
        ("form_token", token.as_str()),
        ("version", version.as_str()),
        ("words", "Because."),
    ];
    let refused = ada.post(&format!("{}/suspend", desk(&path)), &fields).await;
    assert_eq!(refused.problem(), (403, "same_operator".to_owned()));
    assert!(shop_state(&office, &path, "Registered").await);
    decide(&mut cyd, &path, "suspend").await;
    assert!(shop_state(&office, &path, "Suspended").await);
}

/// Whether the registrar's page says so. Sessions of applicants have ended with the day.
async fn shop_state(office: &Office, path: &str, word: &str) -> bool {
    let name = format!("eva-{}", service::random::id().to_lowercase().replace(['_', '-'], "x"));
    let mut eva = office.operator(&name, Role::Reviewer).await;
    eva.get(&desk(path)).await.text().contains(word)
}

#[tokio::test]
async fn a_confirmed_suspension_stays_and_can_become_final() {
    let office = Office::open().await;
    let (mut shop, path, did) = registered(&office).await;
    let mut ada = office.operator("ada", Role::Reviewer).await;
    let mut bob = office.operator("bob", Role::Approver).await;
    decide(&mut ada, &path, "suspend").await;
    // Whoever suspended cannot stand by it alone: the page has no such form.
    assert!(!ada.get(&desk(&path)).await.text().contains("Stand by the suspension"));
    decide(&mut bob, &path, "confirm").await;
    decide(&mut bob, &path, "revoke").await;
    assert!(!office.may_ask(&did).await);
    assert!(shop.get(&path).await.text().contains("Taken off the register"));
    assert!(!shop.get(&path).await.text().contains("Begin a change"));
}

#[tokio::test]
async fn a_suspension_that_is_ended_lets_the_business_ask_again() {
    let office = Office::open().await;
    let (mut shop, path, did) = registered(&office).await;
    let mut ada = office.operator("ada", Role::Reviewer).await;
    let mut bob = office.operator("bob", Role::Approver).await;
    decide(&mut ada, &path, "suspend").await;
    assert!(!office.may_ask(&did).await);
    decide(&mut bob, &path, "lift").await;
    assert!(office.may_ask(&did).await);
    assert!(shop.get(&path).await.text().contains("Registered"));
}

#[tokio::test]
async fn an_agency_is_accredited_by_two() {
    let office = Office::open().await;
    let mut agency = office.applicant("Population Office").await;
    let path = begin(&mut agency, "agency").await;
    let fields = [("card", PERSON), ("evidence", "Population Act, section 3")];
    agency.submit(&path, &format!("{path}/agency"), &fields).await;
    let organisation = office.organisation("agency");
    let mut file = application_file("agency", &organisation.lines()[0]);
    file["vcts"] = json!([PERSON]);
    let sent = hand_over(&mut agency, &path, &file.to_string(), "").await;
    assert_eq!(sent.location(), path);
    hand_in(&mut agency, &path).await;
    assert!(
        agency.get(&path).await.text().contains("Handed in"),
        "an agency always needs a look"
    );
    office.prove(&mut agency, &path).await;
    let mut ada = office.operator("ada", Role::Reviewer).await;
    let mut bob = office.operator("bob", Role::Approver).await;
    decide(&mut ada, &path, "approve").await;
    decide(&mut bob, &path, "approve").await;
    let bundle = office.bundle(organisation.did().as_str()).await;
    let accreditation = bundle.accreditation().unwrap();
    assert_eq!(accreditation.types[0].vct, PERSON);
    assert_eq!(accreditation.types[0].until, office.world.clock.now() + 100 * 86_400);
}
