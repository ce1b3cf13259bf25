//! Organisations the wallet knows by name, so that another one does not pass for them.

use crate::consent::Party;
use crate::lookalike::{looks_odd, taken_for_each_other};
use crate::text::Localized;
use crate::vault::{Vault, VaultError};
use ledger::VerifiedBundle;

/// One name by which the wallet knows somebody.
struct Known {
    name: String,
    id: Option<String>,
    host: Option<String>,
}

/// Everybody the wallet knows by name.
pub(super) struct KnownNames(Vec<Known>);

impl KnownNames {
    /// The accredited agencies whose records are held, and everybody in the history.
    pub(super) fn load(vault: &Vault, agencies: &[VerifiedBundle]) -> Result<Self, VaultError> {
        let mut known = Vec::new();
        for bundle in agencies {
            let (Some(record), Some(accreditation)) = (bundle.record(), bundle.accreditation()) else {
                continue;
            };
            known.extend(accreditation.name.iter().map(|(_, name)| Known {
                name: name.to_owned(),
                id: Some(record.did().to_owned()),
                host: None,
            }));
        }
        known.extend(vault.history()?.into_iter().map(|entry| Known {
            name: entry.record.party,
            id: entry.record.party_id,
            host: Some(entry.record.host),
        }));
        Ok(Self(known))
    }

    /// Whether the name, as it was written, looks odd by itself or is taken for somebody else's.
    pub(super) fn is_odd(&self, as_written: &[&str], party: &Party) -> bool {
        as_written.iter().any(|name| looks_odd(name)) || self.0.iter().any(|known| known.is_mistaken_for(party))
    }
}

impl Known {
    fn is_mistaken_for(&self, party: &Party) -> bool {
        let names = party.name.as_ref().map(Localized::iter);
        let mut alike = names
            .into_iter()
            .flatten()
            .filter(|(_, name)| taken_for_each_other(name, &self.name));
        match (&self.id, party.id(), &self.host) {
            // Both are recorded: then it is certain whether they are one.
            (Some(id), Some(own), _) => id != own && alike.next().is_some(),
            // The name of somebody recorded, and asked by somebody who is not.
            (Some(_), None, _) => alike.next().is_some(),
            // One organisation may ask from two hosts, but does not write its name in two ways.
            (None, _, host) => host.as_deref() != Some(party.host.as_str()) && alike.any(|(_, name)| name != self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::in_english;
    use crate::trust::Registration;
    use test_case::test_case;

    fn party(name: &str, host: &str) -> Party {
        Party {
            name: Some(in_english(name)),
            host: host.to_owned(),
            registration: Registration::Unregistered,
            name_looks_odd: false,
            record: None,
        }
    }

    fn from_history(name: &str, host: &str) -> Known {
        Known {
            name: name.to_owned(),
            id: None,
            host: Some(host.to_owned()),
        }
    }

    #[test_case("Corner Shop", "shop.example" => false ; "the same from the same host")]
    #[test_case("Corner Shop", "other.example" => false ; "the same name from two hosts")]
    #[test_case("CORNER SHOP", "other.example" => true ; "written in another way from another host")]
    #[test_case("Corner Store", "other.example" => false ; "another name")]
    fn f14_among_those_in_the_history(name: &str, host: &str) -> bool {
        from_history("Corner Shop", "shop.example").is_mistaken_for(&party(name, host))
    }

    #[test]
    fn f14_nobody_else_has_the_name_of_an_agency() {
        let agency = Known {
            name: "City Office".to_owned(),
            id: Some("did:webvh:x:city.example".to_owned()),
            host: None,
        };
        assert!(agency.is_mistaken_for(&party("City Office", "city.example")));
        assert!(!agency.is_mistaken_for(&party("Town Office", "city.example")));
    }
}
