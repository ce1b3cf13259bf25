//! `DeviceResponse`s of ISO mdoc put together by hand so that they can break any rule, truly signed.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "fixtures: what goes wrong here is a failed test"
)]

pub use ::mdoc::Value;
use coset::iana::{Algorithm, EnumI64};
use coset::{AsCborValue, CoseSign1, CoseSign1Builder, Header, HeaderBuilder};
use jose::{PrivateJwk, Signer};
use sha2::{Digest, Sha256};

use crate::credential::signer;

/// What is done to a part.
pub type Edit<T> = Box<dyn Fn(&mut T)>;
/// Namespaces with their `IssuerSignedItem` maps.
pub type Items = Vec<(String, Vec<Value>)>;

/// What a response is made of; each part can be changed before it is signed.
pub struct Forge {
    /// Every element.
    pub items: Items,
    /// Done to the items once the digests of them were taken.
    pub late: Edit<Items>,
    object: Value,
    /// Done to the security object before it is signed.
    pub mso: Edit<Value>,
    /// Whose signature stands in `issuerAuth`.
    pub issuer: PrivateJwk,
    /// The protected header of `issuerAuth`.
    pub protected: Header,
    /// The unprotected header of `issuerAuth`.
    pub unprotected: Header,
    /// Done to `IssuerSigned`.
    pub issuer_signed: Edit<Value>,
    /// Whose signature the device gives.
    pub device: PrivateJwk,
    /// The protected header of it.
    pub device_protected: Header,
    /// What the device signs for.
    pub transcript: Vec<u8>,
    /// Done to `DeviceSigned`.
    pub device_signed: Edit<Value>,
    /// Done to the document.
    pub document: Edit<Value>,
    /// Done to all of it.
    pub response: Edit<Value>,
}

/// The bytes as they are read.
pub fn read(bytes: &[u8]) -> Value {
    ciborium::from_reader(bytes).expect("CBOR")
}

/// What an issuer sent, changed after it was signed.
pub fn spoiled(issued: &[u8], edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut issued = read(issued);
    edit(&mut issued);
    encode(&issued)
}

/// `IssuerSigned` with this in the place of its issuer's signature.
pub fn sign_with(issuer_signed: &mut Value, bytes: &[u8]) {
    change(issuer_signed, "issuerAuth", |auth| {
        auth.as_array_mut().expect("a part of a response")[3] = Value::Bytes(bytes.to_vec());
    });
}

/// Nothing at all.
fn nothing<T>() -> Edit<T> {
    Box::new(|_| {})
}

impl Forge {
    /// A response with every element of a document that was issued, good for this transcript.
    pub fn new(issued: &[u8], issuer: PrivateJwk, device: PrivateJwk, transcript: &[u8]) -> Self {
        let issued = read(issued);
        let auth = member(&issued, "issuerAuth");
        let signed = CoseSign1::from_cbor_value(auth.clone()).expect("a COSE_Sign1");
        let es256 = HeaderBuilder::new().algorithm(Algorithm::ES256).build();
        Self {
            items: items(&issued),
            late: nothing(),
            object: read(&inside(&read(signed.payload.as_deref().expect("a payload")))),
            mso: nothing(),
            issuer,
            protected: es256.clone(),
            unprotected: signed.unprotected,
            issuer_signed: nothing(),
            device,
            device_protected: es256,
            transcript: transcript.to_vec(),
            device_signed: nothing(),
            document: nothing(),
            response: nothing(),
        }
    }

