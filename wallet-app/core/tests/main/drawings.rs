//! Cards as their type wants them drawn. draft-ietf-oauth-sd-jwt-vc §5.5.1.2

use crate::bounds::packed;
use crate::types::{TYPE, document, mount_silent, publish, with_type_at_an_address};
use crate::world::{Issuer, World};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sd_jwt::Integrity;
use serde_json::{Value, json};
use test_case::test_case;
use wiremock::ResponseTemplate;

const DRAWING: &str = "/types/card.svg";

fn svg(inside: &str) -> String {
    format!(r#"<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>"#)
}

fn good() -> String {
    svg("<text>Hello {{given_name}}</text>")
}

/// The metadata of the type, which say that its cards are drawn so.
fn drawn_by(issuer: &Issuer, template: &Value) -> Value {
    let mut document = document(&issuer.vct, None);
    document["display"][0]["rendering"]["svg_templates"] = json!([template]);
    document["claims"][0]["svg_id"] = "given_name".into();
    document
}

/// A world in which the type names a template, and this issuer says who the card is about.
async fn naming(template: impl FnOnce(&World) -> Value, given_name: &str) -> (World, Issuer) {
    let (world, mut issuer) = with_type_at_an_address().await;
    issuer.claims["given_name"] = given_name.into();
    mount_silent(&world, &issuer).await;
    publish(&world, TYPE, &drawn_by(&issuer, &template(&world))).await;
    (world, issuer)
}

/// The same with a template at an address.
async fn at_an_address(given_name: &str) -> (World, Issuer) {
    naming(|world| json!({ "uri": world.url("types", DRAWING) }), given_name).await
}

async fn serve(world: &World, body: Vec<u8>) {
    let answer = ResponseTemplate::new(200).set_body_raw(body, "image/svg+xml");
    world.answer(DRAWING, answer).await;
}

/// How the one card here is drawn. How it looks without that is there in every case.
fn drawing(world: &World) -> Option<String> {
    let cards = world.wallet.cards().expect("cards");
    let [card] = cards.as_slice() else {
        panic!("{} cards", cards.len())
    };
    let face = card.face();
    assert_eq!(
        (face.title.text("en"), face.background.as_deref()),
        ("Membership", Some("#123456"))
    );
    let drawing = world.wallet.drawing(card).expect("read")?;
    let body = drawing.source("de").strip_prefix("data:image/svg+xml;base64,");
    let svg = STANDARD.decode(body.expect("an SVG")).expect("base64");
    Some(String::from_utf8(svg).expect("text"))
}

#[tokio::test]
async fn a_card_is_drawn_as_its_type_wants_it_with_what_it_says() {
    let (world, issuer) = at_an_address("Erika").await;
    serve(&world, good().into_bytes()).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    let world = world.killed();
    assert_eq!(drawing(&world), Some(svg("<text>Hello Erika</text>")));
    assert_eq!(
        world.sent("GET", DRAWING).await.len(),
        1,
        "with the offer, and not because it is looked at"
    );
}

#[tokio::test]
async fn a_template_that_the_type_carries_along_is_fetched_from_nowhere() {
    let carried = format!("data:image/svg+xml;base64,{}", STANDARD.encode(good()));
    let (world, issuer) = naming(|_| json!({ "uri": carried }), "Erika").await;
    world.accept(&issuer.offer()).await.expect("accepted");
    assert_eq!(drawing(&world), Some(svg("<text>Hello Erika</text>")));
}

#[tokio::test]
async fn new_copies_are_drawn_anew() {
    let (world, mut issuer) = at_an_address("Erika").await;
    serve(&world, good().into_bytes()).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    let card = world.wallet.cards().expect("cards").remove(0);
    issuer.claims["given_name"] = "Erika Maria".into();
    mount_silent(&world, &issuer).await;
    world.wallet.refresh_card(card.id.as_str()).await.expect("refreshed");
    assert_eq!(drawing(&world), Some(svg("<text>Hello Erika Maria</text>")));
    world.answer(DRAWING, ResponseTemplate::new(404)).await;
    world.wallet.refresh_card(card.id.as_str()).await.expect("refreshed");
    assert_eq!(drawing(&world), None, "and what was drawn before is gone");
}

#[tokio::test]
async fn e10_wallet_a_value_cannot_break_out_of_the_drawing() {
    let (world, issuer) = at_an_address("</text><script>alert(1)</script>{{given_name}}").await;
    serve(&world, good().into_bytes()).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    let escaped = "&lt;/text&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#123;&#123;given_name&#125;&#125;";
    assert_eq!(drawing(&world), Some(svg(&format!("<text>Hello {escaped}</text>"))));
}

#[test_case(r#"<text x="{{given_name}}">x</text>"# ; "in an attribute")]
#[test_case("<style>{{given_name}}</style>" ; "in a style sheet")]
#[test_case("<text>{{family_name}}</text>" ; "of a claim that the type does not describe")]
#[tokio::test]
async fn e10_wallet_a_placeholder_outside_of_text_leaves_the_card_as_simple_as_it_was(markup: &'static str) {
    let (world, issuer) = at_an_address("Erika").await;
    serve(&world, svg(markup).into_bytes()).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    assert_eq!(drawing(&world), None);
}

#[test_case("<script>alert(1)</script>" ; "a script")]
#[test_case(r#"<g onload="alert(1)"/>"# ; "an event")]
#[test_case("<foreignObject/>" ; "another language")]
#[test_case(r##"<g id="a"/><use href="#a"/>"## ; "something drawn again and again")]
#[test_case(r#"<image href="https://elsewhere.example/seen.png"/>"# ; "a picture elsewhere")]
#[test_case(r#"<rect fill="url(https://elsewhere.example/#a)"/>"# ; "a paint elsewhere")]
#[test_case(r#"<image href="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAw1AAAMNQ"/>"# ; "a picture of 50,000 by 50,000 points")]
#[test_case("<style>rect { fill: ur<!-- -->l(https://elsewhere.example/seen.png) }</style>" ; "a style sheet in pieces")]
#[test_case("<style>rect { fill: ur<![CDATA[l(https://elsewhere.example/seen.png)]]> }</style>" ; "a style sheet half of which is quoted")]
#[test_case("<style><tspan>rect { fill: url(https://elsewhere.example/{{given_name}}) }</tspan></style>" ; "what a card says in a style sheet")]
#[test_case(r#"<g style="filter: blur(99px)"/>"# ; "something blurred")]
#[test_case(r#"<g style="--a: url(#a)"><clipPath><rect style="clip-path: var(--a)"/></clipPath></g>"# ; "a clip inside a clip by a variable")]
#[test_case(r#"<g clip-path="url(#a)"><clipPath clip-path="inherit"/></g>"# ; "a clip inside a clip that is inherited")]
#[test_case(r#"<line stroke-dasharray="0.00001"/>"# ; "a line in countless pieces")]
#[test_case(r#"<image href="data:image/jpeg;base64,/9j/AQAG//4ADf/AAAsIAAEAAQEB/8AACwj/////AQERAA=="/>"# ; "a picture with another size for whoever draws it")]
#[tokio::test]
async fn e9_wallet_a_template_that_does_more_than_draw_is_not_drawn(markup: &'static str) {
    let (world, issuer) = at_an_address("Erika").await;
    serve(&world, svg(markup).into_bytes()).await;
    world
        .accept(&issuer.offer())
        .await
        .expect("the card is good all the same");
    assert_eq!(drawing(&world), None);
    let asked = world.server.received_requests().await.expect("recorded");
    assert!(asked.iter().all(|request| !request.url.path().contains("seen")));
    assert_eq!(world.wallet.blocked_requests(), 0, "nothing of it was tried");
}

#[tokio::test]
async fn e9_wallet_a_drawing_that_clips_without_end_is_not_drawn() {
    for (clips, is_drawn) in [(60, true), (65, false)] {
        let (world, issuer) = at_an_address("Erika").await;
        let clipped = r#"<g clip-path="url(#a)"/>"#.repeat(clips);
        serve(&world, svg(&clipped).into_bytes()).await;
        world.accept(&issuer.offer()).await.expect("accepted");
        assert_eq!(drawing(&world).is_some(), is_drawn, "{clips}");
    }
}

#[tokio::test]
async fn e9_wallet_a_template_is_kept_for_a_few_languages_alone() {
    let (world, issuer) = at_an_address("Erika").await;
    let mut document = drawn_by(&issuer, &json!({ "uri": world.url("types", DRAWING) }));
    let mut display = vec![document["display"][0].clone(); 20];
    for (letter, shown) in ('a'..).zip(&mut display).skip(1) {
        shown["locale"] = format!("x{letter}").into();
    }
    document["display"] = display.into();
    publish(&world, TYPE, &document).await;
    serve(&world, good().into_bytes()).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    assert_eq!(drawing(&world), Some(svg("<text>Hello Erika</text>")));
    let card = world.wallet.cards().expect("cards").remove(0);
    let pictures = serde_json::to_value(world.wallet.drawing(&card).expect("read")).expect("json");
    assert_eq!(pictures.as_object().map(serde_json::Map::len), Some(8));
}

#[test_case(r#"<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg"><text>&a;</text></svg>"# ; "entities")]
#[test_case("<html/>" ; "a page")]
#[tokio::test]
async fn e9_wallet_what_is_no_picture_is_not_drawn(body: &'static str) {
    let (world, issuer) = at_an_address("Erika").await;
    serve(&world, body.as_bytes().to_vec()).await;
    world
        .accept(&issuer.offer())
        .await
        .expect("the card is good all the same");
    assert_eq!(drawing(&world), None);
}

#[test_case(true ; "that is meant")]
#[test_case(false ; "another")]
#[tokio::test]
async fn e9_wallet_the_template_must_be_the_one_that_the_type_means(meant: bool) {
    let means = if meant {
        good()
    } else {
        svg("<text>{{given_name}}</text>")
    };
    let integrity = Integrity::of(means.as_bytes()).as_str().to_owned();
    let named = |world: &World| json!({ "uri": world.url("types", DRAWING), "uri#integrity": integrity });
    let (world, issuer) = naming(named, "Erika").await;
    serve(&world, good().into_bytes()).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    assert_eq!(drawing(&world).is_some(), meant);
}

#[test_case("https://10.0.0.1/card.svg" ; "a private address")]
#[test_case("https://[::1]/card.svg" ; "this machine")]
#[tokio::test]
async fn e5_wallet_a_template_at_an_address_inside(uri: &'static str) {
    let (world, issuer) = naming(|_| json!({ "uri": uri }), "Erika").await;
    world.accept(&issuer.offer()).await.expect("accepted");
    assert_eq!(drawing(&world), None);
    assert_eq!(world.wallet.blocked_requests(), 1, "refused before a connection");
}

#[test_case(|good: Vec<u8>| ResponseTemplate::new(200).set_body_raw(good, "text/html") ; "another kind")]
#[test_case(|good: Vec<u8>| ResponseTemplate::new(200).set_body_raw([good, vec![b' '; 512 * 1024]].concat(), "image/svg+xml") ; "too long")]
#[test_case(|_: Vec<u8>| ResponseTemplate::new(200).set_body_raw(packed(good()), "image/svg+xml").insert_header("content-encoding", "gzip") ; "packed")]
#[test_case(|_: Vec<u8>| ResponseTemplate::new(302).insert_header("location", "https://10.0.0.1/card.svg") ; "a redirect inside")]
#[test_case(|_: Vec<u8>| ResponseTemplate::new(404) ; "not there")]
#[tokio::test]
async fn e8_wallet_a_template_that_cannot_be_had(answer: fn(Vec<u8>) -> ResponseTemplate) {
    let (world, issuer) = at_an_address("Erika").await;
    world.answer(DRAWING, answer(good().into_bytes())).await;
    world
        .accept(&issuer.offer())
        .await
        .expect("the card is good all the same");
    assert_eq!(drawing(&world), None);
    assert_eq!(world.sent("GET", DRAWING).await.len(), 1, "asked once");
}
