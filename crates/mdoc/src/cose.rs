//! COSE_Sign1 with ES256, and COSE_Key. RFC 9052 §4.2 and §7, RFC 9053 §2.1 and §7.1, RFC 9360 §2

use cbor::{Value, Writer};
use coset::iana::{self, EnumI64};
use coset::{
    AsCborValue, CborSerializable, CoseKey, CoseSign1, Header, HeaderBuilder, Label, ProtectedHeader, RegisteredLabel,
    RegisteredLabelWithPrivate, SignatureContext, sig_structure_data,
};
use jose::{Algorithm, Budget, PublicJwk, SignError, Signer, VerifyingKey};

use crate::Sign1Error;

/// ES256 under its two numbers: -7, and -9 where the curve is part of the name. HAIP 1.0 §7
const ES256: [iana::Algorithm; 2] = [iana::Algorithm::ES256, iana::Algorithm::ESP256];

/// A COSE_Sign1 whose headers say ES256, and its encoding.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sign1 {
    cose: CoseSign1,
    encoded: Vec<u8>,
}

impl Sign1 {
    /// Reads an untagged COSE_Sign1.
    pub(crate) fn read(value: Value, budget: &mut Budget) -> Result<Self, Sign1Error> {
        let parts = value.as_array().ok_or(Sign1Error::Form)?;
        let protected = parts.first().and_then(Value::as_bytes).ok_or(Sign1Error::Form)?;
        if !protected.is_empty() {
            cbor::decode_value(protected, budget).map_err(|_| Sign1Error::Form)?;
        }
        let cose = CoseSign1::from_cbor_value(value).map_err(|_| Sign1Error::Form)?;
        let (protected, unprotected) = (&cose.protected.header, &cose.unprotected);
        let is_es256 = |alg: &coset::Algorithm| ES256.map(RegisteredLabelWithPrivate::Assigned).contains(alg);
        if !protected.alg.as_ref().is_some_and(is_es256) || unprotected.alg.is_some() {
            return Err(Sign1Error::Algorithm);
        }
        if !protected.crit.is_empty() || !unprotected.crit.is_empty() {
            return Err(Sign1Error::Critical);
        }
        let encoded = cose.clone().to_vec().map_err(|_| Sign1Error::Form)?;
        Ok(Self { cose, encoded })
    }

    /// Signs a payload that stands in it, with this `x5chain`, and `kid` where there is one, in the unprotected header.
    pub(crate) fn attached(
        payload: Vec<u8>,
        x5chain: Vec<Vec<u8>>,
        kid: Option<&str>,
        signer: &dyn Signer,
    ) -> Result<Self, SignError> {
        let label = iana::HeaderParameter::X5Chain.to_i64();
        let header = HeaderBuilder::new().value(label, x5chain_value(x5chain));
        let header = match kid {
            Some(kid) => header.key_id(kid.as_bytes().to_vec()),
            None => header,
        };
        let cose = sign(&payload, header.build(), signer)?;
        Self::of(CoseSign1 {
            payload: Some(payload),
            ..cose
        })
    }

    /// Signs a payload that both sides know.
    pub(crate) fn detached(payload: &[u8], signer: &dyn Signer) -> Result<Self, SignError> {
        Self::of(sign(payload, Header::default(), signer)?)
    }

    fn of(cose: CoseSign1) -> Result<Self, SignError> {
        let encoded = cose.clone().to_vec().map_err(|_| SignError::Failed)?;
        Ok(Self { cose, encoded })
    }

    /// The payload, where it stands in it.
    pub(crate) fn payload(&self) -> Option<&[u8]> {
        self.cose.payload.as_deref()
    }

    /// Its encoding.
    pub(crate) fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    /// The certificates of the unprotected header, leaf first: one, or several in an array.
    pub(crate) fn x5chain(&self) -> Option<Vec<&[u8]>> {
        let label = Label::Int(iana::HeaderParameter::X5Chain.to_i64());
        let (_, value) = self.cose.unprotected.rest.iter().find(|(name, _)| *name == label)?;
        match value {
            Value::Bytes(leaf) => Some(vec![leaf.as_slice()]),
            Value::Array(chain) => chain.iter().map(|der| der.as_bytes().map(Vec::as_slice)).collect(),
            _ => None,
        }
    }

    /// `kid` of the unprotected header, where it is a text. RFC 9052 §3.1
    pub(crate) fn kid(&self) -> Option<&str> {
        let kid = &self.cose.unprotected.key_id;
        std::str::from_utf8(kid).ok().filter(|kid| !kid.is_empty())
    }

