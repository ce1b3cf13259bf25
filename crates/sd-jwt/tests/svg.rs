//! SVG templates. draft-ietf-oauth-sd-jwt-vc §5.5.1.2.2; catalogue row E10.

use base64::Engine;
use jose::{OverBudget, Work};
use proptest::prelude::*;
use sd_jwt::type_metadata::{ResolvedType, SvgReference, SvgTemplate, SvgTemplateError};
use sd_jwt::{Integrity, IntegrityError, TYP, UnverifiedSdJwt, budget};
use serde_json::{Value, json};
use test_case::test_case;

use crate::fixture::{digest_of, disclosure, typed};
use crate::type_documents::{VCT, resolve};

/// The template of the specification.
const EXAMPLE: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">
  <text x="10" y="20">Street address: {{address_street_address}}</text>
</svg>"#;

fn card_type() -> ResolvedType {
    resolve(&[json!({ "vct": VCT, "claims": [
        { "path": ["address", "street_address"], "svg_id": "address_street_address" },
        { "path": ["name"], "svg_id": "name" },
        { "path": ["categories", null], "svg_id": "categories" },
    ] })])
    .unwrap()
}

fn parse(svg: &str) -> Result<SvgTemplate, SvgTemplateError> {
    SvgTemplate::parse(svg.as_bytes(), &card_type())
}

fn filled(svg: &str, value: &str) -> String {
    parse(svg).unwrap().fill(|_| Some(value.to_owned())).unwrap()
}

#[test]
fn the_example_of_the_specification_is_filled_in() {
    let template = parse(EXAMPLE).unwrap();
    assert_eq!(template.placeholders().collect::<Vec<_>>(), ["address_street_address"]);
    assert_eq!(
        filled(EXAMPLE, "42 Galaxy Way"),
        EXAMPLE.replace("{{address_street_address}}", "42 Galaxy Way")
    );
}

#[test]
fn a_template_that_was_retrieved_must_be_the_one_that_is_meant() {
    let reference = |uri: &str, integrity: Option<&str>| {
        let mut template = json!({ "uri": uri });
        if let Some(integrity) = integrity {
            template["uri#integrity"] = integrity.into();
        }
        let rendering = json!({ "svg_templates": [template] });
        let document = json!({ "vct": VCT, "display": [{ "locale": "en", "name": "x", "rendering": rendering }] });
        resolve(&[document]).unwrap().display()[0].rendering.svg_templates[0].clone()
    };
    let retrieved =
        |reference: &SvgReference, bytes: &[u8]| SvgTemplate::retrieved(reference, bytes, &card_type()).map(drop);
    let means = Integrity::of(EXAMPLE.as_bytes());
    let there = reference("https://a.example/1.svg", Some(means.as_str()));
    assert_eq!(there.carried(), None);
    assert_eq!(retrieved(&there, EXAMPLE.as_bytes()), Ok(()));
    let other = SvgTemplateError::Integrity(IntegrityError::Mismatch);
    assert_eq!(retrieved(&there, inside("<g/>").as_bytes()), Err(other));
    let carried = reference("data:image/svg+xml,%3Csvg%3E%3C/svg%3E", None);
    assert_eq!(carried.carried().unwrap(), b"<svg></svg>");
    assert_eq!(retrieved(&carried, &carried.carried().unwrap()), Ok(()));
}

#[test]
fn e10_values_are_escaped() {
    let attack = r#"</text><script>alert("1" & '2')</script>{{name}}"#;
    let svg = filled(EXAMPLE, attack);
    assert!(svg.contains(
        "&lt;/text&gt;&lt;script&gt;alert(&quot;1&quot; &amp; &apos;2&apos;)&lt;/script&gt;&#123;&#123;name&#125;&#125;"
    ));
    assert!(parse(&svg).is_ok(), "what was filled in is an SVG still");
    assert_eq!(
        filled(EXAMPLE, "\0\u{1b}[31m\n"),
        filled(EXAMPLE, "\u{fffd}\u{fffd}[31m ")
    );
}

/// The head of a PNG that says this size.
fn png(width: u32, height: u32) -> String {
    let header = [
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice(),
        &width.to_be_bytes(),
        &height.to_be_bytes(),
    ];
    let text = base64::engine::general_purpose::STANDARD.encode(header.concat());
    format!("data:image/png;base64,{text}")
}

