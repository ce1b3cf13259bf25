use std::collections::BTreeMap;

use cbor::{Value, Writer};
use jose::{Budget, UnixTime, Work};
use status_list::StatusReference;

use crate::item::Item;
use crate::members::{ENCODED, Members, uint};
use crate::{FormError, MdocClaims, MdocError, cose, date, element};

const VERSION: &str = "1.0";
const DIGEST_ALGORITHM: &str = "SHA-256";

/// The digests of a namespace by their `digestID`.
pub(crate) type Digests = BTreeMap<u64, [u8; 32]>;

/// `MobileSecurityObject`. ISO/IEC 18013-5 §9.1.2.4
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mso {
    pub(crate) claims: MdocClaims,
    pub(crate) digests: BTreeMap<String, Digests>,
    /// Members that no specification knows, and those that say more than it has them say.
    pub(crate) says_more: Vec<String>,
}

impl Mso {
    /// Reads `MobileSecurityObjectBytes`, the payload of `issuerAuth`.
    pub(crate) fn read(payload: &[u8], budget: &mut Budget) -> Result<Self, MdocError> {
        let content = crate::members::encoded(cbor::decode_value(payload, budget)?, "MobileSecurityObjectBytes")?;
        let mut members = Members::of(cbor::decode_value(&content, budget)?, "MobileSecurityObject")?;
        if members.text("version")? != VERSION {
            return Err(MdocError::Version);
        }
        if members.text("digestAlgorithm")? != DIGEST_ALGORITHM {
            return Err(MdocError::DigestAlgorithm);
        }
        let digests = read_digests(members.need("valueDigests")?, budget)?;
        let mut device = Members::of(members.need("deviceKeyInfo")?, "deviceKeyInfo")?;
        let device_key = device.need("deviceKey")?;
        let bare_key = cose::is_bare_key(&device_key);
        let status = members.take("status").map(|status| element::to_json(&status));
        let mut validity = Members::of(members.need("validityInfo")?, "validityInfo")?;
        let mut when = |name| date::read(&validity.need(name)?).ok_or(FormError::Type(name));
        let claims = MdocClaims {
            signed: when("signed")?,
            valid_from: when("validFrom")?,
            valid_until: when("validUntil")?,
            doc_type: members.text("docType")?,
            device_key: cose::read_key(device_key).ok_or(MdocError::DeviceKey)?,
            status: status.as_ref().map(StatusReference::from_claim).transpose()?,
        };
        let update = validity.take("expectedUpdate");
        let parts = [
            (
                "deviceKeyInfo",
                !bare_key || device.says_more_than(&["keyAuthorizations"]),
            ),
            (
                "validityInfo",
                update.is_some_and(|update| date::read(&update).is_none()) || validity.says_more_than(&[]),
            ),
            ("status", status.is_some_and(|status| !is_bare_status(&status))),
        ];
        let more = parts.into_iter().filter(|(_, more)| *more);
        let says_more = members.left().chain(more.map(|(name, _)| name.to_owned())).collect();
        Ok(Self {
            claims,
            digests,
            says_more,
        })
    }

    /// `MobileSecurityObjectBytes`; `None` where a date or the key cannot be written.
    pub(crate) fn encode(&self) -> Option<Vec<u8>> {
        let claims = &self.claims;
        let mut writer = Writer::new();
        writer.map(6 + usize::from(claims.status.is_some()));
        if let Some(status) = &claims.status {
            writer.text("status").map(1).text("status_list").map(2);
            writer.text("idx").uint(status.index).text("uri").text(&status.uri);
        }
        writer.text("docType").text(&claims.doc_type);
        writer.text("version").text(VERSION);
        writer.text("validityInfo").map(3);
        for (name, time) in [
            ("signed", claims.signed),
            ("validFrom", claims.valid_from),
            ("validUntil", claims.valid_until),
        ] {
            date::write(writer.text(name), &date::text(time)?);
        }
        writer.text("valueDigests");
        self.write_digests(&mut writer);
        writer.text("deviceKeyInfo").map(1).text("deviceKey");
        cose::write_key(&mut writer, &claims.device_key)?;
        writer.text("digestAlgorithm").text(DIGEST_ALGORITHM);
        let content = writer.into_bytes();
        let mut writer = Writer::new();
        writer.tag(ENCODED).bytes(&content);
        Some(writer.into_bytes())
    }

    fn write_digests(&self, writer: &mut Writer) {
        writer.map(self.digests.len());
        let mut namespaces: Vec<_> = self.digests.iter().collect();
        namespaces.sort_by_key(|(name, _)| name.len());
        for (name, digests) in namespaces {
            writer.text(name).map(digests.len());
            for (id, digest) in digests {
                writer.uint(*id).bytes(digest);
            }
        }
    }

    /// An element has to be the one that the issuer signed. §9.3.1 step 3
    pub(crate) fn check(&self, namespace: &str, item: &Item) -> Result<(), MdocError> {
        let digests = self.digests.get(namespace).ok_or(MdocError::UnknownNamespace)?;
        match digests.get(&item.digest_id) {
            None => Err(MdocError::NotInMso),
            Some(digest) if *digest == item.digest() => Ok(()),
            Some(_) => Err(MdocError::DigestMismatch),
        }
    }

    /// §9.1.2.4, §9.3.1 step 5
    pub(crate) fn check_validity(&self, now: UnixTime) -> Result<(), MdocError> {
        let claims = &self.claims;
        if claims.signed > claims.valid_from || claims.valid_from >= claims.valid_until {
            return Err(MdocError::ValidityOrder);
        }
        if now < claims.valid_from {
            return Err(MdocError::NotYetValid);
        }
        if now > claims.valid_until {
            return Err(MdocError::Expired);
        }
        Ok(())
    }
}

/// Whether a status is a place in a list and nothing else. draft-ietf-oauth-status-list §6.3
fn is_bare_status(status: &serde_json::Value) -> bool {
    let members = |value: &serde_json::Value| value.as_object().map(serde_json::Map::len);
    members(status) == Some(1) && status.get("status_list").and_then(members) == Some(2)
}

fn read_digests(value: Value, budget: &mut Budget) -> Result<BTreeMap<String, Digests>, MdocError> {
    const NAME: FormError = FormError::Type("valueDigests");
    let namespaces = value.into_map().map_err(|_| NAME)?.into_iter();
    let mut read = BTreeMap::new();
    for (name, digests) in namespaces {
        let digests = digests.into_map().map_err(|_| NAME)?;
        budget.spend(Work::Digests, digests.len())?;
        let digests = digests.into_iter().map(|(id, digest)| {
            let digest = digest.into_bytes().ok()?.try_into().ok()?;
            Some((uint(&id)?, digest))
        });
        let digests: Option<Digests> = digests.collect();
        read.insert(name.into_text().map_err(|_| NAME)?, digests.ok_or(NAME)?);
    }
    Ok(read)
}
