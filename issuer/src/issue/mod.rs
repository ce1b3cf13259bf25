//! From a person in the register to the copies of a card.

mod claims;
mod configuration_id;
mod copies;
mod in_format;
mod metadata;
mod schema;

pub use claims::{NotInRegister, claims};
pub use configuration_id::{Channel, ConfigurationId};
pub use copies::CopyMaker;
pub use in_format::{Facts, Office, claims_in};
pub(crate) use metadata::offered;
pub use metadata::{authorization_server_metadata, issuer_metadata};
pub use schema::{Catalogue, CatalogueError, CredentialType, IssuanceRules};
