//! Type metadata, and the SVG templates that cards are drawn by. draft-ietf-oauth-sd-jwt-vc §5

use sd_jwt::Integrity;
use sd_jwt::type_metadata::{
    HeldTypes, Progress, ResolvedType, SvgProperties, SvgTemplate, TypeReference, TypeResolution,
};
use serde_json::{Value, json};

use super::Target;
use crate::Reached;

pub(super) const TARGET: Target = Target {
    name: "type-metadata",
    asserts: "a document is read under its own hash as without one, under another never, and held as it was read; a \
              template changes nowhere but in its placeholders, and whatever is filled in stays text of a template \
              that is read, with as many tags as before",
    body,
    seeds: inputs,
};

const RESIDENCE: &str = include_str!("../../../../schemas/residence.json");
const LICENCE: &str = include_str!("../../../../schemas/driving-licence.json");
const DRAWING: &str = include_str!("../../../../crates/card-types/drawings/residence.svg");
/// Every kind of element that may stand in a template.
const PICTURE: &str = r##"<?xml version="1.0"?><!-- a card -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>{{locality}}</title><desc>x</desc>
<style>text { fill: url(#a) }</style><defs><linearGradient id="a"><stop offset="0"/></linearGradient>
<radialGradient id="b" href="#a"/><clipPath id="c"><circle r="9"/></clipPath></defs>
<g clip-path="url(#c)"><path d="M0 0"/><rect/><ellipse/><line/><polyline/><polygon/></g>
<image href="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAACCAYAAACZgbYnAAAAAElFTkSuQmCC"/>
<text><tspan>{{street_address}}</tspan><textPath href="#p">{{country}}</textPath></text></svg>"##;
/// What must not break out.
const VALUE: &str = "</text><script>alert(\"1\" & '2')</script>]]>-->{{locality}}";

fn inputs() -> Vec<Vec<u8>> {
    let extending = json!({ "vct": "https://a.example/1", "extends": "https://a.example/2",
        "extends#integrity": Integrity::of(b"{}").as_str(), "claims": [{ "path": ["a", null, 0], "sd": "never" }] })
    .to_string();
    let texts = [RESIDENCE, LICENCE, DRAWING, PICTURE, &extending];
    texts.map(|text| text.as_bytes().to_vec()).into()
}

fn body(input: &[u8]) -> Reached {
    match input.first() {
        Some(b'{') => document(input),
        _ => template(input),
    }
}

fn document(input: &[u8]) -> Reached {
    let vct = serde_json::from_slice::<Value>(input).ok();
    let Some(vct) = vct.and_then(|value| value["vct"].as_str().map(str::to_owned)) else {
        return Reached::Refused;
    };
    let read = |integrity| {
        let vct = vct.clone();
        TypeResolution::begin(TypeReference { vct, integrity }).supply(input)
    };
    assert!(
        read(Some(Integrity::of(b"another"))).is_err(),
        "read under another hash"
    );
    let meant = read(Some(Integrity::of(input)));
    match (read(None), meant) {
        (Ok(Progress::Resolved(known)), Ok(Progress::Resolved(_))) => {
            held(&vct, input, &known);
            Reached::Accepted
        }
        (Ok(Progress::Wanted(next)), Ok(Progress::Wanted(meant))) => {
            assert_eq!(next.wanted(), meant.wanted());
            assert_ne!(next.wanted().vct, vct, "a type that extends itself");
            Reached::Read
        }
        (Err(_), Err(_)) => Reached::Refused,
        _ => panic!("its own hash makes a difference"),
    }
}

fn held(vct: &str, document: &[u8], known: &ResolvedType) {
    let mut types = HeldTypes::default();
    types.hold(vct, document).expect("what was read can be held");
    assert_eq!((types.known(vct), types.missing(vct)), (Some(known), None));
    assert_eq!(types.document(vct), Some(document));
    for claim in known.claims() {
        if let Some(svg_id) = claim.svg_id() {
            assert_eq!(known.svg_claim(svg_id), Some(claim), "one placeholder for two claims");
        }
    }
    for display in known.display() {
        let templates = &display.rendering.svg_templates;
        let best = display.rendering.svg_template(SvgProperties::default());
        assert_eq!(best.is_some(), !templates.is_empty());
        if let Some((reference, carried)) = best.and_then(|best| Some((best, best.carried()?))) {
            let means_this = reference.integrity.is_none();
            let retrieved = SvgTemplate::retrieved(reference, &carried, known);
            assert!(!means_this || retrieved == SvgTemplate::parse(&carried, known));
        }
    }
}

fn template(input: &[u8]) -> Reached {
    let mut types = HeldTypes::default();
    let vct = "urn:holdfast:vct:residence:1";
    types.hold(vct, RESIDENCE.as_bytes()).expect("metadata");
    let known = types.known(vct).expect("a type");
    let Ok(template) = SvgTemplate::parse(input, known) else {
        return Reached::Refused;
    };
    let text = std::str::from_utf8(input).expect("a template is text");
    let mut without = text.to_owned();
    for placeholder in template.placeholders() {
        without = without.replacen(&format!("{{{{{placeholder}}}}}"), "", 1);
    }
    assert_eq!(template.fill(|_| None), Ok(without), "more than placeholders changed");
    let Ok(filled) = template.fill(|_| Some(VALUE.to_owned())) else {
        return Reached::Read;
    };
    assert_eq!(filled.matches('<').count(), text.matches('<').count(), "a tag came in");
    let again = SvgTemplate::parse(filled.as_bytes(), known).expect("a picture is a template still");
    assert_eq!(again.placeholders().count(), 0, "a placeholder came in");
    Reached::Accepted
}
