//! One card in two formats: offered together, held as one, shown in the format that is asked for.

use crate::mdocs::{CONFIGURATION, DOC_TYPE, KIND, NAME_SPACE, accredited, age, configuration, issued, taken};
use crate::status_lists::{Token, publish};
use crate::world::{Copy, Issuer, NOW, RequestDraft, World, answered, decrypt};
use serde_json::{Value, json};
use test_case::test_case;
use testkit::certificates::{Authority, Name};
use testkit::credential::vct;
use testkit::purpose;
use wallet::{CardStatus, CredentialRefused, IssuanceError, NeverShown, OpenOffer, UNDO_SECONDS, WholeCard};
use wiremock::ResponseTemplate;

/// The agency issues both, and the business may ask either for an age.
async fn prepared() -> World {
    let mut world = accredited().await;
    let mut asked = purpose("age", &vct(KIND), &["age_over_18"], &[]);
    asked.credentials.extend(age().credentials);
    world.register_again(asked);
    world
}

/// An offer of one person identification as SD-JWT VC and as mdoc, the mdocs changed before they are signed.
async fn offered(world: &World, edit: impl Fn(&mut Copy<'_>) + Send + Sync + 'static) -> OpenOffer {
    let issuer = Issuer::of(world, KIND);
    let did = world.agency.did().to_string();
    let x5c = Authority::new("authority")
        .certify(issuer.key.public(), &[Name::Uri(&did)])
        .x5c();
    // What is first on the offer is asked for first, also the next time: a batch of three.
    let issuer = issuer.making(move |mut copy| {
        if copy.number / 3 % 2 == 0 {
            return copy.issue();
        }
        edit(&mut copy);
        issued(&copy, &x5c)
    });
    issuer.mount(world).await;
    let mut metadata = issuer.metadata();
    metadata["credential_configurations_supported"][CONFIGURATION] = configuration();
    let published = ResponseTemplate::new(200).set_body_json(metadata);
    world.answer("/.well-known/openid-credential-issuer", published).await;
    let offer = issuer.offer_of(&[KIND.to_owned(), CONFIGURATION.to_owned()]);
    world.wallet.open_offer(&offer).await.expect("opened")
}

pub(crate) async fn with_card() -> World {
    let world = prepared().await;
    let offer = offered(&world, |_| ()).await;
    world.wallet.accept_offer(offer, None).await.expect("accepted");
    world
}

fn whole(world: &World) -> Vec<WholeCard> {
    world.wallet.whole_cards().expect("cards")
}

#[tokio::test]
async fn one_card_is_offered_and_held() {
    let world = prepared().await;
    let offer = offered(&world, |_| ()).await;
    assert_eq!((offer.cards().len(), offer.whole_cards().count()), (2, 1));
    let arrival = world.wallet.receive_offer(offer, None).await.expect("received");
    let waiting = world.wallet.whole_card(arrival.cards[1].id.as_str()).expect("it waits");
    assert_eq!(waiting.forms().count(), 2);
    world.wallet.keep_cards(&arrival.id).await.expect("kept");
    let held = whole(&world);
    let [card] = held.as_slice() else {
        panic!("{} cards", held.len());
    };
    assert_eq!(card.also_in().as_deref(), Some("ISO mdoc"));
    let ready = world.wallet.offline_readiness().expect("readiness");
    assert_eq!(ready.cards.len(), 1, "it is one card without a network too");
    assert_eq!(world.wallet.history().expect("history")[0].record.cards.len(), 1);
}

/// However soon one follows the other: nothing says that they are one card.
#[tokio::test]
async fn b18_wallet_what_two_offers_bring_in_one_second_is_two_cards() {
    let world = prepared().await;
    let issuer = world.issuer(KIND).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    let did = world.agency.did().to_string();
    taken(&world, &[Name::Uri(&did)], |_| ()).await.expect("taken");
    let cards = world.wallet.cards().expect("cards");
    assert_eq!((cards.len(), cards[0].received_at), (2, cards[1].received_at));
    let world = world.killed();
    assert_eq!(whole(&world).len(), 2);
    world.wallet.delete_card(cards[1].id.as_str()).expect("deleted");
    assert_eq!(world.wallet.cards().expect("cards").len(), 1);
}

/// A wallet that noted no more than the second holds one card, and goes on to hold it.
#[tokio::test]
async fn j7_wallet_a_card_in_two_formats_of_an_older_wallet_is_one_card() {
    let world = with_card().await;
    let older = "ALTER TABLE card DROP COLUMN came_with; PRAGMA user_version = 11;";
    world.wallet.vault().dangerous_execute(older).expect("made older");
    let world = world.killed();
    let held = whole(&world);
    assert_eq!((held.len(), held[0].forms().count()), (1, 2));
}

#[tokio::test]
async fn b18_wallet_what_says_something_else_in_another_format_is_refused() {
    let world = prepared().await;
    let offer = offered(&world, |copy| {
        copy.draft.claims.insert("given_name".into(), "Eve".into());
    })
    .await;
    let refused = world.wallet.accept_offer(offer, None).await.expect_err("refused");
    assert!(matches!(
        refused,
        IssuanceError::Refused(CredentialRefused::FormsDiffer)
    ));
    assert_eq!(refused.code(), "card_forms_differ");
    assert!(world.wallet.cards().expect("cards").is_empty());
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 0);
    assert_eq!(world.notified().await, ["credential_failure"; 2]);
}

