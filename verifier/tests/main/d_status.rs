//! Group D: status lists and revocation.

use jose::{JwsHeader, PrivateJwk};
use serde_json::{Value, json};
use service::Clock;
use status_list::{Bits, Status, StatusList};
use test_case::test_case;
use testkit::certificates::{Authority, Chain, Name};
use testkit::credential::{key, signer};

use crate::forge::{Forged, jws};
use crate::site::Reply;
use crate::wallet::assert_outcome;
use crate::world::{CHECKS, FirstFetch, LIST, Options, World};

/// A list of the agency that nobody has told the verifier of.
pub(crate) const NOT_HELD: &str = "https://agency.example/status/9";

/// The claims of a good list token.
fn claims(world: &World) -> Value {
    let token = world.list_token(&world.statuses, 3600);
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&jose::base64url::decode(payload).unwrap()).unwrap()
}

/// A list token that is signed by the agency, with these claims.
fn signed(world: &World, claims: &Value) -> String {
    let agency = world.issuer();
    let header = json!({ "alg": "ES256", "typ": "statuslist+jwt", "kid": agency.kid });
    jws(&header.to_string(), &claims.to_string(), &agency.key)
}

/// What is published in the place of a list.
pub(crate) type InsteadOfAList = fn(&World) -> String;

/// Has this be the very first list: nothing good is held.
pub(crate) async fn hold_only(world: &mut World, list: InsteadOfAList) {
    let list = list(world);
    world.site.set(LIST, Reply::Body(list.into_bytes()));
    std::fs::remove_file(world.folder.path().join("verifier.sqlite")).unwrap();
    for rest in ["verifier.sqlite-wal", "verifier.sqlite-shm"] {
        let _ = std::fs::remove_file(world.folder.path().join(rest));
    }
    world.restart().await;
    world.publish();
    world.refresher.round().await;
}

async fn with_list(list: InsteadOfAList) -> World {
    let mut world = World::new().await;
    hold_only(&mut world, list).await;
    world
}

/// Nobody can say what a card is whose list is this.
async fn unknown(list: InsteadOfAList) {
    let world = with_list(list).await;
    let outcome = world.adult(&world.person(3)).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
}

/// 64 MiB once inflated, of as many kilobytes.
pub(crate) fn bomb(world: &World) -> String {
    let bomb = StatusList::from_bytes(Bits::Two, vec![0; 64 * 1024 * 1024]);
    world.list_token(&bomb, 3600)
}

/// One that has so many bits for each card.
pub(crate) fn of_bits<const BITS: u8>(world: &World) -> String {
    let mut claims = claims(world);
    claims["status_list"]["bits"] = json!(BITS);
    signed(world, &claims)
}

/// One by somebody whom an authority of their own says to be the agency.
pub(crate) fn by_another_signer(world: &World) -> String {
    let chain = Authority::new("evil").certify(key(88).public(), &[Name::Uri(world.agency.did().as_str())]);
    let header = json!({ "alg": "ES256", "typ": "statuslist+jwt", "x5c": chain.x5c() });
    jws(&header.to_string(), &claims(world).to_string(), &key(88))
}

/// One of the agency for another address.
pub(crate) fn of_another_subject(world: &World) -> String {
    let mut claims = claims(world);
    claims["sub"] = json!("https://agency.example/status/2");
    signed(world, &claims)
}

#[tokio::test]
async fn d0_the_list_of_these_tests_is_good_before_it_is_spoiled() {
    let world = with_list(|world| signed(world, &claims(world))).await;
    assert_outcome(&world.adult(&world.person(3)).await, "yes", "ok");
}

#[tokio::test]
async fn d1_verifier_zip_bomb() {
    unknown(bomb).await;
}

#[test_case(json!(-1) ; "negative")]
#[test_case(json!("3") ; "string")]
#[test_case(json!(9_007_199_254_740_992_u64) ; "beyond 2 to the 53")]
#[test_case(json!(1024) ; "beyond the list")]
#[tokio::test]
async fn d2_verifier_index(index: Value) {
    let world = World::new().await;
    let outcome = world
        .judge(|forged| forged.payload["status"]["status_list"]["idx"] = index)
        .await;
    assert_outcome(&outcome, "no", "malformed_credential");
}

#[test_case(of_bits::<3> ; "three")]
#[test_case(of_bits::<16> ; "sixteen")]
#[tokio::test]
async fn d3_verifier_bits(list: InsteadOfAList) {
    unknown(list).await;
}