fn inside(markup: &str) -> String {
    format!(r#"<svg xmlns="http://www.w3.org/2000/svg">{markup}</svg>"#)
}

#[test_case(r#"<text x="{{name}}">x</text>"# => SvgTemplateError::PlaceholderInMarkup; "in an attribute")]
#[test_case(r#"<text {{name}}="1">x</text>"# => SvgTemplateError::PlaceholderInMarkup; "as an attribute")]
#[test_case(r#"<{{name}}>x</{{name}}>"# => SvgTemplateError::PlaceholderInMarkup; "as an element")]
#[test_case(r#"<text>x</text {{name}}>"# => SvgTemplateError::PlaceholderInMarkup; "in an end tag")]
#[test_case("<!-- {{name}} -->" => SvgTemplateError::PlaceholderInMarkup; "in a comment")]
#[test_case("<text><![CDATA[{{name}}]]></text>" => SvgTemplateError::PlaceholderInMarkup; "in a CDATA section")]
#[test_case("<style>{{name}}</style>" => SvgTemplateError::PlaceholderInMarkup; "in a style sheet")]
#[test_case("<g>{{name}}</g>" => SvgTemplateError::PlaceholderInMarkup; "where text is not drawn")]
#[test_case("<text>{{name</text>" => SvgTemplateError::MalformedPlaceholder; "not closed")]
#[test_case("<text>{{ name }}</text>" => SvgTemplateError::MalformedPlaceholder; "with spaces")]
#[test_case("<text>{{}}</text>" => SvgTemplateError::MalformedPlaceholder; "empty")]
#[test_case("<text>{{{name}}}</text>" => SvgTemplateError::MalformedPlaceholder; "three braces")]
#[test_case("<text>{{other}}</text>" => SvgTemplateError::UnknownPlaceholder("other".to_owned()); "of no claim")]
fn e10_placeholders_stand_in_text_alone(markup: &str) -> SvgTemplateError {
    parse(&inside(markup)).unwrap_err()
}

#[test_case("<script>1</script>" => SvgTemplateError::ActiveContent; "script")]
#[test_case("<svg:script/>" => SvgTemplateError::ActiveContent; "script with a prefix")]
#[test_case("<foreignObject/>" => SvgTemplateError::ActiveContent; "another language")]
#[test_case(r#"<set attributeName="href" to="x"/>"# => SvgTemplateError::ActiveContent; "an attribute set later")]
#[test_case(r#"<g onload="alert(1)"/>"# => SvgTemplateError::ActiveContent; "an event")]
#[test_case(r#"<g ONCLICK='alert(1)'/>"# => SvgTemplateError::ActiveContent; "an event in capitals")]
#[test_case(r#"<image href="https://evil.example/x.png"/>"# => SvgTemplateError::ActiveContent; "a picture elsewhere")]
#[test_case(r#"<use xlink:href="other.svg#a"/>"# => SvgTemplateError::ActiveContent; "a part of another file")]
#[test_case(r#"<a href="javascript:alert(1)"><text>x</text></a>"# => SvgTemplateError::ActiveContent; "a link that runs")]
#[test_case(r#"<image href="data:image/svg+xml,x"/>"# => SvgTemplateError::ActiveContent; "an SVG in the SVG")]
#[test_case(r#"<rect fill="url(https://evil.example/#a)"/>"# => SvgTemplateError::ActiveContent; "a paint elsewhere")]
#[test_case(r#"<rect style="fill:u&#114;l(https://evil.example)"/>"# => SvgTemplateError::ActiveContent; "the same by a character reference")]
#[test_case(r"<style>@import 'https://evil.example/x.css'</style>" => SvgTemplateError::ActiveContent; "an imported style sheet")]
#[test_case(r"<style>rect { fill: u\72l(//evil.example) }</style>" => SvgTemplateError::ActiveContent; "a paint by an escape")]
#[test_case(r#"<g xml:base="https://evil.example/"/>"# => SvgTemplateError::ActiveContent; "another base")]
#[test_case(r##"<g id="a"/><use href="#a"/>"## => SvgTemplateError::ActiveContent; "something drawn again")]
#[test_case("<symbol/>" => SvgTemplateError::ActiveContent; "something to be drawn again")]
#[test_case("<pattern/>" => SvgTemplateError::ActiveContent; "something drawn without end")]
#[test_case("<filter/>" => SvgTemplateError::ActiveContent; "something worked out for every point")]
#[test_case("<animateTransform/>" => SvgTemplateError::ActiveContent; "something that moves")]
#[test_case("<style>@keyframes a { to { x: 1 } }</style>" => SvgTemplateError::ActiveContent; "a style that moves")]
#[test_case("<style>g { clip-path: url(#a) }</style>" => SvgTemplateError::ActiveContent; "a style that clips clips")]
#[test_case(r##"<clipPath clip-path="url(#a)"/>"## => SvgTemplateError::ActiveContent; "a clip that is clipped")]
#[test_case(r##"<clipPath><g style="clip-path: URL(#a)"/></clipPath>"## => SvgTemplateError::ActiveContent; "a clip inside a clip")]
#[test_case(r#"<image href="data:image/png;base64,AA"/>"# => SvgTemplateError::ActiveContent; "a picture that is none")]
#[test_case(r#"<h:body xmlns:h="http://www.w3.org/1999/xhtml"/>"# => SvgTemplateError::ActiveContent; "another language by a prefix")]
#[test_case("<style>rect { fill: ur<!-- -->l(https://elsewhere.example/seen.png) }</style>" => SvgTemplateError::ActiveContent; "a style sheet in pieces")]
#[test_case("<style>rect { fill: ur<![CDATA[l(https://elsewhere.example/seen.png)]]> }</style>" => SvgTemplateError::ActiveContent; "a style sheet half of which is quoted")]
#[test_case(r#"<g style="filter: blur(99px)"/>"# => SvgTemplateError::ActiveContent; "something blurred")]
#[test_case(r#"<g style="--a: url(#a)"><clipPath><rect style="clip-path: var(--a)"/></clipPath></g>"# => SvgTemplateError::ActiveContent; "a clip inside a clip by a variable")]
#[test_case(r#"<g clip-path="url(#a)"><clipPath clip-path="inherit"/></g>"# => SvgTemplateError::ActiveContent; "a clip inside a clip that is inherited")]
#[test_case(r#"<line stroke-dasharray="0.00001"/>"# => SvgTemplateError::ActiveContent; "a line in countless pieces")]
#[test_case("<style><tspan>rect { fill: url(//evil.example) }</tspan></style>" => SvgTemplateError::ActiveContent; "text inside a style sheet")]
#[test_case("<style>text { text-shadow: 0 0 99px }</style>" => SvgTemplateError::ActiveContent; "a shadow")]
#[test_case("<style>* { all: inherit }</style>" => SvgTemplateError::ActiveContent; "everything inherited")]
#[test_case("<style>rect { fill: src('//evil.example') }</style>" => SvgTemplateError::ActiveContent; "a function that is not known")]
fn e9_what_runs_or_fetches_is_refused(markup: &str) -> SvgTemplateError {
    parse(&inside(markup)).unwrap_err()
}

#[test_case("" => SvgTemplateError::NotSvg; "empty")]
#[test_case("text" => SvgTemplateError::NotSvg; "text")]
#[test_case("<html/>" => SvgTemplateError::NotSvg; "another root")]
#[test_case("<svg>" => SvgTemplateError::NotSvg; "not closed")]
#[test_case("<svg><g></svg></g>" => SvgTemplateError::NotSvg; "crossed")]
#[test_case("<svg/><svg/>" => SvgTemplateError::NotSvg; "two roots")]
#[test_case("<svg/>text" => SvgTemplateError::NotSvg; "text after the root")]
#[test_case("<<svg/>" => SvgTemplateError::NotSvg; "two angle brackets")]
#[test_case("<svg></</svg>" => SvgTemplateError::NotSvg; "two ends")]
#[test_case("<svg a=1/>" => SvgTemplateError::NotSvg; "attribute without quotes")]
#[test_case("<svg a/>" => SvgTemplateError::NotSvg; "attribute without value")]
#[test_case(r#"<svg a="<"/>"# => SvgTemplateError::NotSvg; "angle bracket in an attribute")]
#[test_case("<svg" => SvgTemplateError::NotSvg; "cut off in a tag")]
#[test_case("<svg><!-- </svg>" => SvgTemplateError::NotSvg; "cut off in a comment")]
#[test_case(r#"<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg/>"# => SvgTemplateError::Declaration; "entities")]
#[test_case(r#"<?xml-stylesheet href="x"?><svg/>"# => SvgTemplateError::Declaration; "a style sheet")]
#[test_case(r#"<svg/><?xml version="1.0"?>"# => SvgTemplateError::Declaration; "a declaration too late")]
fn refused(svg: &str) -> SvgTemplateError {
    parse(svg).unwrap_err()
}

#[test]
fn ordinary_pictures_are_accepted() {
    let svg = "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a card -->\n".to_owned()
        + &inside(
            r##"<style>text { fill: #fff }<![CDATA[ rect { fill: url(#paint) } ]]></style>
            <defs><linearGradient id="paint"><stop offset='0' stop-color="#12107c"/></linearGradient></defs>
            <clipPath id="edge"><rect width="10"/></clipPath>
            <rect fill="url(#paint)" clip-path="url(#edge)" width = "10" aria-label="a box (green)"/>
            <g transform="translate(1 2) rotate(3)" fill="rgb(1, 2, 3)"/><image href="data:image/png;base64,PNG"/>
            <text x="1">Name: <tspan font-weight="bold">{{name}}</tspan>, {{categories}}</text><title>{{name}}</title>"##,
        );
    let svg = svg.replace("data:image/png;base64,PNG", &png(1, 1));
    let template = parse(&svg).unwrap();
    assert_eq!(
        template.placeholders().collect::<Vec<_>>(),
        ["name", "categories", "name"]
    );
    let expected = svg.replace("{{name}}", "Ada").replace("{{categories}}", "Ada");
    assert_eq!(filled(&svg, "Ada"), expected, "nothing else is changed");
}

#[test]
fn claims_are_filled_in_from_a_credential() {
    let hidden = json!(["s", "B"]);
    let payload = json!({ "vct": VCT, "address": { "street_address": "A & B" },
        "categories": ["AM", { "...": digest_of(&hidden) }, 7] });
    let text = typed(TYP, &payload, &[disclosure(&hidden)]);
    let held = UnverifiedSdJwt::parse(&text).unwrap().dangerous_from_storage().unwrap();
    let fill = |svg: &str| parse(&inside(svg)).unwrap().fill_from(&card_type(), &held).unwrap();
    assert_eq!(
        fill("<text>{{address_street_address}}|{{categories}}|{{name}}</text>"),
        inside("<text>A &amp; B|AM, B, 7|</text>"),
        "what is not there leaves nothing"
    );
}

#[test]
fn what_is_filled_in_has_an_end() {
    let allowed = budget::SVG_TEMPLATE.allowed(Work::Bytes);
    assert_eq!(
        parse(&" ".repeat(allowed + 1)).unwrap_err(),
        SvgTemplateError::OverBudget(OverBudget(Work::Bytes))
    );
    let many = inside(&format!("<text>{}</text>", "{{name}}".repeat(1_000)));
    let long = parse(&many).unwrap().fill(|_| Some("x".repeat(1_000)));
    assert_eq!(long.unwrap_err(), SvgTemplateError::OverBudget(OverBudget(Work::Bytes)));
    let large = |picture: &str| parse(&inside(&format!(r#"<image href="{picture}"/>"#))).map(drop);
    assert_eq!(large(&png(2_048, 2_048)), Ok(()));
    let over = Err(SvgTemplateError::OverBudget(OverBudget(Work::Inflated)));
    assert_eq!(large(&png(50_000, 50_000)), over);
    assert_eq!(large(&png(u32::MAX, u32::MAX)), over);
    let elements = inside(&"<g/>".repeat(5_000));
    assert_eq!(
        parse(&elements).unwrap_err(),
        SvgTemplateError::OverBudget(OverBudget(Work::Values))
    );
    let clips = |count| parse(&inside(&r#"<g clip-path="url(#a)"/>"#.repeat(count))).map(drop);
    assert_eq!(
        (clips(63), clips(64)),
        (Ok(()), Err(SvgTemplateError::OverBudget(OverBudget(Work::Values))))
    );
    let deep = inside(&"<g>".repeat(100));
    assert_eq!(
        parse(&deep).unwrap_err(),
        SvgTemplateError::OverBudget(OverBudget(Work::Depth))
    );
}

proptest! {
    #[test]
    fn no_value_changes_the_structure(value: String) {
        let svg = filled(EXAMPLE, &value);
        let text = svg.split_once(r#"y="20">"#).unwrap().1.split_once("</text>").unwrap().0;
        prop_assert!(!text.contains(['<', '>', '"', '\'']));
        prop_assert!(parse(&svg).is_ok());
        prop_assert_eq!(svg.matches('<').count(), EXAMPLE.matches('<').count());
    }

    #[test]
    fn no_text_breaks_the_reader(svg in "[<>/!?\\-\\[\\]{}=\"'a-z &;:]{0,80}") {
        let _: Option<SvgTemplate> = parse(&inside(&svg)).ok();
        let _: Option<SvgTemplate> = parse(&svg).ok();
    }
}

#[test]
fn a_value_that_is_no_text_is_written_plainly() {
    let claims: Vec<Value> = vec![json!(true), json!(1.5), json!(null), json!({})];
    let payload = json!({ "vct": VCT, "categories": claims });
    let held = UnverifiedSdJwt::parse(&typed(TYP, &payload, &[]))
        .unwrap()
        .dangerous_from_storage()
        .unwrap();
    let svg = parse(&inside("<text>{{categories}}</text>")).unwrap();
    assert_eq!(
        svg.fill_from(&card_type(), &held).unwrap(),
        inside("<text>true, 1.5</text>")
    );
}