    /// Whether a header says more than who signed, and how.
    pub(crate) fn says_more(&self) -> bool {
        let (protected, unprotected) = (&self.cose.protected.header, &self.cose.unprotected);
        let names_a_chain = usize::from(self.x5chain().is_some());
        let bare = Header {
            alg: protected.alg.clone(),
            ..Header::default()
        };
        let named = Header {
            key_id: unprotected.key_id.clone(),
            rest: unprotected.rest.clone(),
            ..Header::default()
        };
        *protected != bare || *unprotected != named || unprotected.rest.len() > names_a_chain
    }

    /// Verifies the signature over this payload. RFC 9052 §4.4
    pub(crate) fn verify(&self, payload: &[u8], key: &VerifyingKey) -> Result<(), Sign1Error> {
        if key.algorithm() != Algorithm::Es256 {
            return Err(Sign1Error::Algorithm);
        }
        let signed = to_be_signed(self.cose.protected.clone(), payload);
        Ok(key.verify(&signed, &self.cose.signature)?)
    }
}

fn sign(payload: &[u8], unprotected: Header, signer: &dyn Signer) -> Result<CoseSign1, SignError> {
    if signer.algorithm() != Algorithm::Es256 {
        return Err(SignError::AlgorithmMismatch);
    }
    let protected = ProtectedHeader {
        original_data: None,
        header: HeaderBuilder::new().algorithm(iana::Algorithm::ES256).build(),
    };
    let signature = signer.sign(&to_be_signed(protected.clone(), payload))?;
    Ok(CoseSign1 {
        protected,
        unprotected,
        payload: None,
        signature,
    })
}

/// `Sig_structure` without external data. RFC 9052 §4.4
fn to_be_signed(protected: ProtectedHeader, payload: &[u8]) -> Vec<u8> {
    sig_structure_data(SignatureContext::CoseSign1, protected, None, &[], payload)
}

fn x5chain_value(mut chain: Vec<Vec<u8>>) -> Value {
    match chain.as_mut_slice() {
        [leaf] => Value::Bytes(std::mem::take(leaf)),
        _ => chain.into_iter().map(Value::Bytes).collect::<Vec<_>>().into(),
    }
}

/// Reads a P-256 key with both coordinates. RFC 9053 §7.1.1
pub(crate) fn read_key(value: Value) -> Option<PublicJwk> {
    let key = CoseKey::from_cbor_value(value).ok()?;
    let parameter = |name: iana::Ec2KeyParameter| {
        let label = Label::Int(name.to_i64());
        key.params
            .iter()
            .find(|(found, _)| *found == label)
            .map(|(_, value)| value)
    };
    let curve = Value::from(iana::EllipticCurve::P_256.to_i64());
    if key.kty != RegisteredLabel::Assigned(iana::KeyType::EC2) || parameter(iana::Ec2KeyParameter::Crv) != Some(&curve)
    {
        return None;
    }
    let coordinate = |name| parameter(name)?.as_bytes().filter(|bytes| bytes.len() == 32);
    let x = coordinate(iana::Ec2KeyParameter::X)?;
    let y = coordinate(iana::Ec2KeyParameter::Y)?;
    PublicJwk::from_p256_sec1(&[[4].as_slice(), x.as_slice(), y.as_slice()].concat()).ok()
}

/// Whether a key says what it is and nothing else: it has no name and no member of somebody's own.
pub(crate) fn is_bare_key(value: &Value) -> bool {
    let is_of_a_key = |(label, value): &(Value, Value)| match label.as_integer().map(i128::from) {
        Some(1 | -1 | -2 | -3) => true,
        // `alg`, by its number.
        Some(3) => value.is_integer(),
        _ => false,
    };
    value.as_map().is_some_and(|parts| parts.iter().all(is_of_a_key))
}

/// Writes a P-256 key; `None` for another.
pub(crate) fn write_key(writer: &mut Writer, key: &PublicJwk) -> Option<()> {
    let (x, y) = key.sec1_uncompressed()?.get(1..)?.split_at_checked(32)?;
    let number = |name: iana::Ec2KeyParameter| name.to_i64();
    writer.map(4).int(iana::KeyParameter::Kty.to_i64());
    writer.int(iana::KeyType::EC2.to_i64());
    writer.int(number(iana::Ec2KeyParameter::Crv));
    writer.int(iana::EllipticCurve::P_256.to_i64());
    writer.int(number(iana::Ec2KeyParameter::X)).bytes(x);
    writer.int(number(iana::Ec2KeyParameter::Y)).bytes(y);
    Some(())
}