#[tokio::test]
async fn b18_wallet_copies_in_two_formats_with_one_place_in_a_list() {
    let world = prepared().await;
    let offer = offered(&world, |copy| {
        let status = copy.draft.status.as_mut().expect("a status");
        status.index -= 3;
    })
    .await;
    let refused = world.wallet.accept_offer(offer, None).await.expect_err("refused");
    assert!(matches!(
        refused,
        IssuanceError::Refused(CredentialRefused::StatusShared)
    ));
    assert!(world.wallet.cards().expect("cards").is_empty());
}

#[tokio::test]
async fn its_copies_are_got_again_in_every_format() {
    let world = with_card().await;
    let cards = world.wallet.cards().expect("cards");
    for card in &cards {
        let reissued = world.wallet.refresh_card(card.id.as_str()).await.expect("refreshed");
        assert_eq!((reissued.copies, reissued.card), (6, cards[0].id.clone()));
    }
    assert_eq!(whole(&world)[0].forms().count(), 2);
    let history = world.wallet.history_of(&cards[0].id).expect("history");
    assert_eq!(history.len(), 3, "it came once, and was got again twice");
    assert_eq!(world.sent("POST", "/credential").await.len(), 2 + 4);
}

#[tokio::test]
async fn what_changed_is_forgotten_in_every_format() {
    let world = with_card().await;
    let cards = world.wallet.cards().expect("cards");
    for card in &cards {
        let before = "INSERT INTO changed_card (card_id, claims, at) VALUES";
        let id = card.id.as_str();
        let before = format!("{before} ('{id}', '{{\"given_name\": \"Eva\"}}', 1)");
        world.wallet.vault().dangerous_execute(&before).expect("noted");
    }
    let whole = whole(&world).remove(0);
    let changes = || world.wallet.changed_values(&whole).expect("changes").len();
    assert!(changes() > 0);
    world.wallet.forget_changes(&whole).expect("seen");
    assert_eq!(changes(), 0);
}

#[tokio::test]
async fn i8_wallet_what_changed_in_another_format_alone_is_told() {
    let world = prepared().await;
    let offer = offered(&world, |copy| {
        // The first six are those of the offer.
        if copy.number > 5 {
            copy.draft.claims.insert("issuing_region".into(), "NW".into());
        }
    })
    .await;
    world.wallet.accept_offer(offer, None).await.expect("accepted");
    let id = whole(&world)[0].card.id.clone();
    let reissued = world.wallet.refresh_card(id.as_str()).await.expect("refreshed");
    let region = json!([{"claim": "eu.europa.ec.eudi.pid.1.issuing_region", "before": null, "now": "NW"}]);
    assert_eq!(serde_json::to_value(&reissued.changed).expect("json"), region);
    let world = world.killed();
    let changed = world.wallet.changed_values(&whole(&world)[0]).expect("changes");
    assert_eq!(
        serde_json::to_value(&changed).expect("json"),
        region,
        "until it is seen"
    );
}

#[tokio::test]
async fn b18_wallet_what_says_something_else_in_another_format_when_it_is_got_again() {
    let again = not_got_again(|copy| {
        copy.draft.claims.insert("given_name".into(), "Eve".into());
    })
    .await;
    assert!(matches!(again, CredentialRefused::ValuesDiffer), "{again:?}");
}

#[tokio::test]
async fn b18_wallet_copies_in_two_formats_with_one_place_in_a_list_when_they_are_got_again() {
    let again = not_got_again(|copy| copy.draft.status.as_mut().expect("a status").index -= 3).await;
    assert!(matches!(again, CredentialRefused::StatusShared), "{again:?}");
}