    /// The bytes.
    pub fn make(mut self) -> Vec<u8> {
        let (doc_type, issuer_signed) = self.signed();
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

    /// The bytes of `IssuerSigned` alone, as an issuer sends it to a wallet.
    pub fn issue(mut self) -> Vec<u8> {
        encode(&self.signed().1)
    }

    /// The type that was issued, and `IssuerSigned`.
    fn signed(&mut self) -> (Value, Value) {
        let mut mso = std::mem::replace(&mut self.object, Value::Null);
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
        (doc_type, issuer_signed)
    }

    /// Other dates than it was issued with.
    pub fn set_dates(&mut self, dates: [(&'static str, Value); 3]) {
        self.mso = Box::new(move |mso| set(mso, "validityInfo", map(dates.to_vec())));
    }

    /// Another device key than it was issued for: done to the parts of the `COSE_Key`.
    pub fn edit_device_key(&mut self, edit: fn(&mut Vec<(Value, Value)>)) {
        self.mso = Box::new(move |mso| {
            change(mso, "deviceKeyInfo", |info| {
                change(info, "deviceKey", |key| edit(key.as_map_mut().expect("a key")));
            });
        });
    }

    /// This in the place of the signature of the issuer.
    pub fn set_signature(&mut self, bytes: &'static [u8]) {
        self.issuer_signed = Box::new(move |issuer_signed| sign_with(issuer_signed, bytes));
    }
}

/// When a document was signed, and from when until when it counts, each a `tdate`.
pub fn dates(signed: &str, from: &str, until: &str) -> [(&'static str, Value); 3] {
    [("signed", signed), ("validFrom", from), ("validUntil", until)].map(|(name, text)| (name, date(text)))
}

/// A `tdate`: tag 0 around a text. ISO/IEC 18013-5 §9.1.2.4
pub fn date(text: &str) -> Value {
    Value::Tag(0, Box::new(text.into()))
}

/// The first member of a map once more.
pub fn doubled(value: &mut Value) {
    let members = value.as_map_mut().expect("a map");
    members.push(members[0].clone());
}

/// A header that says nothing.
pub fn bare() -> Header {
    Header::default()
}

/// A protected header that names this algorithm. RFC 9053 §2
pub fn algorithm(number: i64) -> Header {
    let known = Algorithm::from_i64(number).expect("an algorithm");
    HeaderBuilder::new().algorithm(known).build()
}

/// A protected header that whoever does not know this has to refuse. RFC 9052 §3.1
pub fn critical(name: &str) -> Header {
    let mut header = algorithm(Algorithm::ES256.to_i64());
    header
        .crit
        .push(coset::RegisteredLabelWithPrivate::Text(name.to_owned()));
    header
}

/// An unprotected header with this `x5chain`.
pub fn x5chain(value: Value) -> Header {
    HeaderBuilder::new().value(33, value).build()
}

/// An unprotected header with the address of certificates. RFC 9360 §2
pub fn x5u(address: &str) -> Header {
    let address = Value::Tag(32, Box::new(address.into()));
    HeaderBuilder::new().value(35, address).build()
}

/// A COSE_Sign1; over `detached` where it has no payload.
fn sign1(
    protected: &Header,
    unprotected: &Header,
    payload: Option<Vec<u8>>,
    detached: &[u8],
    key: &PrivateJwk,
) -> Value {
    let sign = |bytes: &[u8]| signer(key).sign(bytes).expect("a part of a response");
    let builder = CoseSign1Builder::new()
        .protected(protected.clone())
        .unprotected(unprotected.clone());
    let builder = match payload {
        Some(payload) => builder.payload(payload).create_signature(&[], sign),
        None => builder.create_detached_signature(detached, &[], sign),
    };
    builder.build().to_cbor_value().expect("a part of a response")
}

fn items(issuer_signed: &Value) -> Items {
    let name_spaces = member(issuer_signed, "nameSpaces")
        .as_map()
        .expect("a part of a response")
        .iter();
    name_spaces
        .map(|(name, items)| {
            let items = items.as_array().expect("a part of a response").iter();
            let items = items.map(|item| read(&inside(item))).collect();
            (name.as_text().expect("a part of a response").to_owned(), items)
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

/// Its encoding, keys of maps in their order.
pub fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("a part of a response");
    bytes
}

/// Bytes that are an item, in tag 24.
pub fn tagged(bytes: Vec<u8>) -> Value {
    Value::Tag(24, Box::new(bytes.into()))
}

/// The bytes inside tag 24.
pub fn inside(value: &Value) -> Vec<u8> {
    let Value::Tag(24, inside) = value else {
        panic!("not an encoded item")
    };
    inside.as_bytes().expect("a part of a response").clone()
}

/// A map with these members.
pub fn map(members: Vec<(&str, Value)>) -> Value {
    Value::Map(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// A member of a map.
pub fn member<'a>(value: &'a Value, name: &str) -> &'a Value {
    let mut members = value.as_map().expect("a part of a response").iter();
    let found = members.find(|(key, _)| key.as_text() == Some(name));
    &found.unwrap_or_else(|| panic!("no {name}")).1
}

/// Puts a member in the place of the one of that name, or adds it.
pub fn set(value: &mut Value, name: &str, member: Value) {
    remove(value, name);
    value
        .as_map_mut()
        .expect("a part of a response")
        .push((name.into(), member));
}

/// Takes a member out.
pub fn remove(value: &mut Value, name: &str) {
    value
        .as_map_mut()
        .expect("a part of a response")
        .retain(|(key, _)| key.as_text() != Some(name));
}

/// A member that is changed where it stands.
pub fn change(value: &mut Value, name: &str, edit: impl FnOnce(&mut Value)) {
    let mut changed = member(value, name).clone();
    edit(&mut changed);
    set(value, name, changed);
}
