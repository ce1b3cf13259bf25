//! Responses put together by hand so that they can break any rule, truly signed.

use coset::iana::Algorithm;
use coset::{AsCborValue, CoseSign1Builder, Header, HeaderBuilder};
use jose::{PrivateJwk, Signer};
use mdoc::Value;
use sha2::{Digest, Sha256};
use testkit::credential::signer;

use crate::fixture::{X5CHAIN, device, draft, issued, issuer, read, transcript};

type Edit<T> = Box<dyn Fn(&mut T)>;
/// Namespaces with their `IssuerSignedItem` maps.
pub(crate) type Items = Vec<(String, Vec<Value>)>;

/// What a response is made of; each part can be changed before it is signed.
pub(crate) struct Forge {
    pub(crate) items: Items,
    /// Done to the items once the digests of them were taken.
    pub(crate) late: Edit<Items>,
    /// Done to the security object before it is signed.
    pub(crate) mso: Edit<Value>,
    pub(crate) issuer: PrivateJwk,
    pub(crate) protected: Header,
    pub(crate) unprotected: Header,
    /// Done to `IssuerSigned`.
    pub(crate) issuer_signed: Edit<Value>,
    pub(crate) device: PrivateJwk,
    pub(crate) device_protected: Header,
    pub(crate) transcript: Vec<u8>,
    /// Done to `DeviceSigned`.
    pub(crate) device_signed: Edit<Value>,
    /// Done to the document.
    pub(crate) document: Edit<Value>,
    /// Done to all of it.
    pub(crate) response: Edit<Value>,
}

pub(crate) fn nothing<T>() -> Edit<T> {
    Box::new(|_| {})
}

impl Forge {
    fn good() -> Self {
        let es256 = HeaderBuilder::new().algorithm(Algorithm::ES256).build();
        Self {
            items: items(&read(&issued(draft()))),
            late: nothing(),
            mso: nothing(),
            issuer: issuer(),
            protected: es256.clone(),
            unprotected: x5chain(X5CHAIN.first().unwrap().clone().into()),
            issuer_signed: nothing(),
            device: device(),
            device_protected: es256,
            transcript: transcript().as_bytes().to_vec(),
            device_signed: nothing(),
            document: nothing(),
            response: nothing(),
        }
    }

    fn make(mut self) -> Vec<u8> {
        let good = read(&issued(draft()));
        let payload = member(&good, "issuerAuth").as_array().unwrap()[2]
            .as_bytes()
            .unwrap()
            .clone();
        let mut mso = read(&inside(&read(&payload)));
        let doc_type = member(&mso, "docType").clone();
        set(&mut mso, "valueDigests", digests(&self.items));
        (self.late)(&mut self.items);
        (self.mso)(&mut mso);
        let auth = sign1(
            &self.protected,
            &self.unprotected,
            Some(encode(&tagged(encode(&mso)))),
            &[],
            &self.issuer,
        );
        let mut issuer_signed = map(vec![("nameSpaces", name_spaces(&self.items)), ("issuerAuth", auth)]);
        (self.issuer_signed)(&mut issuer_signed);
        let authentication = Value::Array(vec![
            "DeviceAuthentication".into(),
            read(&self.transcript),
            doc_type.clone(),
            tagged(vec![0xa0]),
        ]);
        let payload = encode(&tagged(encode(&authentication)));
        let signature = sign1(&self.device_protected, &Header::default(), None, &payload, &self.device);
        let auth = map(vec![("deviceSignature", signature)]);
        let mut device_signed = map(vec![("nameSpaces", tagged(vec![0xa0])), ("deviceAuth", auth)]);
        (self.device_signed)(&mut device_signed);
        let mut document = map(vec![
            ("docType", doc_type),
            ("issuerSigned", issuer_signed),
            ("deviceSigned", device_signed),
        ]);
        (self.document)(&mut document);
        let mut response = map(vec![
            ("version", "1.0".into()),
            ("documents", Value::Array(vec![document])),
            ("status", 0.into()),
        ]);
        (self.response)(&mut response);
        encode(&response)
    }
}

/// A response that is good but for what `edit` does.
pub(crate) fn forged(edit: impl FnOnce(&mut Forge)) -> Vec<u8> {
    let mut forge = Forge::good();
    edit(&mut forge);
    forge.make()
}

/// An unprotected header with this `x5chain`.
pub(crate) fn x5chain(value: Value) -> Header {
    HeaderBuilder::new().value(33, value).build()
}

/// A COSE_Sign1; over `detached` where it has no payload.
fn sign1(
    protected: &Header,
    unprotected: &Header,
    payload: Option<Vec<u8>>,
    detached: &[u8],
    key: &PrivateJwk,
) -> Value {
    let sign = |bytes: &[u8]| signer(key).sign(bytes).unwrap();
    let builder = CoseSign1Builder::new()
        .protected(protected.clone())
        .unprotected(unprotected.clone());
    let builder = match payload {
        Some(payload) => builder.payload(payload).create_signature(&[], sign),
        None => builder.create_detached_signature(detached, &[], sign),
    };
    builder.build().to_cbor_value().unwrap()
}

fn items(issuer_signed: &Value) -> Items {
    let name_spaces = member(issuer_signed, "nameSpaces").as_map().unwrap().iter();
    name_spaces
        .map(|(name, items)| {
            let items = items.as_array().unwrap().iter();
            let items = items.map(|item| read(&inside(item))).collect();
            (name.as_text().unwrap().to_owned(), items)
        })
        .collect()
}

fn name_spaces(items: &Items) -> Value {
    let bytes = |items: &Vec<Value>| items.iter().map(|item| tagged(encode(item))).collect::<Vec<_>>();
    let entries = items
        .iter()
        .map(|(name, items)| (name.as_str().into(), bytes(items).into()));
    Value::Map(entries.collect())
}

fn digests(items: &Items) -> Value {
    let of = |item: &Value| {
        let digest = Sha256::digest(encode(&tagged(encode(item))));
        (member(item, "digestID").clone(), digest.to_vec().into())
    };
    let entries = items
        .iter()
        .map(|(name, items)| (name.as_str().into(), Value::Map(items.iter().map(of).collect())));
    Value::Map(entries.collect())
}

pub(crate) fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// Bytes that are an item, in tag 24.
pub(crate) fn tagged(bytes: Vec<u8>) -> Value {
    Value::Tag(24, Box::new(bytes.into()))
}

pub(crate) fn inside(value: &Value) -> Vec<u8> {
    let Value::Tag(24, inside) = value else {
        panic!("not an encoded item")
    };
    inside.as_bytes().unwrap().clone()
}

pub(crate) fn map(members: Vec<(&str, Value)>) -> Value {
    Value::Map(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

pub(crate) fn member<'a>(value: &'a Value, name: &str) -> &'a Value {
    let mut members = value.as_map().unwrap().iter();
    let found = members.find(|(key, _)| key.as_text() == Some(name));
    &found.unwrap_or_else(|| panic!("no {name}")).1
}

/// Puts a member in the place of the one of that name, or adds it.
pub(crate) fn set(value: &mut Value, name: &str, member: Value) {
    remove(value, name);
    value.as_map_mut().unwrap().push((name.into(), member));
}

pub(crate) fn remove(value: &mut Value, name: &str) {
    value
        .as_map_mut()
        .unwrap()
        .retain(|(key, _)| key.as_text() != Some(name));
}

/// A member that is changed where it stands.
pub(crate) fn change(value: &mut Value, name: &str, edit: impl FnOnce(&mut Value)) {
    let mut changed = member(value, name).clone();
    edit(&mut changed);
    set(value, name, changed);
}