/// The first three places are those of the old copies as SD-JWT VC.
#[tokio::test]
async fn b18_wallet_new_copies_with_a_place_of_an_old_one_in_another_format() {
    let again = not_got_again(|copy| copy.draft.status.as_mut().expect("a status").index -= 9).await;
    assert!(matches!(again, CredentialRefused::StatusShared), "{again:?}");
}

#[tokio::test]
async fn b18_wallet_new_copies_with_the_salts_of_old_ones() {
    let again = not_got_again(|copy| copy.number -= 6).await;
    assert!(matches!(again, CredentialRefused::DisclosureShared), "{again:?}");
}

/// A card is got again, its mdocs changed before they are signed, and refused: the copies of the offer stay in every
/// format, and the issuer is told.
async fn not_got_again(edit: fn(&mut Copy<'_>)) -> CredentialRefused {
    let world = &prepared().await;
    let offer = offered(world, move |copy| {
        // The first six are those of the offer.
        if copy.number > 5 {
            edit(copy);
        }
    })
    .await;
    world.wallet.accept_offer(offer, None).await.expect("accepted");
    let before = whole(world).remove(0);
    let refused = world.wallet.refresh_card(before.card.id.as_str()).await;
    let IssuanceError::Refused(refused) = refused.expect_err("refused") else {
        panic!("another reason");
    };
    assert_eq!(&world.notified().await[2..], ["credential_failure"; 2]);
    let mut list = [0; 128];
    // Where the copies of the offer have their places.
    list[0] = 0b0011_1111;
    publish(world, &Token::of(world, &list).sign()).await;
    world.wallet.refresh_status().await.expect("refreshed");
    let after = whole(world).remove(0);
    for (form, before) in after.forms().zip(before.forms()) {
        let status = world.wallet.card_status(form).expect("status");
        assert_eq!((status, &form.claims), (CardStatus::Revoked, &before.claims));
    }
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 6);
    let history = world.wallet.history_of(&after.card.id).expect("history");
    assert_eq!(history.len(), 1, "nothing else came");
    refused
}

/// A query for the card in both formats, either of which will do.
fn in_either(first: &str, second: &str) -> Value {
    json!({
        "credentials": [
            {"id": "sd_jwt", "format": "dc+sd-jwt", "meta": {"vct_values": [vct(KIND)]},
             "claims": [{"path": ["age_over_18"]}]},
            {"id": "mdoc", "format": "mso_mdoc", "meta": {"doctype_value": DOC_TYPE},
             "claims": [{"path": [NAME_SPACE, "age_over_18"]}]},
        ],
        "credential_sets": [{"options": [[first], [second]]}],
    })
}

/// Asks for an age by this query; gives the link.
pub(crate) async fn asked(world: &mut World, query: Value) -> String {
    asked_in(world, query, 0).await
}

/// The same in one of several sessions.
async fn asked_in(world: &mut World, query: Value, session: u8) -> String {
    let mut draft = RequestDraft::of(world, "age", &[]);
    draft.claims["dcql_query"] = query;
    draft.claims["state"] = format!("s-{session}-2345678901234567890123").into();
    draft.publish(world).await
}

/// Which queries an answer answers.
fn queries(answer: &Value) -> Vec<String> {
    answer["vp_token"]
        .as_object()
        .expect("answers")
        .keys()
        .cloned()
        .collect()
}

/// The same of the only answer, to this request.
async fn shown_for(world: &World, link: &str) -> Vec<String> {
    world.share(link).await.expect("shared");
    queries(&answered(world).await)
}

#[test_case("sd_jwt", "mdoc" ; "sd jwt vc first")]
#[test_case("mdoc", "sd_jwt" ; "mdoc first")]
#[tokio::test]
async fn either_format_is_shown_and_only_one(first: &str, second: &str) {
    let mut world = with_card().await;
    let link = asked(&mut world, in_either(first, second)).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    assert_eq!((open.ask().cards.len(), open.ask().additions.len()), (1, 0));
    let consent = open.ask().agree(&[]).expect("agreed");
    world.wallet.share(open, &consent).await.expect("shared");
    assert_eq!(queries(&answered(&world).await), [first]);
    let card = &whole(&world)[0];
    let history = world.wallet.history_of(&card.card.id).expect("history");
    assert_eq!(history.len(), 2, "it came and was shown, in whatever format");
}

