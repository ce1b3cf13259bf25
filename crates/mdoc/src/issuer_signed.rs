use std::collections::HashSet;

use cbor::{Value, Writer};
use jose::x5c::VerifiedCertificate;
use jose::{Budget, UnixTime, Work};

use crate::cose::Sign1;
use crate::element::Element;
use crate::item::Item;
use crate::members::{Members, encoded};
use crate::mso::Mso;
use crate::trust::same_country;
use crate::{FormError, IssuerTrust, MDL, MdocError, Sign1Error};

/// The namespace of a driving licence. ISO/IEC 18013-5 §7.2.1
const MDL_NAMESPACE: &str = "org.iso.18013.5.1";

/// Namespaces with their elements, in the order in which they came.
pub(crate) type NameSpaces = Vec<(String, Vec<Item>)>;

/// `IssuerSigned`: elements, and what the issuer signed about them. §8.3.2.1.2.2
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IssuerSigned {
    pub(crate) name_spaces: NameSpaces,
    pub(crate) auth: Sign1,
    pub(crate) mso: Mso,
}

impl IssuerSigned {
    pub(crate) fn read(value: Value, budget: &mut Budget) -> Result<Self, MdocError> {
        let mut members = Members::of(value, "IssuerSigned")?;
        let name_spaces = match members.take("nameSpaces") {
            Some(name_spaces) => read_name_spaces(name_spaces, budget)?,
            None => Vec::new(),
        };
        let auth = Sign1::read(members.need("issuerAuth")?, budget)?;
        let mso = Mso::read(auth.payload().ok_or(Sign1Error::Payload)?, budget)?;
        Ok(Self { name_spaces, auth, mso })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.map(1 + usize::from(!self.name_spaces.is_empty()));
        writer.text("issuerAuth").raw(self.auth.encoded());
        if self.name_spaces.is_empty() {
            return;
        }
        let mut name_spaces: Vec<_> = self.name_spaces.iter().collect();
        name_spaces.sort_by_key(|(name, _)| (name.len(), name));
        writer.text("nameSpaces").map(name_spaces.len());
        for (name, items) in name_spaces {
            writer.text(name).array(items.len());
            for item in items {
                item.write(writer);
            }
        }
    }

    pub(crate) fn elements(&self) -> impl Iterator<Item = Element<'_>> {
        self.name_spaces.iter().flat_map(|(namespace, items)| {
            items.iter().map(move |item| Element {
                namespace,
                identifier: &item.identifier,
                value: &item.value,
            })
        })
    }

    /// The certificates of the `x5chain` as they stand there.
    pub(crate) fn certificates(&self) -> Vec<&[u8]> {
        self.auth.x5chain().unwrap_or_default()
    }

    /// What the issuer says in every presentation that is no element, where no specification knows it: names of
    /// members of the security object, and `header`.
    pub(crate) fn says_more(&self) -> Vec<String> {
        let header = self.auth.says_more().then(|| "header".to_owned());
        self.mso.says_more.iter().cloned().chain(header).collect()
    }

    /// Every step of §9.3.1 but the comparison of the document's own type.
    pub(crate) fn verify(
        &self,
        trust: IssuerTrust<'_>,
        now: UnixTime,
        budget: &mut Budget,
    ) -> Result<Option<VerifiedCertificate>, MdocError> {
        let (key, certificate) = trust.signer(&self.certificates(), &self.mso.claims, now)?;
        budget.spend(Work::Signatures, 1)?;
        self.auth.verify(self.auth.payload().unwrap_or_default(), &key)?;
        for (namespace, items) in &self.name_spaces {
            budget.spend(Work::Hashes, items.len())?;
            items.iter().try_for_each(|item| self.mso.check(namespace, item))?;
        }
        self.check_country(certificate.as_ref())?;
        self.mso.check_validity(now)?;
        Ok(certificate)
    }

    /// The country that a driving licence names, where it is shown, is that of its signer. §7.2.1
    fn check_country(&self, certificate: Option<&VerifiedCertificate>) -> Result<(), MdocError> {
        let Some(certificate) = certificate.filter(|_| self.mso.claims.doc_type() == MDL) else {
            return Ok(());
        };
        let named = self
            .elements()
            .find(|element| (element.namespace, element.identifier) == (MDL_NAMESPACE, "issuing_country"));
        match named {
            Some(named) if !same_country(named.value.as_text(), certificate.country()) => Err(MdocError::Country),
            _ => Ok(()),
        }
    }
}

fn read_name_spaces(value: Value, budget: &mut Budget) -> Result<NameSpaces, MdocError> {
    const NAME: FormError = FormError::Type("nameSpaces");
    let mut read = Vec::new();
    for (name, items) in value.into_map().map_err(|_| NAME)? {
        let name = name.into_text().map_err(|_| NAME)?;
        let mut found = Vec::new();
        let (mut ids, mut identifiers) = (HashSet::new(), HashSet::new());
        for item in items.into_array().map_err(|_| NAME)? {
            let item = Item::read(encoded(item, "IssuerSignedItemBytes")?, budget)?;
            if !ids.insert(item.digest_id) {
                return Err(MdocError::DuplicateDigestId);
            }
            if !identifiers.insert(item.identifier.clone()) {
                return Err(MdocError::DuplicateElement);
            }
            found.push(item);
        }
        if found.is_empty() {
            return Err(FormError::Value("nameSpaces").into());
        }
        read.push((name, found));
    }
    Ok(read)
}
