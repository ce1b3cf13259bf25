//! How a type wants its cards drawn: SVG templates, retrieved with its metadata, and filled in when the copies came.
//! draft-ietf-oauth-sd-jwt-vc §5.5.1.2
//!
//! A template that cannot be had, is not the one that is meant, or does more than draw is none: the card is drawn in
//! a simpler way. What is kept with a card is the finished picture, so that looking at a card fetches nothing.

use super::OfferedCard;
use crate::cards::Drawing;
use crate::wallet::Wallet;
use outbound::{Limits, Response};
use sd_jwt::HeldSdJwt;
use sd_jwt::type_metadata::{
    ColorScheme, Contrast, Orientation, ResolvedType, SvgProperties, SvgReference, SvgTemplate, SvgTemplateError,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Cards lie, and look the same in both themes.
const WANTED: SvgProperties = SvgProperties {
    orientation: Some(Orientation::Landscape),
    color_scheme: Some(ColorScheme::Light),
    contrast: Some(Contrast::Normal),
};
/// So many templates of a type are looked at, and for so many languages kept.
const MOST: usize = 8;
const TEMPLATE: Limits = Limits::IMAGE.with_content_types(&["image/svg+xml"]);

/// A template that was retrieved, and the language it is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RetrievedTemplate {
    locale: String,
    template: String,
}

impl OfferedCard {
    /// A card with these claims as its type wants it drawn; `None` where it says nothing of that.
    pub(super) fn drawing(&self, held: &HeldSdJwt) -> Option<Drawing> {
        let types = self.known_types().ok()?;
        let known = types.known(&self.vct)?;
        let filled = self
            .templates
            .iter()
            .filter_map(|RetrievedTemplate { locale, template }| {
                let svg = filled(template, known, held).inspect_err(not_drawn).ok()?;
                Some((locale.as_str(), svg))
            });
        Drawing::new(filled)
    }
}

fn filled(template: &str, known: &ResolvedType, held: &HeldSdJwt) -> Result<String, SvgTemplateError> {
    SvgTemplate::parse(template.as_bytes(), known)?.fill_from(known, held)
}

fn not_drawn(error: &SvgTemplateError) {
    tracing::warn!(%error, "a card is not drawn as its type says");
}

impl Wallet {
    /// Retrieves the templates by which cards of a type are drawn: for each language that which fits best.
    pub(super) async fn templates(&self, known: &ResolvedType) -> Vec<RetrievedTemplate> {
        let mut retrieved: BTreeMap<&str, Option<Vec<u8>>> = BTreeMap::new();
        let mut templates = Vec::new();
        for display in known.display() {
            if templates.len() == MOST {
                break;
            }
            let Some(reference) = display.rendering.svg_template(WANTED) else {
                continue;
            };
            let uri = reference.uri.as_str();
            if !retrieved.contains_key(uri) {
                if retrieved.len() == MOST {
                    break;
                }
                retrieved.insert(uri, self.template(reference).await);
            }
            let Some(Some(bytes)) = retrieved.get(uri) else {
                continue;
            };
            match SvgTemplate::retrieved(reference, bytes, known) {
                Ok(_) => templates.push(RetrievedTemplate {
                    locale: display.locale.clone(),
                    template: String::from_utf8_lossy(bytes).into_owned(),
                }),
                Err(error) => not_drawn(&error),
            }
        }
        templates
    }

    /// What the reference carries along, or what is at its address.
    async fn template(&self, reference: &SvgReference) -> Option<Vec<u8>> {
        if let Some(carried) = reference.carried() {
            return Some(carried);
        }
        let address = self.settings.network.transport().endpoint(&reference.uri).ok()?;
        let answer = self.client.get(&address, &TEMPLATE).await;
        match answer.and_then(Response::success) {
            Ok(answer) => Some(answer.into_body()),
            Err(error) => {
                tracing::warn!(%error, "the drawing of a card type cannot be fetched");
                None
            }
        }
    }
}