/// Each form answers by itself: one that has run out answers nothing, and the other is enough where either will do.
#[tokio::test]
async fn g6_wallet_one_of_two_formats_has_run_out() {
    let mut world = prepared().await;
    let offer = offered(&world, |copy| copy.draft.expires = NOW + 30).await;
    world.wallet.accept_offer(offer, None).await.expect("accepted");
    world.clock.set(NOW + 30);
    let mut both = in_either("mdoc", "sd_jwt");
    both["credential_sets"] = json!([{"options": [["mdoc", "sd_jwt"]]}]);
    let link = asked(&mut world, both).await;
    assert_eq!(world.refused(&link).await.code(), "no_matching_card");
    let link = asked(&mut world, in_either("mdoc", "sd_jwt")).await;
    assert_eq!(shown_for(&world, &link).await, ["sd_jwt"]);
}

/// The forms of a card whose copies were all shown before wait until the other has none left that is fresh.
#[tokio::test]
async fn g6_wallet_one_of_two_formats_has_no_fresh_copy() {
    let mut world = with_card().await;
    for session in 1..4 {
        let alone = json!({ "credentials": [in_either("mdoc", "sd_jwt")["credentials"][1]] });
        let link = asked_in(&mut world, alone, session).await;
        world.share(&link).await.expect("shared");
    }
    let sent = world.sent("POST", "/response/1").await.len();
    assert_eq!((sent, world.unused()), (3, 3));
    let link = asked(&mut world, in_either("mdoc", "sd_jwt")).await;
    world.share(&link).await.expect("shared");
    let answers = world.sent("POST", "/response/1").await;
    let last = decrypt(&answers.last().expect("an answer").body);
    assert_eq!(queries(&last), ["sd_jwt"]);
}

#[test_case("urn:holdfast:vct:person-identification:1", "age_over_18" ; "noted of the sd jwt vc")]
#[test_case(DOC_TYPE, "eu.europa.ec.eudi.pid.1.age_over_18" ; "noted of the mdoc")]
#[tokio::test]
async fn f19_wallet_what_is_shown_to_nobody_is_shown_in_no_format(card_type: &str, claim: &str) {
    let mut world = with_card().await;
    world.wallet.never_show(card_type, claim).expect("noted");
    for (first, second) in [("sd_jwt", "mdoc"), ("mdoc", "sd_jwt")] {
        let link = asked(&mut world, in_either(first, second)).await;
        assert_eq!(world.refused(&link).await.code(), "claim_never_shown", "{first}");
    }
    let own = vct(KIND);
    world.wallet.may_show(&own, "age_over_18").expect("noted");
    let link = asked(&mut world, in_either("mdoc", "sd_jwt")).await;
    world.wallet.open_request(&link).await.expect("opened");
}

/// Whoever saw it in one format is told of it by the name that they saw it under.
#[test_case("mdoc", DOC_TYPE, "eu.europa.ec.eudi.pid.1.age_over_18", "urn:holdfast:vct:person-identification:1", "age_over_18" ; "seen in the mdoc")]
#[test_case("sd_jwt", "urn:holdfast:vct:person-identification:1", "age_over_18", DOC_TYPE, "eu.europa.ec.eudi.pid.1.age_over_18" ; "seen in the sd jwt vc")]
#[tokio::test]
async fn f19_wallet_what_they_saw_is_known_to_be_shown_to_nobody_by_any_name(
    shown: &str,
    card_type: &str,
    claim: &str,
    noted_type: &str,
    noted: &str,
) {
    let mut world = with_card().await;
    let link = asked(&mut world, in_either(shown, shown)).await;
    world.share(&link).await.expect("shared");
    let never = || world.wallet.businesses().expect("businesses").remove(0).never;
    assert!(never().is_empty());
    world.wallet.never_show(noted_type, noted).expect("noted");
    world.wallet.never_show(noted_type, "portrait").expect("noted");
    let seen = NeverShown {
        vct: card_type.to_owned(),
        claim: claim.to_owned(),
    };
    assert_eq!(never(), [seen]);
    world.wallet.may_show(card_type, claim).expect("allowed");
    assert!(never().is_empty());
}

