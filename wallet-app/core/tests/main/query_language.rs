//! How a wallet answers the query language. OpenID4VP 1.0 §6, §7

use crate::credentials::certified;
use crate::world::{ACCESS_KEY, RequestDraft, World, agree, answered, sha256};
use jose::base64url;
use jose::x5c::UnverifiedChain;
use sd_jwt::{ClaimPath, Disclosable, PathElement, decode_presentation};
use serde_json::{Value, json};
use test_case::test_case;
use testkit::certificates::{Authority, Name};
use testkit::credential::{key, vct};
use wallet::RequestRefused;

fn disclosed(presentation: &Value) -> Vec<String> {
    let decoded = decode_presentation(presentation.as_str().expect("presentation")).expect("decoded");
    decoded.disclosed.iter().map(|claim| claim.path.to_string()).collect()
}

fn person(id: &str, claims: &[&str]) -> Value {
    let claims: Vec<Value> = claims.iter().map(|name| json!({ "path": [name] })).collect();
    json!({ "id": id, "format": "dc+sd-jwt", "meta": { "vct_values": [vct("person-identification")] }, "claims": claims })
}

fn home(id: &str) -> Value {
    json!({ "id": id, "format": "dc+sd-jwt", "meta": { "vct_values": [vct("residence")] }, "claims": [{ "path": ["locality"] }] })
}

/// A world where a business of an ecosystem that registers nobody asks: anything, with consent.
async fn foreign() -> (World, Authority) {
    let root = Authority::new("root");
    (World::with_anchors(None, Some(&root)).await, root)
}

async fn ask(world: &mut World, root: &Authority, query: Value) -> String {
    let chain = root.certify(key(ACCESS_KEY).public(), &[Name::Dns("shop.localhost")]);
    let mut draft = RequestDraft::of(world, "age", &[]).without_record();
    draft.set_client_id(&format!("x509_hash:{}", base64url::encode(sha256(chain.leaf()))));
    draft.x5c = Some(chain.x5c());
    draft.claims["dcql_query"] = query;
    draft.publish(world).await
}

async fn receive(world: &World, kind: &str) {
    let issuer = world.issuer(kind).await;
    world.accept(&issuer.offer()).await.expect("accepted");
}

#[tokio::test]
async fn where_several_may_come_one_comes_unless_the_person_adds_more() {
    let mut world = World::with_card().await;
    receive(&world, "person-identification").await;
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    draft.claims["dcql_query"]["credentials"][0]["multiple"] = true.into();
    let link = draft.publish(&world).await;
    world.share(&link).await.expect("shared");
    let answer = answered(&world).await;
    assert_eq!(answer["vp_token"]["card"].as_array().map(Vec::len), Some(1));
    assert_eq!(world.unused(), 5);

    draft.claims["nonce"] = "n-other-789012345678901234567".into();
    let link = draft.publish(&world).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let additions = &open.ask().additions;
    assert_eq!(
        (open.ask().cards.len(), additions.len(), additions[0].cards.len()),
        (1, 1, 1)
    );
    let also = [additions[0].cards[0].card.as_str().to_owned()];
    let consent = open.ask().agree_also(&[], &also).expect("agreed");
    world.wallet.share(open, &consent).await.expect("shared");
    let sent = world.sent("POST", "/response/1").await;
    let answer = crate::world::decrypt(&sent[1].body);
    let both = answer["vp_token"]["card"].as_array().expect("array");
    assert_eq!((both.len(), world.unused()), (2, 3));
    assert_ne!(both[0], both[1]);
    assert!(both.iter().all(|one| disclosed(one) == ["age_over_18"]));
    let record = &world.wallet.history().expect("history")[0].record;
    assert_eq!(record.cards.len(), 2, "both stand in the history");
}

#[tokio::test]
async fn where_one_is_asked_for_one_comes() {
    let mut world = World::with_card().await;
    receive(&world, "person-identification").await;
    let link = world.ask("age", &["age_over_18"]).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    assert!(open.ask().additions.is_empty());
    let card = world.wallet.cards().expect("cards")[1].id.as_str().to_owned();
    assert!(open.ask().agree_also(&[], &[card]).is_err());
}

/// A card whose issuer is certified by `root`, and the identifier of that authority's key.
async fn with_certified_card() -> (World, String) {
    let root = Authority::new("root");
    let world = World::with_anchors(Some(&root), None).await;
    let chain = root.certify(key(31).public(), &[Name::Uri("did:web:elsewhere.example")]);
    let issuer = certified(&world, &chain, "did:web:elsewhere.example").await;
    world.accept(&issuer.offer()).await.expect("accepted");
    let chain = UnverifiedChain::parse(&chain.x5c()).expect("chain");
    let found = chain.dangerous_authority_keys().next().expect("an identifier");
    let identifier = base64url::encode(found);
    (world, identifier)
}

