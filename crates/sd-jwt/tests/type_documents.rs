//! Type metadata: form of a document, and how several become one type.
//! draft-ietf-oauth-sd-jwt-vc §5.2 to §5.6, §6.

use jose::strict_json::StrictJsonError;
use jose::{OverBudget, Work};
use sd_jwt::type_metadata::{
    ClaimMetadata, ColorScheme, Contrast, Orientation, Progress, Rendering, ResolvedType, SelectiveDisclosure,
    SvgProperties, TypeMetadataError, TypeReference, TypeResolution,
};
use sd_jwt::{Integrity, IntegrityError};
use serde_json::{Value, json};
use test_case::test_case;

pub(crate) const VCT: &str = "https://betelgeuse.example.com/education_credential/v42";

fn reference(vct: &str) -> TypeReference {
    TypeReference {
        vct: vct.to_owned(),
        integrity: None,
    }
}

/// Resolves the first document and all that it extends.
pub(crate) fn resolve(documents: &[Value]) -> Result<ResolvedType, TypeMetadataError> {
    let first = documents[0]["vct"].as_str().unwrap_or(VCT);
    resolve_from(reference(first), documents)
}

fn resolve_from(reference: TypeReference, documents: &[Value]) -> Result<ResolvedType, TypeMetadataError> {
    let mut resolution = TypeResolution::begin(reference);
    loop {
        let wanted = &resolution.wanted().vct;
        let document = documents
            .iter()
            .find(|document| document["vct"] == wanted.as_str())
            .unwrap_or(&documents[0]);
        match resolution.supply(document.to_string().as_bytes())? {
            Progress::Wanted(next) => resolution = next,
            Progress::Resolved(resolved) => return Ok(resolved),
        }
    }
}

/// A document with these properties, and a `vct` unless there is one.
fn refused(mut properties: Value) -> TypeMetadataError {
    if properties.get("vct").is_none() {
        properties["vct"] = json!(VCT);
    }
    resolve(&[properties]).unwrap_err()
}

#[test]
fn the_example_of_the_specification_is_read() {
    let base = json!({ "vct": "https://galaxy.example.com/galactic-education-credential/v2" });
    let integrity = Integrity::of(base.to_string().as_bytes());
    let example = example(integrity.as_str());
    let resolved = resolve(&[example, base]).unwrap();
    assert_eq!(
        resolved.types(),
        [VCT, "https://galaxy.example.com/galactic-education-credential/v2"]
    );
    assert_eq!(resolved.name(), Some("Betelgeuse Education Credential - First Version"));
    let [english, german] = resolved.display() else {
        unreachable!()
    };
    assert_eq!((english.locale.as_str(), german.locale.as_str()), ("en-US", "de-DE"));
    let simple = english.rendering.simple.as_ref().unwrap();
    assert_eq!(simple.background_color.unwrap().to_string(), "#12107c");
    assert_eq!(
        simple.logo.as_ref().unwrap().alt_text.as_deref(),
        Some("Betelgeuse Ministry of Education logo")
    );
    let properties = english.rendering.svg_templates[0].properties.unwrap();
    assert_eq!(properties.orientation, Some(Orientation::Landscape));
    assert_eq!(properties.contrast, Some(Contrast::High));
    let rules: Vec<(String, SelectiveDisclosure, bool)> = resolved
        .claims()
        .iter()
        .map(|claim| (claim.path().to_string(), claim.sd(), claim.is_mandatory()))
        .collect();
    assert_eq!(rules[0], ("name".to_owned(), SelectiveDisclosure::Always, true));
    assert_eq!(rules[1].0, "address.street_address");
    assert_eq!(rules[2], ("degrees[*]".to_owned(), SelectiveDisclosure::Never, false));
    let street = resolved.svg_claim("address_street_address").unwrap();
    assert_eq!(street.display()[0].label, "Straße");
}

