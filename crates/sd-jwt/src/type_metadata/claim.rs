use serde_json::{Map, Value};

use super::members::{locale, objects, required_text, text};
use super::{ClaimPattern, TypeMetadataError};

/// Whether a claim can be withheld. draft-ietf-oauth-sd-jwt-vc §5.6.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectiveDisclosure {
    /// The issuer must make it selectively disclosable.
    Always,
    /// The issuer may.
    Allowed,
    /// The issuer must not.
    Never,
}

/// What is said about a claim, or about several. draft-ietf-oauth-sd-jwt-vc §5.6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimMetadata {
    pub(super) path: ClaimPattern,
    pub(super) display: Option<Vec<ClaimDisplay>>,
    pub(super) mandatory: Option<bool>,
    pub(super) sd: Option<SelectiveDisclosure>,
    pub(super) svg_id: Option<String>,
}

/// What a claim is called in one language. draft-ietf-oauth-sd-jwt-vc §5.6.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimDisplay {
    /// The language tag.
    pub locale: String,
    /// What it is called.
    pub label: String,
    /// One sentence about it.
    pub description: Option<String>,
}

impl ClaimMetadata {
    pub(super) fn read(members: &Map<String, Value>) -> Result<Self, TypeMetadataError> {
        let path = members.get("path").ok_or(TypeMetadataError::Property("path"))?;
        let mandatory = match members.get("mandatory") {
            None => None,
            Some(Value::Bool(mandatory)) => Some(*mandatory),
            Some(_) => return Err(TypeMetadataError::Property("mandatory")),
        };
        let sd = match text(members, "sd")?.as_deref() {
            None => None,
            Some("always") => Some(SelectiveDisclosure::Always),
            Some("allowed") => Some(SelectiveDisclosure::Allowed),
            Some("never") => Some(SelectiveDisclosure::Never),
            Some(_) => return Err(TypeMetadataError::Property("sd")),
        };
        let svg_id = text(members, "svg_id")?;
        if svg_id.as_deref().is_some_and(|id| !is_svg_id(id)) {
            return Err(TypeMetadataError::SvgId);
        }
        Ok(Self {
            path: ClaimPattern::parse(path)?,
            display: objects(members, "display", ClaimDisplay::read)?,
            mandatory,
            sd,
            svg_id,
        })
    }

    /// What an extending type says about the same claims, put over this. §5.6.5.
    pub(super) fn extended_by(self, child: Self) -> Result<Self, TypeMetadataError> {
        let is_loosened = match (self.sd(), child.sd) {
            (SelectiveDisclosure::Allowed, _) | (_, None) => false,
            (fixed, Some(sd)) => sd != fixed,
        };
        if is_loosened || (self.is_mandatory() && child.mandatory == Some(false)) {
            return Err(TypeMetadataError::Loosened(self.path));
        }
        Ok(Self {
            path: self.path,
            display: child.display.or(self.display),
            mandatory: child.mandatory.or(self.mandatory),
            sd: child.sd.or(self.sd),
            svg_id: child.svg_id.or(self.svg_id),
        })
    }

    /// Which claims this is about.
    #[must_use]
    pub fn path(&self) -> &ClaimPattern {
        &self.path
    }

    /// What they are called, for each language.
    #[must_use]
    pub fn display(&self) -> &[ClaimDisplay] {
        self.display.as_deref().unwrap_or_default()
    }

    /// Whether the issuer must include them. §5.6.3.
    #[must_use]
    pub fn is_mandatory(&self) -> bool {
        self.mandatory.unwrap_or(false)
    }

    /// Whether they can be withheld.
    #[must_use]
    pub fn sd(&self) -> SelectiveDisclosure {
        self.sd.unwrap_or(SelectiveDisclosure::Allowed)
    }

    /// The placeholder that stands for them in an SVG template.
    #[must_use]
    pub fn svg_id(&self) -> Option<&str> {
        self.svg_id.as_deref()
    }
}

impl ClaimDisplay {
    fn read(members: &Map<String, Value>) -> Result<Self, TypeMetadataError> {
        Ok(Self {
            locale: locale(members)?,
            label: required_text(members, "label")?,
            description: text(members, "description")?,
        })
    }
}

/// Letters, digits and underscores, and no digit first. §5.6.
pub(super) fn is_svg_id(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