#[tokio::test]
async fn d4_verifier_list_expired() {
    let mut world = World::new().await;
    let card = world.person(3);
    let mut claims = claims(&world);
    claims["exp"] = json!(world.clock.now() + 100);
    claims["iat"] = json!(world.clock.now() + 1);
    world.site.set(LIST, Reply::Body(signed(&world, &claims).into_bytes()));
    world.refresh().await;
    world.clock.advance(99);
    assert_outcome(&world.adult(&card).await, "yes", "ok");
    world.clock.advance(1);
    let outcome = world.adult(&card).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
    assert_eq!(outcome["ages"]["status_s"], 99);
}

#[tokio::test]
async fn d4_verifier_ttl_over_and_refresh_fails() {
    let mut world = World::new().await;
    let card = world.person(3);
    world.clock.advance(1);
    let token = world.list_token(&world.statuses, 10);
    world.site.set(LIST, Reply::Body(token.into_bytes()));
    world.refresh().await;
    world.site.set(LIST, Reply::Status(503));
    world.clock.advance(10);
    world.refresh().await;
    assert_outcome(&world.adult(&card).await, "yes", "ok");
    world.clock.advance(1);
    let outcome = world.adult(&card).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
    assert_eq!(outcome["ages"]["status_s"], 11);
}

#[tokio::test]
async fn d4_verifier_older_than_the_check_allows() {
    let mut world = World::new().await;
    let card = world.person(3);
    world.clock.advance(3600);
    world.refresh().await;
    assert_outcome(&world.adult(&card).await, "yes", "ok");
    world.clock.advance(1);
    let outcome = world.adult(&card).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
    assert_eq!(outcome["ages"]["status_s"], 3601);
}

#[tokio::test]
async fn d4_verifier_list_without_exp() {
    let mut world = World::new().await;
    let card = world.person(3);
    world.clock.advance(1);
    let mut claims = claims(&world);
    for name in ["exp", "ttl"] {
        claims.as_object_mut().unwrap().remove(name).unwrap();
    }
    world.site.set(LIST, Reply::Body(signed(&world, &claims).into_bytes()));
    world.refresh().await;
    world.site.set(LIST, Reply::Status(404));
    world.clock.advance(3600);
    world.refresh().await;
    let outcome = world.adult(&card).await;
    assert_outcome(&outcome, "yes", "ok");
    assert_eq!(outcome["ages"]["status_s"], 3600, "its age is counted from iat");
    world.clock.advance(1);
    let outcome = world.adult(&card).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
    assert_eq!(outcome["ages"]["status_s"], 3601);
}

#[tokio::test]
async fn d5_verifier_host_that_fails_is_left_alone() {
    let mut world = World::new().await;
    world.site.set(LIST, Reply::Silence);
    for _ in 0..5 {
        world.refresh().await;
    }
    let before = world.site.asked().iter().filter(|url| *url == LIST).count();
    world.refresh().await;
    assert_eq!(world.site.asked().iter().filter(|url| *url == LIST).count(), before);
}

#[tokio::test]
async fn d6_verifier_list_of_another_signer() {
    unknown(by_another_signer).await;
}

#[tokio::test]
async fn d6_verifier_list_of_another_subject() {
    unknown(of_another_subject).await;
}

#[tokio::test]
async fn a5_verifier_wrong_typ_of_a_list() {
    unknown(|world| {
        let agency = world.issuer();
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": agency.kid });
        jws(&header.to_string(), &claims(world).to_string(), &agency.key)
    })
    .await;
}

#[tokio::test]
async fn d7_verifier_many_cards_on_a_list_that_is_held_cause_no_fetch() {
    let world = World::new().await;
    let asked = world.site.asked().len();
    let cards: Vec<_> = (0..200).map(|index| world.person(index)).collect();
    // So many at once as the service takes on a slow machine.
    for some in cards.chunks(20) {
        for outcome in futures_util::future::join_all(some.iter().map(|card| world.adult(card))).await {
            assert_outcome(&outcome, "yes", "ok");
        }
    }
    assert_eq!(world.site.asked().len(), asked);
    world.refresher.round().await;
    let fetched = world.site.asked().split_off(asked);
    let lists = fetched.iter().filter(|url| *url == LIST).count();
    assert_eq!(lists, 1, "the timer fetches it once, whoever showed a card meanwhile");
}

#[tokio::test]
async fn d7_verifier_list_not_held_is_not_fetched() {
    let mut world = World::new().await;
    let asked = world.site.asked().len();
    for _ in 0..10 {
        let several =
            (0..20).map(|_| world.judge(|forged| forged.payload["status"]["status_list"]["uri"] = json!(NOT_HELD)));
        for outcome in futures_util::future::join_all(several).await {
            assert_outcome(&outcome, "could_not_check", "status_unavailable");
        }
    }
    assert_eq!(world.site.asked().len(), asked);
    assert_eq!(
        world.app.trust.view().status_lists().count(),
        1,
        "nothing is kept of it"
    );
    world.refresh().await;
    assert!(!world.site.asked().iter().any(|url| url == NOT_HELD));
}

