//! What a credential type is called, how it is drawn and what its credentials must look like.
//! draft-ietf-oauth-sd-jwt-vc §5.
//!
//! Nothing here fetches. A [`TypeResolution`] says which document is wanted next and takes its
//! bytes, until the type and all that it extends are known; only then there is a [`ResolvedType`],
//! which can be displayed and against which credentials are checked (§5.7). [`HeldTypes`] are the
//! documents that somebody holds already.
//!
//! ```text
//! TypeResolution --supply--> Progress::Wanted(TypeResolution) --supply--> … --> ResolvedType
//! ```
//!
//! ```json
//! { "vct": "https://betelgeuse.example.com/education_credential/v42",
//!   "extends": "https://galaxy.example.com/galactic-education-credential/v2",
//!   "extends#integrity": "sha256-ilOUJsTultOwLfz7QUcFALaRa3BP/jelX1ds04kB9yU=",
//!   "claims": [{ "path": ["degrees", null], "sd": "always", "mandatory": true }] }
//! ```

mod claim;
mod color;
mod data_uri;
mod display;
mod document;
mod error;
mod held;
mod members;
mod pattern;
mod raster;
mod resolve;
mod resolved;
mod rules;
mod selection;
mod svg;
mod svg_scan;

pub use claim::{ClaimDisplay, ClaimMetadata, SelectiveDisclosure};
pub use color::Color;
pub use display::{
    ColorScheme, Contrast, Image, Orientation, Rendering, SimpleRendering, SvgProperties, SvgReference, TypeDisplay,
};
pub use document::{TypeMetadata, TypeReference};
pub use error::TypeMetadataError;
pub use held::{HeldTypeError, HeldTypes};
pub use pattern::{ClaimPattern, PatternElement};
pub use resolve::{Progress, TypeResolution};
pub use resolved::ResolvedType;
pub use rules::ClaimRuleError;
pub use svg::{SvgTemplate, SvgTemplateError};