#[tokio::test]
async fn the_key_of_the_authority_decides() {
    for (list, expected) in [("aki", true), ("etsi_tl", false), ("openid_federation", false)] {
        let (mut world, identifier) = with_certified_card().await;
        let elsewhere = world.url("list", "/list");
        let values = if list == "aki" {
            json!(["AAAA", identifier])
        } else {
            json!([elsewhere, identifier])
        };
        let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
        draft.claims["dcql_query"]["credentials"][0]["trusted_authorities"] =
            json!([{ "type": list, "values": values }]);
        let link = draft.publish(&world).await;
        match expected {
            true => {
                world.share(&link).await.expect("shared");
            }
            false => assert!(matches!(world.refused(&link).await, RequestRefused::NoMatchingCard(_))),
        }
        assert_eq!(world.sent("GET", "/list").await.len(), 0, "nothing is fetched");
    }
}

#[test_case(json!([{ "type": "aki", "values": ["AAAA"] }]) ; "another key")]
#[test_case(json!([{ "type": "later", "values": ["AAAA"] }]) ; "a type of another specification")]
#[tokio::test]
async fn a_card_of_another_authority_is_not_shown(authorities: Value) {
    let (mut world, _) = with_certified_card().await;
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    draft.claims["dcql_query"]["credentials"][0]["trusted_authorities"] = authorities;
    let link = draft.publish(&world).await;
    assert!(matches!(world.refused(&link).await, RequestRefused::NoMatchingCard(_)));
}

/// Arrays whose elements, and an open object whose members, can be hidden each by itself.
async fn with_arrays() -> (World, Authority) {
    let (world, root) = foreign().await;
    let issuer = world.issuer("person-identification").await.making(|mut copy| {
        let claims = &mut copy.draft.claims;
        let of_the_type: Vec<ClaimPath> = claims.keys().map(|name| ClaimPath::from(name.as_str())).collect();
        claims.insert("nationalities".into(), json!(["BE", "NL"]));
        claims.insert(
            "degrees".into(),
            json!([{ "type": "B", "year": 1 }, { "type": "M", "year": 2 }]),
        );
        claims.insert(
            "address".into(),
            json!({ "country": "DE", "street": "x", "house": "1" }),
        );
        let name = |text: &str| PathElement::Name(text.to_owned());
        let at = PathElement::Index;
        let mut places: Vec<ClaimPath> = vec![
            ClaimPath::new(vec![name("nationalities"), at(0)]),
            ClaimPath::new(vec![name("nationalities"), at(1)]),
            ClaimPath::new(vec![name("address"), name("street")]),
            ClaimPath::new(vec![name("address"), name("house")]),
        ];
        places.extend(of_the_type);
        for place in 0..2 {
            for member in ["type", "year"] {
                places.push(ClaimPath::new(vec![name("degrees"), at(place), name(member)]));
            }
        }
        copy.draft.disclosable = Disclosable::At(places);
        copy.issue()
    });
    issuer.mount(&world).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    (world, root)
}

#[test_case(json!(["nationalities", 1]), &["nationalities[1]"], &["nationalities.0"] ; "one element by its place")]
#[test_case(json!(["nationalities", null]), &["nationalities[0]", "nationalities[1]"], &[] ; "every element")]
#[test_case(json!(["degrees", null, "type"]), &["degrees[0].type", "degrees[1].type"], &["degrees.0.year", "degrees.1.year"] ; "a member of every element")]
#[test_case(json!(["degrees", 0, "year"]), &["degrees[0].year"], &["degrees.0.type", "degrees.1.type", "degrees.1.year"] ; "a member of one element")]
#[test_case(json!(["address", "street"]), &["address.street"], &["address.house"] ; "a member of an open object")]
#[tokio::test]
async fn paths_show_what_they_mean_and_nothing_else(
    path: Value,
    shown: &'static [&'static str],
    withheld: &'static [&'static str],
) {
    let (mut world, root) = with_arrays().await;
    let mut query = person("card", &[]);
    query["claims"] = json!([{ "path": path }]);
    let link = ask(&mut world, &root, json!({ "credentials": [query] })).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let card = &open.ask().cards[0];
    for name in withheld {
        assert!(
            card.withheld.iter().any(|withheld| withheld == name),
            "{name}: {:?}",
            card.withheld
        );
    }
    let consent = agree(&open, &[]);
    world.wallet.share(open, &consent).await.expect("shared");
    let mut found = disclosed(&answered(&world).await["vp_token"]["card"][0]);
    found.sort();
    assert_eq!(found, shown);
}

