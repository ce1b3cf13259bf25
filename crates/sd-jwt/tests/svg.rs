//! SVG templates. draft-ietf-oauth-sd-jwt-vc §5.5.1.2.2; catalogue row E10.

use jose::{OverBudget, Work};
use proptest::prelude::*;
use sd_jwt::type_metadata::{ResolvedType, SvgTemplate, SvgTemplateError};
use sd_jwt::{TYP, UnverifiedSdJwt, budget};
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
            r##"<style>text { fill: #fff } rect { fill: url(#paint) }</style>
            <defs><linearGradient id="paint"><stop offset='0' stop-color="#12107c"/></linearGradient></defs>
            <rect fill="url(#paint)" width = "10"/><use href="#a"/><image href="data:image/png;base64,AA"/>
            <text x="1">Name: <tspan font-weight="bold">{{name}}</tspan>, {{categories}}</text><title>{{name}}</title>"##,
        );
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
