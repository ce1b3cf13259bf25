use serde_json::{Map, Value};
use url::Url;

use super::data_uri;
use super::members::{locale, object, objects, required_text, text};
use super::{Color, TypeMetadataError};
use crate::Integrity;

/// What a type is called and how it is drawn in one language. draft-ietf-oauth-sd-jwt-vc §5.5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeDisplay {
    /// The language tag.
    pub locale: String,
    /// What it is called.
    pub name: String,
    /// One sentence about it.
    pub description: Option<String>,
    /// How it is drawn.
    pub rendering: Rendering,
}

/// The rendering methods that are known; others are passed over. draft-ietf-oauth-sd-jwt-vc §5.5.1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendering {
    /// Logo, picture and colours.
    pub simple: Option<SimpleRendering>,
    /// Pictures into which claims are filled.
    pub svg_templates: Vec<SvgReference>,
}

/// Rendering method `simple`. draft-ietf-oauth-sd-jwt-vc §5.5.1.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimpleRendering {
    /// The logo.
    pub logo: Option<Image>,
    /// What stands behind the text.
    pub background_image: Option<Image>,
    /// The colour behind the text.
    pub background_color: Option<Color>,
    /// The colour of the text.
    pub text_color: Option<Color>,
}

/// A picture. draft-ietf-oauth-sd-jwt-vc §5.5.1.1.1, §5.5.1.1.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// An HTTPS URL or a `data:` URI; under development also an HTTP URL of this machine.
    pub uri: String,
    /// What the picture must hash to.
    pub integrity: Option<Integrity>,
    /// What is said where it cannot be seen; of a logo only.
    pub alt_text: Option<String>,
}

/// Where an SVG template is, and what it is made for. draft-ietf-oauth-sd-jwt-vc §5.5.1.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SvgReference {
    /// An HTTPS URL or a `data:` URI; under development also an HTTP URL of this machine.
    pub uri: String,
    /// What the template must hash to.
    pub integrity: Option<Integrity>,
    /// What it is made for; always there where there are several templates.
    pub properties: Option<SvgProperties>,
}

/// What an SVG template is made for. draft-ietf-oauth-sd-jwt-vc §5.5.1.2.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SvgProperties {
    /// Upright or lying.
    pub orientation: Option<Orientation>,
    /// Light or dark.
    pub color_scheme: Option<ColorScheme>,
    /// Normal or high.
    pub contrast: Option<Contrast>,
}

/// `orientation` of an SVG template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orientation {
    /// `portrait`
    Portrait,
    /// `landscape`
    Landscape,
}

/// `color_scheme` of an SVG template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorScheme {
    /// `light`
    Light,
    /// `dark`
    Dark,
}

/// `contrast` of an SVG template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contrast {
    /// `normal`
    Normal,
    /// `high`
    High,
}

impl TypeDisplay {
    pub(super) fn read(members: &Map<String, Value>) -> Result<Self, TypeMetadataError> {
        Ok(Self {
            locale: locale(members)?,
            name: required_text(members, "name")?,
            description: text(members, "description")?,
            rendering: match object(members, "rendering")? {
                None => Rendering::default(),
                Some(rendering) => Rendering::read(rendering)?,
            },
        })
    }
}

impl Rendering {
    /// The template that fits best to what is wanted: each property that it is made for counts, one that it is
    /// not made for counts against it. The first of equals. draft-ietf-oauth-sd-jwt-vc §5.5.1.2.1.
    #[must_use]
    pub fn svg_template(&self, wanted: SvgProperties) -> Option<&SvgReference> {
        let mut best: Option<(&SvgReference, u8)> = None;
        for template in &self.svg_templates {
            let fit = template.properties.unwrap_or_default().fit(wanted);
            if best.is_none_or(|(_, known)| fit > known) {
                best = Some((template, fit));
            }
        }
        best.map(|(template, _)| template)
    }

    fn read(members: &Map<String, Value>) -> Result<Self, TypeMetadataError> {
        let svg_templates = objects(members, "svg_templates", SvgReference::read)?.unwrap_or_default();
        if svg_templates.len() > 1 && svg_templates.iter().any(|template| template.properties.is_none()) {
            return Err(TypeMetadataError::SvgProperties);
        }
        Ok(Self {
            simple: object(members, "simple")?.map(SimpleRendering::read).transpose()?,
            svg_templates,
        })
    }
}