/// From §5.8 (Example Type Metadata), shortened.
fn example(integrity: &str) -> Value {
    json!({
        "vct": VCT,
        "name": "Betelgeuse Education Credential - First Version",
        "description": "This is our first version of the education credential. Don't panic.",
        "extends": "https://galaxy.example.com/galactic-education-credential/v2",
        "extends#integrity": integrity,
        "display": [
            { "locale": "en-US", "name": "Betelgeuse Education Credential",
              "description": "Education credential for all carbon-based life forms on Betelgeuse.",
              "rendering": {
                "simple": {
                    "logo": { "uri": "https://betelgeuse.example.com/public/education-logo.png",
                        "uri#integrity": "sha256-LmXfh+9cLlJNXN+TsMk+PmKjZ5t0WRL5ca/xGgX3c1U=",
                        "alt_text": "Betelgeuse Ministry of Education logo" },
                    "background_image": { "uri": "https://betelgeuse.example.com/public/cred-background-de.png",
                        "uri#integrity": "sha256-9cLlJNXN+TsMk+PmKjZ5t0WRL5ca/xGgX3c1ULmXfh=" },
                    "background_color": "#12107c", "text_color": "#FFFFFF" },
                "svg_templates": [{ "uri": "https://betelgeuse.example.com/public/credential-english.svg",
                    "uri#integrity": "sha256-I4JcBGO7UfrkOBrsV7ytNJAfGuKLQh+e+Z31mc7iAb4=",
                    "properties": { "orientation": "landscape", "color_scheme": "light", "contrast": "high" } }] } },
            { "locale": "de-DE", "name": "Betelgeuse-Bildungsnachweis" },
        ],
        "claims": [
            { "path": ["name"], "sd": "always", "mandatory": true },
            { "path": ["address", "street_address"], "sd": "always", "svg_id": "address_street_address",
              "display": [{ "locale": "de-DE", "label": "Straße" }, { "locale": "en-US", "label": "Street Address" }] },
            { "path": ["degrees", null], "sd": "never" },
        ],
        "x-unknown": { "ignored": true },
    })
}

#[test]
fn our_own_card_types_are_type_metadata() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas");
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let document: Value = serde_json::from_slice(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
        let resolved = resolve(&[document]).unwrap();
        assert!(resolved.claims().iter().all(|claim| !claim.display().is_empty()));
        read += 1;
    }
    assert_eq!(read, 6);
}

#[test_case(json!([]) => TypeMetadataError::NotAnObject; "a list")]
#[test_case(json!({ "name": "x" }) => TypeMetadataError::Property("vct"); "no vct")]
#[test_case(json!({ "vct": 1 }) => TypeMetadataError::Property("vct"); "vct of a number")]
#[test_case(json!({ "vct": "" }) => TypeMetadataError::Property("vct"); "vct is empty")]
fn without_a_type(document: Value) -> TypeMetadataError {
    let resolution = TypeResolution::begin(reference(VCT));
    resolution.supply(document.to_string().as_bytes()).unwrap_err()
}

#[test_case(json!({ "name": 1 }) => TypeMetadataError::Property("name"); "name of a number")]
#[test_case(json!({ "description": [] }) => TypeMetadataError::Property("description"); "description is a list")]
#[test_case(json!({ "extends": 1 }) => TypeMetadataError::Property("extends"); "extends of a number")]
#[test_case(json!({ "extends": "base" }) => TypeMetadataError::ExtendsNoUri; "extends is no URI")]
#[test_case(json!({ "extends": VCT }) => TypeMetadataError::Circular; "extends itself")]
#[test_case(json!({ "extends": "urn:a:b", "extends#integrity": "sha256-" }) => TypeMetadataError::Integrity(IntegrityError::Malformed); "malformed integrity")]
#[test_case(json!({ "display": {} }) => TypeMetadataError::Property("display"); "display is an object")]
#[test_case(json!({ "display": ["a"] }) => TypeMetadataError::Property("display"); "a display of text")]
#[test_case(json!({ "display": [{ "name": "x" }] }) => TypeMetadataError::Property("locale"); "display without locale")]
#[test_case(json!({ "display": [{ "locale": "en_US", "name": "x" }] }) => TypeMetadataError::Locale; "locale with underscore")]
#[test_case(json!({ "display": [{ "locale": "", "name": "x" }] }) => TypeMetadataError::Locale; "locale is empty")]
#[test_case(json!({ "display": [{ "locale": "en" }] }) => TypeMetadataError::Property("name"); "display without name")]
#[test_case(json!({ "claims": {} }) => TypeMetadataError::Property("claims"); "claims is an object")]
#[test_case(json!({ "claims": [1] }) => TypeMetadataError::Property("claims"); "a claim of a number")]
fn refuses_document(properties: Value) -> TypeMetadataError {
    refused(properties)
}

