//! SVG templates: pictures into which the claims of a credential are filled.
//! draft-ietf-oauth-sd-jwt-vc §5.5.1.2.2.
//!
//! ```xml
//! <svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">
//!   <text x="10" y="20">Street address: {{address_street_address}}</text>
//! </svg>
//! ```

use std::fmt::Write;

use jose::{OverBudget, Work};
use serde_json::Value;

use super::claim::is_svg_id;
use super::selection::{Selected, View};
use super::svg_scan::{Piece, scan};
use super::{ClaimMetadata, ResolvedType, SvgReference};
use crate::{HeldSdJwt, IntegrityError, budget};

/// Why an SVG template is not used; the card is then drawn in a simpler way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SvgTemplateError {
    /// The template, or what is filled in, exceeds [`budget::SVG_TEMPLATE`].
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// Not UTF-8, or not one well-formed `svg` element.
    #[error("not an SVG")]
    NotSvg,
    /// A document type or a processing instruction: neither is needed, and both can be abused.
    #[error("a declaration that is not allowed")]
    Declaration,
    /// Something that runs, refers to something outside of the picture, moves, or draws many times over.
    #[error("the template does more than draw")]
    ActiveContent,
    /// Not the template that the type means.
    #[error(transparent)]
    Integrity(#[from] IntegrityError),
    /// `{{` in an attribute, a comment, a style sheet or anywhere else but in text.
    #[error("a placeholder outside of text")]
    PlaceholderInMarkup,
    /// `{{` without `}}`, or around something that is no `svg_id`.
    #[error("a placeholder is malformed")]
    MalformedPlaceholder,
    /// A placeholder that the type's claim metadata do not have.
    #[error("the placeholder {0} stands for no claim")]
    UnknownPlaceholder(String),
}

/// An SVG template that was checked: placeholders stand in text only, and each for a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SvgTemplate {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Fixed(String),
    Placeholder(String),
}

impl SvgTemplate {
    /// Checks a template as it was retrieved from where the reference says: first its integrity, where the
    /// type says what it must hash to.
    ///
    /// # Errors
    /// [`SvgTemplateError`]
    pub fn retrieved(
        reference: &SvgReference,
        bytes: &[u8],
        credential_type: &ResolvedType,
    ) -> Result<Self, SvgTemplateError> {
        if let Some(integrity) = &reference.integrity {
            integrity.check(bytes, &mut budget::SVG_TEMPLATE.clone())?;
        }
        Self::parse(bytes, credential_type)
    }

    /// Checks a template whose integrity was checked before.
    ///
    /// # Errors
    /// [`SvgTemplateError`]
    pub fn parse(bytes: &[u8], credential_type: &ResolvedType) -> Result<Self, SvgTemplateError> {
        let mut budget = budget::SVG_TEMPLATE;
        budget.spend(Work::Bytes, bytes.len())?;
        let text = std::str::from_utf8(bytes).map_err(|_| SvgTemplateError::NotSvg)?;
        let mut parts = Vec::new();
        for piece in scan(text, &mut budget)? {
            match piece {
                Piece::Markup(markup) => parts.push(Part::Fixed(markup.to_owned())),
                Piece::Text(text) => placeholders(text, credential_type, &mut parts)?,
            }
        }
        Ok(Self { parts })
    }

    /// The placeholders, in their order.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Placeholder(svg_id) => Some(svg_id.as_str()),
            Part::Fixed(_) => None,
        })
    }

    /// Fills in text for each placeholder, escaped; nothing where there is none.
    pub fn fill(&self, text_of: impl Fn(&str) -> Option<String>) -> Result<String, SvgTemplateError> {
        let mut budget = budget::SVG_TEMPLATE;
        let mut svg = String::new();
        for part in &self.parts {
            let text = match part {
                Part::Fixed(fixed) => fixed.clone(),
                Part::Placeholder(svg_id) => escaped(&text_of(svg_id).unwrap_or_default()),
            };
            budget.spend(Work::Bytes, text.len())?;
            svg.push_str(&text);
        }
        Ok(svg)
    }

    /// Fills in the claims of a credential.
    pub fn fill_from(&self, credential_type: &ResolvedType, held: &HeldSdJwt) -> Result<String, SvgTemplateError> {
        let view = View::of(held.processed());
        self.fill(|svg_id| text_of(credential_type.svg_claim(svg_id)?, &view))
    }
}

fn placeholders(mut text: &str, credential_type: &ResolvedType, parts: &mut Vec<Part>) -> Result<(), SvgTemplateError> {
    while let Some((before, rest)) = text.split_once("{{") {
        let (svg_id, after) = rest.split_once("}}").ok_or(SvgTemplateError::MalformedPlaceholder)?;
        if !is_svg_id(svg_id) {
            return Err(SvgTemplateError::MalformedPlaceholder);
        }
        if credential_type.svg_claim(svg_id).is_none() {
            return Err(SvgTemplateError::UnknownPlaceholder(svg_id.to_owned()));
        }
        parts.push(Part::Fixed(before.to_owned()));
        parts.push(Part::Placeholder(svg_id.to_owned()));
        text = after;
    }
    parts.push(Part::Fixed(text.to_owned()));
    Ok(())
}

/// The claims that a placeholder stands for, in words; several are listed with commas.
fn text_of(claim: &ClaimMetadata, view: &View<'_>) -> Option<String> {
    let mut budget = budget::CLAIM_RULES;
    let selection = view.select(claim.path(), &mut budget).ok()?;
    let mut words = Vec::new();
    for selected in &selection.selected {
        if let Selected::Shown { value, .. } = selected {
            words.extend(plain(value));
        }
    }
    (!words.is_empty()).then(|| words.join(", "))
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The five characters that XML gives a meaning, and those that it does not allow. XML 1.0 §2.2.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            // So that a value can bring no placeholder of its own.
            '{' | '}' => {
                let _ = write!(escaped, "&#{};", u32::from(character));
            }
            other => escaped.push(other),
        }
    }
    escaped
}