impl SimpleRendering {
    fn read(members: &Map<String, Value>) -> Result<Self, TypeMetadataError> {
        Ok(Self {
            logo: object(members, "logo")?.map(Image::read).transpose()?,
            background_image: object(members, "background_image")?.map(Image::read).transpose()?,
            background_color: color(members, "background_color")?,
            text_color: color(members, "text_color")?,
        })
    }
}

impl Image {
    fn read(members: &Map<String, Value>) -> Result<Self, TypeMetadataError> {
        Ok(Self {
            uri: resource(members)?,
            integrity: integrity(members)?,
            alt_text: text(members, "alt_text")?,
        })
    }
}

impl SvgReference {
    /// The template that the reference carries along, as a `data:` URI of an SVG; `None` where it has to be
    /// fetched, or is nothing of the kind.
    #[must_use]
    pub fn carried(&self) -> Option<Vec<u8>> {
        data_uri::svg(&self.uri)
    }

    fn read(members: &Map<String, Value>) -> Result<Self, TypeMetadataError> {
        Ok(Self {
            uri: resource(members)?,
            integrity: integrity(members)?,
            properties: object(members, "properties")?.map(SvgProperties::read).transpose()?,
        })
    }
}

impl SvgProperties {
    fn fit(self, wanted: Self) -> u8 {
        fn of<T: PartialEq>(made_for: Option<T>, wanted: Option<T>) -> u8 {
            match (made_for, wanted) {
                (Some(made_for), Some(wanted)) if made_for == wanted => 2,
                (Some(_), Some(_)) => 0,
                _ => 1,
            }
        }
        of(self.orientation, wanted.orientation)
            + of(self.color_scheme, wanted.color_scheme)
            + of(self.contrast, wanted.contrast)
    }

    fn read(members: &Map<String, Value>) -> Result<Self, TypeMetadataError> {
        let properties = Self {
            orientation: match text(members, "orientation")?.as_deref() {
                None => None,
                Some("portrait") => Some(Orientation::Portrait),
                Some("landscape") => Some(Orientation::Landscape),
                Some(_) => return Err(TypeMetadataError::Property("orientation")),
            },
            color_scheme: match text(members, "color_scheme")?.as_deref() {
                None => None,
                Some("light") => Some(ColorScheme::Light),
                Some("dark") => Some(ColorScheme::Dark),
                Some(_) => return Err(TypeMetadataError::Property("color_scheme")),
            },
            contrast: match text(members, "contrast")?.as_deref() {
                None => None,
                Some("normal") => Some(Contrast::Normal),
                Some("high") => Some(Contrast::High),
                Some(_) => return Err(TypeMetadataError::Property("contrast")),
            },
        };
        match properties == Self::default() {
            true => Err(TypeMetadataError::SvgProperties),
            false => Ok(properties),
        }
    }
}

fn color(members: &Map<String, Value>, name: &'static str) -> Result<Option<Color>, TypeMetadataError> {
    let read = |text: String| Color::parse(&text).ok_or(TypeMetadataError::Color(name));
    text(members, name)?.map(read).transpose()
}

fn resource(members: &Map<String, Value>) -> Result<String, TypeMetadataError> {
    let uri = required_text(members, "uri")?;
    let is_there = ["https://", "data:"]
        .iter()
        .any(|start| uri.strip_prefix(start).is_some_and(|rest| !rest.is_empty()));
    match (is_there || is_loopback(&uri)) && jose::claims::is_uri(&uri) {
        true => Ok(uri),
        false => Err(TypeMetadataError::ResourceUri),
    }
}

/// `http` to this machine, which whoever fetches refuses outside of the development profile.
fn is_loopback(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    let is_this = |name: &str| name == "localhost" || name.ends_with(".localhost");
    url.scheme() == "http" && url.domain().is_some_and(is_this)
}

fn integrity(members: &Map<String, Value>) -> Result<Option<Integrity>, TypeMetadataError> {
    let text = text(members, "uri#integrity")?;
    Ok(text.as_deref().map(Integrity::parse).transpose()?)
}