#[test_case(json!({ "sd": "always" }) => TypeMetadataError::Property("path"); "no path")]
#[test_case(json!({ "path": "name" }) => TypeMetadataError::Path; "path of text")]
#[test_case(json!({ "path": [] }) => TypeMetadataError::Path; "path is empty")]
#[test_case(json!({ "path": ["a", -1] }) => TypeMetadataError::Path; "a negative place")]
#[test_case(json!({ "path": ["a", 1.0] }) => TypeMetadataError::Path; "a place with a fraction")]
#[test_case(json!({ "path": ["a", true] }) => TypeMetadataError::Path; "a component of true")]
#[test_case(json!({ "path": ["a"], "sd": "sometimes" }) => TypeMetadataError::Property("sd"); "sd of another word")]
#[test_case(json!({ "path": ["a"], "sd": null }) => TypeMetadataError::Property("sd"); "sd is null")]
#[test_case(json!({ "path": ["a"], "mandatory": "true" }) => TypeMetadataError::Property("mandatory"); "mandatory of text")]
#[test_case(json!({ "path": ["a"], "svg_id": "1a" }) => TypeMetadataError::SvgId; "svg id begins with a digit")]
#[test_case(json!({ "path": ["a"], "svg_id": "a-b" }) => TypeMetadataError::SvgId; "svg id with a hyphen")]
#[test_case(json!({ "path": ["a"], "svg_id": "" }) => TypeMetadataError::SvgId; "svg id is empty")]
#[test_case(json!({ "path": ["a"], "display": [{ "locale": "en" }] }) => TypeMetadataError::Property("label"); "no label")]
#[test_case(json!({ "path": ["a"], "display": [{ "label": "A" }] }) => TypeMetadataError::Property("locale"); "no locale")]
fn refuses_claim(claim: Value) -> TypeMetadataError {
    refused(json!({ "claims": [claim] }))
}

#[test]
fn a_claim_is_described_once() {
    let error = refused(json!({ "claims": [{ "path": ["a", null] }, { "path": ["b"] }, { "path": ["a", null] }] }));
    let TypeMetadataError::RepeatedPath(path) = error else {
        panic!("{error}")
    };
    assert_eq!(path.to_string(), "a[*]");
    let ids = json!({ "claims": [{ "path": ["a"], "svg_id": "x" }, { "path": ["b"], "svg_id": "x" }] });
    assert_eq!(refused(ids), TypeMetadataError::RepeatedSvgId("x".to_owned()));
}

#[test_case(json!({ "simple": { "logo": {} } }) => TypeMetadataError::Property("uri"); "logo without uri")]
#[test_case(json!({ "simple": { "logo": { "uri": "http://a.example/l.png" } } }) => TypeMetadataError::ResourceUri; "http")]
#[test_case(json!({ "simple": { "logo": { "uri": "http://notlocalhost/l.png" } } }) => TypeMetadataError::ResourceUri; "http to somebody")]
#[test_case(json!({ "simple": { "logo": { "uri": "file:///etc/passwd" } } }) => TypeMetadataError::ResourceUri; "file")]
#[test_case(json!({ "simple": { "logo": { "uri": "https://a.example/l.png", "uri#integrity": "x" } } }) => TypeMetadataError::Integrity(IntegrityError::Malformed); "malformed integrity")]
#[test_case(json!({ "simple": { "background_color": "url(https://a.example)" } }) => TypeMetadataError::Color("background_color"); "background is no colour")]
#[test_case(json!({ "simple": { "text_color": "red" } }) => TypeMetadataError::Color("text_color"); "text colour by name")]
#[test_case(json!({ "simple": [] }) => TypeMetadataError::Property("simple"); "simple is a list")]
#[test_case(json!({ "svg_templates": {} }) => TypeMetadataError::Property("svg_templates"); "templates are an object")]
#[test_case(json!({ "svg_templates": [{ "uri": "https://a.example/1" }, { "uri": "https://a.example/2", "properties": { "contrast": "high" } }] }) => TypeMetadataError::SvgProperties; "one of two templates without properties")]
#[test_case(json!({ "svg_templates": [{ "uri": "https://a.example/1", "properties": {} }] }) => TypeMetadataError::SvgProperties; "empty properties")]
#[test_case(json!({ "svg_templates": [{ "uri": "https://a.example/1", "properties": { "orientation": "square" } }] }) => TypeMetadataError::Property("orientation"); "another orientation")]
fn refuses_rendering(rendering: Value) -> TypeMetadataError {
    refused(json!({ "display": [{ "locale": "en", "name": "x", "rendering": rendering }] }))
}

