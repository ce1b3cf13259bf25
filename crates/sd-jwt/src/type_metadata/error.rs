use jose::OverBudget;
use jose::strict_json::StrictJsonError;

use super::ClaimPattern;
use crate::IntegrityError;

/// Why type metadata was refused. draft-ietf-oauth-sd-jwt-vc §5.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TypeMetadataError {
    /// More bytes, values or documents than [`crate::budget::TYPE_METADATA`] allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// Not strict JSON.
    #[error(transparent)]
    Json(#[from] StrictJsonError),
    /// JSON, but not an object. §5.2.
    #[error("type metadata is not an object")]
    NotAnObject,
    /// A property is missing or of the wrong type. §5.2, §5.5, §5.6.
    #[error("property {0} is missing or malformed")]
    Property(&'static str),
    /// The document describes another type than the one that was asked for. §5.3.
    #[error("the document is of another type")]
    OtherType,
    /// The document is not the one that the reference means. §6.
    #[error(transparent)]
    Integrity(#[from] IntegrityError),
    /// `extends` is no URI. §5.2.
    #[error("extends is not a URI")]
    ExtendsNoUri,
    /// A type extends itself, directly or through others. §7 (Circular "extends" Dependencies).
    #[error("the type extends itself")]
    Circular,
    /// `locale` is no language tag. §5.5, §5.6.2, RFC 5646 §2.1.
    #[error("locale is not a language tag")]
    Locale,
    /// A `uri` is neither an HTTPS URL nor a `data:` URI. §5.5.1.
    #[error("a resource is neither https: nor data:")]
    ResourceUri,
    /// A colour is no RGB value. §5.5.1.1.
    #[error("{0} is not an RGB colour")]
    Color(&'static str),
    /// `properties` of an SVG template is missing where there are several, or says nothing. §5.5.1.2.
    #[error("the properties of an SVG template are missing or empty")]
    SvgProperties,
    /// A `path` is not a non-empty array of strings, nulls and non-negative integers. §5.6.1.
    #[error("a claim path is malformed")]
    Path,
    /// Two claim metadata objects of one document have the same path.
    #[error("{0} is described twice")]
    RepeatedPath(ClaimPattern),
    /// An `svg_id` is not made of letters, digits and underscores, or begins with a digit. §5.6.
    #[error("an svg_id is malformed")]
    SvgId,
    /// Two claims have the same `svg_id`. §5.6.
    #[error("svg_id {0} is used twice")]
    RepeatedSvgId(String),
    /// `sd` or `mandatory` of an extended type was loosened or turned round. §5.6.5.1.
    #[error("a rule of the extended type about {0} was loosened")]
    Loosened(ClaimPattern),
}
