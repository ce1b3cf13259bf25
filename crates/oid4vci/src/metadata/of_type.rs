//! What type metadata say, as an issuer says it. draft-ietf-oauth-sd-jwt-vc §5.5, §5.6; OpenID4VCI 1.0 §12.2.4

use sd_jwt::type_metadata::{ClaimDisplay, ClaimMetadata, Color, PatternElement, ResolvedType, TypeDisplay};

use super::display::{ClaimDescription, CredentialMetadata, Display, PathElement};

impl From<&ResolvedType> for CredentialMetadata {
    fn from(known: &ResolvedType) -> Self {
        Self {
            display: known.display().iter().map(Display::from).collect(),
            claims: known.claims().iter().map(ClaimDescription::from).collect(),
        }
    }
}

impl From<&TypeDisplay> for Display {
    fn from(display: &TypeDisplay) -> Self {
        let simple = display.rendering.simple.as_ref();
        let colour = |colour: Color| colour.to_string();
        Self {
            name: Some(display.name.clone()),
            locale: Some(display.locale.clone()),
            description: display.description.clone(),
            background_color: simple.and_then(|simple| simple.background_color).map(colour),
            text_color: simple.and_then(|simple| simple.text_color).map(colour),
        }
    }
}

impl From<&ClaimDisplay> for Display {
    fn from(display: &ClaimDisplay) -> Self {
        Self {
            name: Some(display.label.clone()),
            locale: Some(display.locale.clone()),
            ..Self::default()
        }
    }
}

impl From<&ClaimMetadata> for ClaimDescription {
    fn from(claim: &ClaimMetadata) -> Self {
        let element = |element: &PatternElement| match element {
            PatternElement::Name(name) => PathElement::Key(name.clone()),
            PatternElement::Index(place) => PathElement::Index(u64::try_from(*place).unwrap_or(u64::MAX)),
            PatternElement::All => PathElement::All(()),
        };
        Self {
            path: claim.path().elements().iter().map(element).collect(),
            mandatory: claim.is_mandatory(),
            display: claim.display().iter().map(Display::from).collect(),
        }
    }
}

impl CredentialMetadata {
    /// Adds what the type says and the issuer does not: the issuer's word comes first, claim by claim.
    pub fn fill_in(&mut self, known: &ResolvedType) {
        let Self { display, claims } = Self::from(known);
        if self.display.is_empty() {
            self.display = display;
        }
        for claim in claims {
            match self.claims.iter_mut().find(|described| described.path == claim.path) {
                Some(described) if described.display.is_empty() => described.display = claim.display,
                Some(_) => {}
                None => self.claims.push(claim),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use sd_jwt::type_metadata::HeldTypes;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_issuer_says_comes_first() {
        let document = json!({ "vct": "urn:x:1",
            "display": [{ "locale": "en", "name": "Card", "description": "A card.",
                "rendering": { "simple": { "background_color": "#abc" } } }],
            "claims": [
                { "path": ["a"], "display": [{ "locale": "en", "label": "A" }] },
                { "path": ["b", null, 1], "mandatory": true, "display": [{ "locale": "en", "label": "B" }] },
                { "path": ["c"], "display": [{ "locale": "en", "label": "C" }] },
            ] });
        let mut held = HeldTypes::default();
        held.hold("urn:x:1", document.to_string().as_bytes()).unwrap();
        let known = held.known("urn:x:1").unwrap();
        let said = json!({ "claims": [
            { "path": ["c"], "display": [{ "locale": "en", "name": "Their C" }] }, { "path": ["a"] },
        ] });
        let mut said: CredentialMetadata = serde_json::from_value(said).unwrap();
        said.fill_in(known);
        let filled = json!({
            "display": [{ "name": "Card", "locale": "en", "description": "A card.", "background_color": "#aabbcc" }],
            "claims": [
                { "path": ["c"], "display": [{ "name": "Their C", "locale": "en" }] },
                { "path": ["a"], "display": [{ "name": "A", "locale": "en" }] },
                { "path": ["b", null, 1], "mandatory": true, "display": [{ "name": "B", "locale": "en" }] },
            ],
        });
        assert_eq!(serde_json::to_value(&said).unwrap(), filled);
        let mut named: CredentialMetadata =
            serde_json::from_value(json!({ "display": [{ "name": "Theirs" }] })).unwrap();
        named.fill_in(known);
        assert_eq!(named.display.len(), 1);
        assert_eq!(named.display[0].name.as_deref(), Some("Theirs"));
    }
}