#[test_case(json!(["nationalities", 2]) ; "a place beyond the end")]
#[test_case(json!(["address", null]) ; "null in an object")]
#[test_case(json!(["given_name", 0]) ; "a place in a text")]
#[tokio::test]
async fn paths_that_select_nothing_match_no_card(path: Value) {
    let (mut world, root) = with_arrays().await;
    let mut query = person("card", &[]);
    query["claims"] = json!([{ "path": path }]);
    let link = ask(&mut world, &root, json!({ "credentials": [query] })).await;
    assert!(matches!(world.refused(&link).await, RequestRefused::NoMatchingCard(_)));
}

#[tokio::test]
async fn one_copy_answers_two_queries_for_its_card() {
    let (mut world, root) = foreign().await;
    receive(&world, "person-identification").await;
    let query = json!({ "credentials": [person("a", &["age_over_18"]), person("b", &["given_name"])] });
    let link = ask(&mut world, &root, query).await;
    world.share(&link).await.expect("shared");
    let token = answered(&world).await["vp_token"].clone();
    assert_eq!(disclosed(&token["a"][0]), ["age_over_18"]);
    assert_eq!(disclosed(&token["b"][0]), ["given_name"]);
    assert_eq!(world.unused(), 2, "one copy");
}

#[tokio::test]
async fn what_is_optional_is_left_out_unless_the_person_adds_it() {
    let (mut world, root) = foreign().await;
    receive(&world, "person-identification").await;
    receive(&world, "residence").await;
    let query = json!({
        "credentials": [person("a", &["age_over_18"]), home("b")],
        "credential_sets": [{ "options": [["a"]] }, { "options": [["b"]], "required": false }]
    });
    let link = ask(&mut world, &root, query).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let addition = &open.ask().additions[0];
    assert_eq!((open.ask().cards.len(), open.ask().additions.len()), (1, 1));
    let also = [addition.cards[0].card.as_str().to_owned()];
    let without = open.ask().agree(&[]).expect("agreed");
    let with = open.ask().agree_also(&[], &also).expect("agreed");
    assert_ne!(without, with);
    world.wallet.share(open, &with).await.expect("shared");
    let token = answered(&world).await["vp_token"].clone();
    assert_eq!(token.as_object().expect("object").len(), 2);
    assert_eq!(disclosed(&token["b"][0]), ["locality"]);
}

#[tokio::test]
async fn what_is_optional_and_not_here_is_not_missed() {
    let (mut world, root) = foreign().await;
    receive(&world, "person-identification").await;
    let query = json!({
        "credentials": [person("a", &["age_over_18"]), home("b")],
        "credential_sets": [{ "options": [["a"]] }, { "options": [["b"]], "required": false }]
    });
    let link = ask(&mut world, &root, query).await;
    world.share(&link).await.expect("shared");
    let token = answered(&world).await["vp_token"].clone();
    assert_eq!(token.as_object().expect("object").keys().collect::<Vec<_>>(), ["a"]);
}

#[tokio::test]
async fn f8_wallet_what_is_required_and_not_here_leaves_nothing() {
    let (mut world, root) = foreign().await;
    receive(&world, "person-identification").await;
    for query in [
        json!({ "credentials": [person("a", &["age_over_18"]), home("b")] }),
        json!({ "credentials": [person("a", &["age_over_18"]), home("b")],
            "credential_sets": [{ "options": [["a"]] }, { "options": [["b"]] }] }),
    ] {
        let link = ask(&mut world, &root, query).await;
        assert!(matches!(world.refused(&link).await, RequestRefused::NoMatchingCard(_)));
    }
}

#[tokio::test]
async fn of_two_alternatives_the_smaller_is_shown() {
    let (mut world, root) = foreign().await;
    receive(&world, "person-identification").await;
    receive(&world, "residence").await;
    let query = json!({
        "credentials": [person("a", &["age_over_18"]), home("b"), person("c", &["given_name"])],
        "credential_sets": [{ "options": [["a", "b"], ["c"]] }]
    });
    let link = ask(&mut world, &root, query).await;
    world.share(&link).await.expect("shared");
    let token = answered(&world).await["vp_token"].clone();
    assert_eq!(token.as_object().expect("object").keys().collect::<Vec<_>>(), ["c"]);
}