#[test_case(0 ; "by the first")]
#[test_case(1 ; "by the other")]
#[tokio::test]
async fn j14_wallet_a_card_is_deleted_and_had_back_in_every_format(named: usize) {
    let world = with_card().await;
    let id = world.wallet.cards().expect("cards")[named].id.clone();
    world.wallet.delete_card(id.as_str()).expect("deleted");
    assert!(world.wallet.cards().expect("cards").is_empty());
    world.wallet.undo_delete(id.as_str()).expect("had back");
    assert_eq!(whole(&world)[0].forms().count(), 2);
    world.wallet.delete_card(id.as_str()).expect("deleted");
    world.clock.set(NOW + UNDO_SECONDS);
    assert_eq!(world.wallet.sweep_deleted().expect("swept"), 2);
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 0);
}

#[test_case(0b0000_0000 => CardStatus::Valid ; "good in both")]
#[test_case(0b0000_0111 => CardStatus::Revoked ; "revoked in the first")]
#[test_case(0b0011_1000 => CardStatus::Revoked ; "revoked in the other")]
#[tokio::test]
async fn d8_wallet_a_card_that_is_revoked_in_one_format(places: u8) -> CardStatus {
    let world = with_card().await;
    let mut list = [0; 128];
    list[0] = places;
    publish(&world, &Token::of(&world, &list).sign()).await;
    world.wallet.refresh_status().await.expect("refreshed");
    let whole = whole(&world);
    let status = world.wallet.whole_status(&whole[0]).expect("status");
    assert_eq!(world.wallet.whole_statuses(&whole).expect("statuses"), [status]);
    status
}

#[tokio::test]
async fn d8_wallet_what_is_not_known_in_one_format_is_not_known_of_the_card() {
    let world = prepared().await;
    let elsewhere = world.url("agency", "/lists/2");
    let offer = offered(&world, move |copy| {
        copy.draft.status.as_mut().expect("a status").uri = elsewhere.clone();
    })
    .await;
    world.wallet.accept_offer(offer, None).await.expect("accepted");
    publish(&world, &Token::of(&world, &[0; 128]).sign()).await;
    let refreshed = world.wallet.refresh_status().await.expect("refreshed");
    assert_eq!((refreshed.lists, refreshed.failures.len()), (1, 1));
    let whole = &whole(&world)[0];
    let (wallet, first) = (&world.wallet, &whole.card);
    assert_eq!(wallet.card_status(first).expect("status"), CardStatus::Valid);
    assert_eq!(wallet.whole_status(whole).expect("status"), CardStatus::Unknown);
    for form in whole.forms() {
        assert_eq!(wallet.form_status(whole, form).expect("status"), CardStatus::Unknown);
    }
    assert_eq!(wallet.status_confirmed_at(first).expect("time"), Some(NOW));
    assert_eq!(wallet.whole_confirmed_at(whole).expect("time"), None);
}

/// The dates that count before it is shown are those of the form that is shown; the list says good of both.
#[tokio::test]
async fn d8_wallet_a_form_that_would_be_shown_has_dates_of_its_own() {
    let world = prepared().await;
    let offer = offered(&world, |copy| copy.draft.expires = NOW + 30).await;
    world.wallet.accept_offer(offer, None).await.expect("accepted");
    publish(&world, &Token::of(&world, &[0; 128]).sign()).await;
    world.wallet.refresh_status().await.expect("refreshed");
    let whole = &whole(&world)[0];
    let statuses = || {
        let forms = whole.forms();
        let statuses = forms.map(|form| world.wallet.form_status(whole, form).expect("status"));
        statuses.collect::<Vec<CardStatus>>()
    };
    assert_eq!(statuses(), [CardStatus::Valid; 2]);
    world.clock.set(NOW + 30);
    assert_eq!(statuses(), [CardStatus::Valid, CardStatus::Expired]);
}

/// What the person is told of the card before it is shown.
#[tokio::test]
async fn d8_wallet_a_form_that_would_be_shown_is_as_good_as_the_card() {
    let mut world = with_card().await;
    let mut list = [0; 128];
    list[0] = 0b0000_0111;
    publish(&world, &Token::of(&world, &list).sign()).await;
    world.wallet.refresh_status().await.expect("refreshed");
    let link = asked(&mut world, in_either("mdoc", "sd_jwt")).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let form = open.card(&open.ask().cards[0]).expect("a card");
    assert_eq!(form.vct, DOC_TYPE);
    assert_eq!(world.wallet.card_status(form).expect("status"), CardStatus::Valid);
    let whole = world.wallet.whole_of(form).expect("the card");
    let status = world.wallet.form_status(&whole, form).expect("status");
    assert_eq!((status, whole.unused().online), (CardStatus::Revoked, 6));
}