#[test]
fn the_template_that_fits_best_is_taken() {
    let template =
        |name: &str, properties: Value| json!({ "uri": format!("https://a.example/{name}"), "properties": properties });
    let rendering = json!({ "svg_templates": [
        template("portrait", json!({ "orientation": "portrait" })),
        template("dark", json!({ "orientation": "landscape", "color_scheme": "dark" })),
        template("landscape", json!({ "orientation": "landscape" })),
        template("high", json!({ "orientation": "landscape", "contrast": "high" })),
    ] });
    let document = json!({ "vct": VCT, "display": [{ "locale": "en", "name": "x", "rendering": rendering }] });
    let known = resolve(&[document]).unwrap();
    let rendering = &known.display()[0].rendering;
    let best = |wanted: SvgProperties| rendering.svg_template(wanted).unwrap().uri.clone();
    let wanted = SvgProperties {
        orientation: Some(Orientation::Landscape),
        color_scheme: Some(ColorScheme::Light),
        contrast: Some(Contrast::Normal),
    };
    assert_eq!(best(wanted), "https://a.example/landscape");
    let high = SvgProperties {
        contrast: Some(Contrast::High),
        ..wanted
    };
    assert_eq!(best(high), "https://a.example/high");
    assert_eq!(
        best(SvgProperties::default()),
        "https://a.example/portrait",
        "the first of equals"
    );
    assert_eq!(Rendering::default().svg_template(wanted), None);
}

#[test]
fn a_rendering_method_that_is_not_known_is_passed_over() {
    let rendering = json!({ "hologram": { "depth": 3 }, "simple": { "logo": { "uri": "data:image/png;base64,AA" } } });
    let document = json!({ "vct": VCT, "display": [{ "locale": "x-en", "name": "x", "rendering": rendering }] });
    assert!(resolve(&[document]).is_ok());
}