#[tokio::test]
async fn an_older_list_does_not_come_back() {
    let mut world = World::new().await;
    let card = world.person(3);
    let old = world.list_token(&world.statuses, 3600);
    world.clock.advance(60);
    world.set_status(3, Status::Invalid);
    world.refresh().await;
    world.site.set(LIST, Reply::Body(old.clone().into_bytes()));
    world.refresh().await;
    assert_outcome(&world.adult(&card).await, "no", "revoked");
    world.restart().await;
    world.refresher.round().await;
    assert_outcome(&world.adult(&card).await, "no", "revoked");
}

const FOREIGN_LIST: &str = "https://foreign.example/status/1";
const AGGREGATION: &str = "https://foreign.example/aggregation";

/// A foreign issuer's chain; its list, with entry 5 revoked, is on the network.
fn foreign_issuer(world: &World) -> Value {
    foreign_list(world, FOREIGN_LIST)
}

/// The same with the list of this address.
fn foreign_list(world: &World, uri: &str) -> Value {
    let chain = world.foreign.certify(key(90).public(), &[Name::Dns("foreign.example")]);
    list_by(world, uri, &chain, &key(90));
    chain.x5c()
}

/// A list at this address that says 5 is revoked, signed by a key that this chain certifies.
pub(crate) fn list_by(world: &World, uri: &str, chain: &Chain, issuer: &PrivateJwk) {
    let mut list = StatusList::new(Bits::One, 64);
    list.set(5, Status::Invalid).unwrap();
    let said = status_list::StatusClaims {
        uri,
        issued_at: world.clock.now(),
        expires: world.clock.now() + 3600,
        time_to_live: 600,
        aggregation_uri: Some(AGGREGATION),
    };
    let header = JwsHeader::new(jose::Algorithm::Es256).with_x5c(chain.x5c());
    let token = status_list::sign_token(header, &said, &list, &signer(issuer)).unwrap();
    world.site.set(uri, Reply::Body(token.into_bytes()));
}

fn foreign_card(forged: &mut Forged, x5c: &Value, index: u64) {
    forged.payload["iss"] = json!("https://foreign.example");
    forged.payload["status"]["status_list"] = json!({ "uri": FOREIGN_LIST, "idx": index });
    forged.header = json!({ "alg": "ES256", "typ": "dc+sd-jwt", "x5c": x5c });
    forged.issuer = key(90);
}

/// The aggregation of those whom this authority certified names this list.
pub(crate) fn aggregated(world: &World, anchor: &str, uri: &str) {
    let address = world.folder.path().join(format!("anchors/{anchor}.aggregation"));
    std::fs::write(address, format!("{AGGREGATION}\n")).unwrap();
    let document = json!({ "status_lists": [uri] }).to_string();
    world.site.set(AGGREGATION, Reply::Body(document.into_bytes()));
}

#[tokio::test]
async fn a_list_of_a_foreign_issuer_comes_from_its_aggregation() {
    let mut world = World::new().await;
    aggregated(&world, "foreign", FOREIGN_LIST);
    let x5c = foreign_issuer(&world);
    world.refresh().await;
    for (index, verdict, reason) in [(4, "yes", "ok"), (5, "no", "revoked")] {
        let outcome = world.judge(|forged| foreign_card(forged, &x5c, index)).await;
        assert_outcome(&outcome, verdict, reason);
        assert_eq!(outcome.get("fetched_list"), None);
    }
}

/// An issuer with names is known by them, and not by the authority that certified others too.
#[tokio::test]
async fn d6_verifier_list_of_another_name() {
    let mut world = World::new().await;
    aggregated(&world, "foreign", FOREIGN_LIST);
    let x5c = foreign_issuer(&world);
    let other = world.foreign.certify(key(91).public(), &[Name::Dns("other.example")]);
    list_by(&world, FOREIGN_LIST, &other, &key(91));
    world.refresh().await;
    for index in [4, 5] {
        let outcome = world.judge(|forged| foreign_card(forged, &x5c, index)).await;
        assert_outcome(&outcome, "could_not_check", "status_unavailable");
    }
}

async fn fetching_world() -> World {
    World::with(Options {
        first_fetch: FirstFetch::Allowed,
        ..Options::default()
    })
    .await
}

/// The outcome of a card of the foreign issuer, without the assertion that
/// nothing is fetched.
async fn first_seen(world: &World, x5c: &Value) -> Value {
    let opened = world.open("adult").await;
    let request = world.request(&opened).await;
    let mut forged = world.forge(&request);
    foreign_card(&mut forged, x5c, 5);
    let text = forged.text();
    world.respond(request, &[("person", text)]).await;
    world.outcome(&opened).await
}

