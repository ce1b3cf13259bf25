use cbor::{Value, Writer};
use jose::x5c::VerifiedCertificate;
use jose::{Budget, UnixTime, Work};
use serde_json::Map;

use crate::cose::Sign1;
use crate::issuer_signed::IssuerSigned;
use crate::members::Members;
use crate::{
    Element, FormError, IssuerTrust, MdocClaims, MdocError, PresentationError, SessionTranscript, budget, device_auth,
    element,
};

const VERSION: &str = "1.0";
/// OK. ISO/IEC 18013-5 §8.3.2.1.2.3
const STATUS: u64 = 0;

/// `DeviceResponse` with one document, as a holder sent it; nobody has verified it. §8.3.2.1.2.2
#[derive(Clone, Debug)]
pub struct UnverifiedDeviceResponse {
    doc_type: String,
    issuer: IssuerSigned,
    signature: Sign1,
    budget: Budget,
}

impl UnverifiedDeviceResponse {
    /// Takes a response apart.
    pub fn parse(bytes: &[u8]) -> Result<Self, PresentationError> {
        Self::parse_within(bytes, budget::PRESENTATION)
    }

    /// Takes a response apart; this and all that follows stays within the budget.
    pub fn parse_within(bytes: &[u8], mut budget: Budget) -> Result<Self, PresentationError> {
        budget.spend(Work::Bytes, bytes.len())?;
        let mut members = Members::of(cbor::decode_value(bytes, &mut budget)?, "DeviceResponse")?;
        if members.text("version")? != VERSION {
            return Err(PresentationError::Version);
        }
        if members.uint("status")? != STATUS {
            return Err(PresentationError::Status);
        }
        let documents = members.take("documents").unwrap_or(Value::Array(Vec::new()));
        let documents = documents.into_array().map_err(|_| FormError::Type("documents"))?;
        let [document] = <[Value; 1]>::try_from(documents).map_err(|_| PresentationError::Documents)?;
        let mut document = Members::of(document, "Document")?;
        Ok(Self {
            doc_type: document.text("docType")?,
            issuer: IssuerSigned::read(document.need("issuerSigned")?, &mut budget)?,
            signature: device_auth::read(document.need("deviceSigned")?, &mut budget)?,
            budget,
        })
    }

    /// The type that it says it is of.
    #[must_use]
    pub fn doc_type(&self) -> &str {
        &self.doc_type
    }

    /// The type that the issuer signed, unverified; it has to be [`Self::doc_type`].
    #[must_use]
    pub fn signed_doc_type(&self) -> &str {
        self.issuer.mso.claims.doc_type()
    }

    /// The certificates of its `x5chain` in DER form, unverified: for a policy to find the trusted key.
    #[must_use]
    pub fn certificates(&self) -> Vec<&[u8]> {
        self.issuer.certificates()
    }

    /// How it names the key that signed it, unverified. RFC 9052 §3.1
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.issuer.auth.kid()
    }

    /// What it shows, unverified.
    pub fn dangerous_elements(&self) -> impl Iterator<Item = Element<'_>> {
        self.issuer.elements()
    }

    /// Its only encoding: what is not understood is left out.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode(&self.doc_type, &self.issuer, &self.signature)
    }

    /// Verifies the document and that the device showed it for this transcript. §9.1.3, §9.3.1
    pub fn verify(
        self,
        trust: IssuerTrust<'_>,
        transcript: &SessionTranscript,
        now: UnixTime,
    ) -> Result<VerifiedMdoc, PresentationError> {
        self.verify_for(trust, Some(transcript), now)
    }

    /// Verifies the document alone: anybody may show it, and the signature of a device proves nothing. §9.3.1
    pub fn verify_without_device(
        self,
        trust: IssuerTrust<'_>,
        now: UnixTime,
    ) -> Result<VerifiedMdoc, PresentationError> {
        self.verify_for(trust, None, now)
    }

    fn verify_for(
        mut self,
        trust: IssuerTrust<'_>,
        transcript: Option<&SessionTranscript>,
        now: UnixTime,
    ) -> Result<VerifiedMdoc, PresentationError> {
        let certificate = self.issuer.verify(trust, now, &mut self.budget)?;
        let claims = &self.issuer.mso.claims;
        if self.doc_type != claims.doc_type() {
            return Err(MdocError::DocType.into());
        }
        if let Some(transcript) = transcript {
            device_auth::verify(&self.signature, claims, transcript, &mut self.budget)?;
        }
        Ok(VerifiedMdoc {
            issuer: self.issuer,
            certificate,
            budget: self.budget,
        })
    }
}

/// A document that was presented, with every check passed. Its status has not been looked up.
#[derive(Clone, Debug)]
pub struct VerifiedMdoc {
    issuer: IssuerSigned,
    certificate: Option<VerifiedCertificate>,
    budget: Budget,
}

impl VerifiedMdoc {
    /// What the issuer says about the document as a whole.
    #[must_use]
    pub fn credential(&self) -> &MdocClaims {
        &self.issuer.mso.claims
    }

    /// The elements that the holder chose to show.
    pub fn elements(&self) -> impl Iterator<Item = Element<'_>> {
        self.issuer.elements()
    }

    /// One of them.
    #[must_use]
    pub fn element(&self, namespace: &str, identifier: &str) -> Option<Element<'_>> {
        self.elements()
            .find(|element| element.namespace == namespace && element.identifier == identifier)
    }

    /// The elements as the claims that DCQL and rules select from: an object of namespaces, each an
    /// object of elements ([`Element::to_json`]).
    #[must_use]
    pub fn claims(&self) -> Map<String, serde_json::Value> {
        element::claims(self.elements(), Element::to_json)
    }

    /// The signer's certificate, where it was believed by it.
    #[must_use]
    pub fn certificate(&self) -> Option<&VerifiedCertificate> {
        self.certificate.as_ref()
    }

    /// What verifying it cost: bytes, values, hashes, signatures.
    #[must_use]
    pub fn work(&self) -> &Budget {
        &self.budget
    }
}

/// A `DeviceResponse` with one document.
pub(crate) fn encode(doc_type: &str, issuer: &IssuerSigned, signature: &Sign1) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.map(3);
    writer.text("status").uint(STATUS);
    writer.text("version").text(VERSION);
    writer.text("documents").array(1).map(3);
    writer.text("docType").text(doc_type);
    device_auth::write(writer.text("deviceSigned"), signature);
    issuer.write(writer.text("issuerSigned"));
    writer.into_bytes()
}