#[test]
fn names_stand_once_and_work_is_bounded() {
    let supply = |document: &[u8]| TypeResolution::begin(reference(VCT)).supply(document).unwrap_err();
    let twice = format!(r#"{{"vct":"{VCT}","vct":"{VCT}"}}"#);
    assert_eq!(
        supply(twice.as_bytes()),
        TypeMetadataError::Json(StrictJsonError::DuplicateName)
    );
    let deep = format!(r#"{{"vct":"{VCT}","x":{}1{}}}"#, "[".repeat(40), "]".repeat(40));
    assert_eq!(
        supply(deep.as_bytes()),
        TypeMetadataError::Json(StrictJsonError::OverBudget(OverBudget(Work::Depth)))
    );
    assert_eq!(
        supply(&vec![b' '; 256 * 1024 + 1]),
        TypeMetadataError::OverBudget(OverBudget(Work::Bytes))
    );
}

#[test]
fn a_document_of_another_type_is_refused() {
    let resolution = TypeResolution::begin(reference(VCT));
    let refused = resolution.supply(json!({ "vct": "urn:other" }).to_string().as_bytes());
    assert_eq!(refused.unwrap_err(), TypeMetadataError::OtherType);
}

#[test]
fn the_hash_of_a_document_is_checked_before_it_is_read() {
    let document = json!({ "vct": VCT }).to_string();
    let with = |integrity: Integrity| {
        TypeResolution::begin(TypeReference {
            vct: VCT.to_owned(),
            integrity: Some(integrity),
        })
    };
    assert!(
        with(Integrity::of(document.as_bytes()))
            .supply(document.as_bytes())
            .is_ok()
    );
    for changed in [document.replace('{', "{ "), "no JSON".to_owned()] {
        let refused = with(Integrity::of(document.as_bytes())).supply(changed.as_bytes());
        assert_eq!(
            refused.unwrap_err(),
            TypeMetadataError::Integrity(IntegrityError::Mismatch)
        );
    }
}

#[test]
fn an_extended_document_must_have_its_hash() {
    let base = json!({ "vct": "urn:base" });
    let child =
        |integrity: &Integrity| json!({ "vct": VCT, "extends": "urn:base", "extends#integrity": integrity.as_str() });
    let right = Integrity::of(base.to_string().as_bytes());
    let wrong = Integrity::of(b"something else");
    assert!(resolve(&[child(&right), base.clone()]).is_ok());
    assert_eq!(
        resolve(&[child(&wrong), base]).unwrap_err(),
        TypeMetadataError::Integrity(IntegrityError::Mismatch)
    );
}

#[test]
fn what_must_be_fetched_next_is_handed_out() {
    let resolution = TypeResolution::begin(reference(VCT));
    assert_eq!(resolution.wanted(), &reference(VCT));
    let integrity = Integrity::of(b"x");
    let child = json!({ "vct": VCT, "extends": "urn:base", "extends#integrity": integrity.as_str() });
    let Progress::Wanted(next) = resolution.supply(child.to_string().as_bytes()).unwrap() else {
        unreachable!()
    };
    assert_eq!(
        next.wanted(),
        &TypeReference {
            vct: "urn:base".to_owned(),
            integrity: Some(integrity)
        }
    );
}

/// Types each of which extends the next, the last the one at `end`.
fn chain(length: usize, end: Option<usize>) -> Vec<Value> {
    (0..length)
        .map(|n| match (n + 1 < length, end) {
            (true, _) => json!({ "vct": format!("urn:t:{n}"), "extends": format!("urn:t:{}", n + 1) }),
            (false, Some(end)) => json!({ "vct": format!("urn:t:{n}"), "extends": format!("urn:t:{end}") }),
            (false, None) => json!({ "vct": format!("urn:t:{n}") }),
        })
        .collect()
}

#[test_case(1, None => Ok(1); "one")]
#[test_case(8, None => Ok(8); "eight")]
#[test_case(9, None => Err(TypeMetadataError::OverBudget(OverBudget(Work::Documents))); "nine")]
#[test_case(2, Some(0) => Err(TypeMetadataError::Circular); "two in a circle")]
#[test_case(5, Some(2) => Err(TypeMetadataError::Circular); "a circle further on")]
fn chains_have_an_end(length: usize, end: Option<usize>) -> Result<usize, TypeMetadataError> {
    resolve(&chain(length, end)).map(|resolved| resolved.types().len())
}

/// A claim as the type extended has it, and as the extending type has it.
fn extended(base: &Value, child: &Value) -> Result<ClaimMetadata, TypeMetadataError> {
    let with = |rule: &Value, vct: &str, extends: Option<&str>| {
        let mut claim = rule.clone();
        claim["path"] = json!(["a"]);
        let mut document = json!({ "vct": vct, "claims": [claim] });
        if let Some(extends) = extends {
            document["extends"] = json!(extends);
        }
        document
    };
    let documents = [with(child, VCT, Some("urn:base")), with(base, "urn:base", None)];
    resolve(&documents).map(|resolved| resolved.claims()[0].clone())
}

#[test_case(json!({}), json!({ "sd": "always" }) => Some(SelectiveDisclosure::Always); "nothing made always")]
#[test_case(json!({ "sd": "allowed" }), json!({ "sd": "never" }) => Some(SelectiveDisclosure::Never); "allowed made never")]
#[test_case(json!({ "sd": "always" }), json!({}) => Some(SelectiveDisclosure::Always); "always is inherited")]
#[test_case(json!({ "sd": "always" }), json!({ "sd": "always" }) => Some(SelectiveDisclosure::Always); "always stays")]
#[test_case(json!({ "sd": "always" }), json!({ "sd": "allowed" }) => None; "always loosened")]
#[test_case(json!({ "sd": "never" }), json!({ "sd": "allowed" }) => None; "never loosened")]
#[test_case(json!({ "sd": "always" }), json!({ "sd": "never" }) => None; "always turned round")]
#[test_case(json!({ "sd": "never" }), json!({ "sd": "always" }) => None; "never turned round")]
fn sd_is_never_loosened(base: Value, child: Value) -> Option<SelectiveDisclosure> {
    match extended(&base, &child) {
        Ok(claim) => Some(claim.sd()),
        Err(TypeMetadataError::Loosened(path)) => {
            assert_eq!(path.to_string(), "a");
            None
        }
        Err(other) => panic!("{other}"),
    }
}

#[test_case(json!({}), json!({ "mandatory": true }) => Some(true); "made mandatory")]
#[test_case(json!({ "mandatory": true }), json!({}) => Some(true); "inherited")]
#[test_case(json!({ "mandatory": false }), json!({ "mandatory": false }) => Some(false); "optional stays")]
#[test_case(json!({ "mandatory": true }), json!({ "mandatory": false }) => None; "made optional")]
fn mandatory_is_never_loosened(base: Value, child: Value) -> Option<bool> {
    match extended(&base, &child) {
        Ok(claim) => Some(claim.is_mandatory()),
        Err(TypeMetadataError::Loosened(_)) => None,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_rule_is_not_loosened_over_a_type_between() {
    let documents = [
        json!({ "vct": VCT, "extends": "urn:m", "claims": [{ "path": ["a"], "sd": "never" }] }),
        json!({ "vct": "urn:m", "extends": "urn:base" }),
        json!({ "vct": "urn:base", "claims": [{ "path": ["a"], "sd": "always" }] }),
    ];
    assert!(matches!(resolve(&documents), Err(TypeMetadataError::Loosened(_))));
}

/// The example of §5.6.5.2.
#[test]
fn the_extending_type_is_put_over_the_extended_one() {
    let city = |label| json!({ "path": ["address", "city"], "display": [{ "label": label, "locale": "en" }] });
    let documents = [
        json!({ "vct": "https://example.com/custom", "extends": "https://example.com/base",
            "claims": [city("Town"), { "path": ["nationalities"] }] }),
        json!({ "vct": "https://example.com/base", "display": [{ "locale": "en", "name": "Base" }],
            "claims": [{ "path": ["name"] }, city("City")] }),
    ];
    let resolved = resolve(&documents).unwrap();
    let paths: Vec<String> = resolved.claims().iter().map(|claim| claim.path().to_string()).collect();
    assert_eq!(paths, ["name", "address.city", "nationalities"]);
    assert_eq!(resolved.claims()[1].display()[0].label, "Town");
    assert_eq!(
        resolved.display()[0].name,
        "Base",
        "inherited, where there is none of its own"
    );
}

#[test]
fn display_of_its_own_replaces_that_of_the_extended_type() {
    let documents = [
        json!({ "vct": VCT, "extends": "urn:base", "display": [{ "locale": "de", "name": "Kind" }] }),
        json!({ "vct": "urn:base", "display": [{ "locale": "en", "name": "Base" }] }),
    ];
    let names: Vec<String> = resolve(&documents)
        .unwrap()
        .display()
        .iter()
        .map(|display| display.name.clone())
        .collect();
    assert_eq!(names, ["Kind"]);
}

#[test]
fn an_svg_id_stands_for_one_claim_of_all_documents() {
    let documents = [
        json!({ "vct": VCT, "extends": "urn:base", "claims": [{ "path": ["a"], "svg_id": "x" }] }),
        json!({ "vct": "urn:base", "claims": [{ "path": ["b"], "svg_id": "x" }] }),
    ];
    assert_eq!(
        resolve(&documents).unwrap_err(),
        TypeMetadataError::RepeatedSvgId("x".to_owned())
    );
}