#[tokio::test]
async fn d7_verifier_first_list_of_a_foreign_issuer_is_fetched_once() {
    let world = fetching_world().await;
    let x5c = foreign_issuer(&world);
    let fetched = || world.site.asked().iter().filter(|url| *url == FOREIGN_LIST).count();
    let outcomes = futures_util::future::join_all((0..20).map(|_| first_seen(&world, &x5c))).await;
    for outcome in &outcomes {
        assert_outcome(outcome, "no", "revoked");
    }
    assert!(outcomes.iter().any(|outcome| outcome["fetched_list"] == FOREIGN_LIST));
    assert_eq!(fetched(), 1);
    world.refresher.round().await;
    assert_eq!(fetched(), 2, "from then on the timer keeps it");
}

const SECOND_LIST: &str = "https://foreign.example/status/2";
const BOTH: &str = r#"
[[check]]
id = "both"
purpose = { en = "Age check of two", de = "Altersprüfung zweier", fr = "Contrôle de l'âge de deux" }
channel = "online"
privacy_policy = "https://shop.example/privacy"
dcql = '''{"credentials":[
  {"id":"person","format":"dc+sd-jwt","meta":{"vct_values":["urn:holdfast:vct:person-identification:1"]},
   "claims":[{"path":["age_over_18"]}]},
  {"id":"other","format":"dc+sd-jwt","meta":{"vct_values":["urn:holdfast:vct:person-identification:1"]},
   "claims":[{"path":["age_over_18"]}]}]}'''
types = { "person.age_over_18" = "bool", "other.age_over_18" = "bool" }
rule = "person.age_over_18 && other.age_over_18"
[check.issuers]
"urn:holdfast:vct:person-identification:1" = ["x5c"]
"#;

#[tokio::test]
async fn d7_verifier_every_first_list_of_an_answer_is_fetched() {
    let world = World::with(Options {
        first_fetch: FirstFetch::Allowed,
        checks: |_| format!("{CHECKS}{BOTH}"),
        ..Options::default()
    })
    .await;
    let x5c = foreign_issuer(&world);
    foreign_list(&world, SECOND_LIST);
    let opened = world.open("both").await;
    let request = world.request(&opened).await;
    let shown = |query, list: &str| {
        let mut forged = world.forge(&request);
        foreign_card(&mut forged, &x5c, 4);
        forged.payload["status"]["status_list"]["uri"] = list.into();
        (query, forged.text())
    };
    let answers = [shown("person", FOREIGN_LIST), shown("other", SECOND_LIST)];
    world.respond(request, &answers).await;
    let outcome = world.outcome(&opened).await;
    assert_outcome(&outcome, "yes", "ok");
    let mut fetched: Vec<&str> = outcome["fetched_list"].as_str().unwrap().split(' ').collect();
    fetched.sort_unstable();
    assert_eq!(fetched, [FOREIGN_LIST, SECOND_LIST]);
}

#[tokio::test]
async fn d7_verifier_first_list_that_fails_is_not_tried_again_at_once() {
    let world = fetching_world().await;
    let x5c = foreign_issuer(&world);
    world.site.set(FOREIGN_LIST, Reply::Status(404));
    for _ in 0..5 {
        assert_outcome(&first_seen(&world, &x5c).await, "could_not_check", "status_unavailable");
    }
    let fetched = || world.site.asked().iter().filter(|url| *url == FOREIGN_LIST).count();
    assert_eq!(fetched(), 2, "one try and its retry");
    world.clock.advance(60);
    first_seen(&world, &x5c).await;
    assert_eq!(fetched(), 4);
}

#[tokio::test]
async fn d7_verifier_policy_may_forbid_the_first_fetch() {
    let world = World::new().await;
    let x5c = foreign_issuer(&world);
    let outcome = world.judge(|forged| foreign_card(forged, &x5c, 4)).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
}

/// The same root, another issuer: its lists say nothing about the first one's cards.
#[tokio::test]
async fn d6_verifier_a_list_of_another_foreign_issuer_is_not_taken() {
    let world = fetching_world().await;
    let x5c = foreign_issuer(&world);
    let other = key(91);
    let chain = world.foreign.certify(other.public(), &[Name::Dns("other.example")]);
    let said = status_list::StatusClaims {
        uri: FOREIGN_LIST,
        issued_at: world.clock.now(),
        expires: world.clock.now() + 3600,
        time_to_live: 600,
        aggregation_uri: None,
    };
    let header = JwsHeader::new(jose::Algorithm::Es256).with_x5c(chain.x5c());
    let token = status_list::sign_token(header, &said, &StatusList::new(Bits::One, 64), &signer(&other)).unwrap();
    world.site.set(FOREIGN_LIST, Reply::Body(token.into_bytes()));
    assert_outcome(&first_seen(&world, &x5c).await, "could_not_check", "status_unavailable");
}
