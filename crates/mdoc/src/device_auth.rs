use cbor::{Value, Writer};
use jose::{Budget, VerifyingKey, Work};

use crate::cose::Sign1;
use crate::members::{ENCODED, Members};
use crate::{FormError, MdocClaims, PresentationError, SessionTranscript, Sign1Error};

/// Why a device did not authenticate itself. ISO/IEC 18013-5 §9.1.3
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceAuthError {
    /// `deviceMac` came, which only somebody proves anything to who took part in a key agreement. §9.1.3.5
    #[error("the device authenticated itself by a MAC")]
    Mac,
    /// The device says something itself, for which nobody vouches. §8.3.2.1.2.2
    #[error("there are elements that the device signed")]
    DeviceSignedElements,
    /// `deviceSignature` is malformed, of another key, or for another transcript. §9.1.3.6
    #[error("deviceSignature: {0}")]
    Signature(#[from] Sign1Error),
}

/// `DeviceNameSpaces` without any. §8.3.2.1.2.2
const NO_NAME_SPACES: [u8; 1] = [0xa0];

/// Reads `DeviceSigned`, of which only the signature is left. §8.3.2.1.2.2
pub(crate) fn read(value: Value, budget: &mut Budget) -> Result<Sign1, PresentationError> {
    let mut members = Members::of(value, "deviceSigned")?;
    if members.encoded("nameSpaces")? != NO_NAME_SPACES {
        return Err(DeviceAuthError::DeviceSignedElements.into());
    }
    let mut auth = Members::of(members.need("deviceAuth")?, "deviceAuth")?;
    if auth.take("deviceMac").is_some() {
        return Err(DeviceAuthError::Mac.into());
    }
    let signature = auth
        .take("deviceSignature")
        .ok_or(FormError::Missing("deviceSignature"))?;
    let signature = Sign1::read(signature, budget).map_err(DeviceAuthError::Signature)?;
    match signature.payload() {
        None => Ok(signature),
        Some(_) => Err(DeviceAuthError::Signature(Sign1Error::Payload).into()),
    }
}

/// Writes `DeviceSigned`.
pub(crate) fn write(writer: &mut Writer, signature: &Sign1) {
    writer.map(2);
    writer.text("deviceAuth").map(1);
    writer.text("deviceSignature").raw(signature.encoded());
    writer.text("nameSpaces").tag(ENCODED).bytes(&NO_NAME_SPACES);
}

/// `DeviceAuthenticationBytes`, the detached payload. §9.1.3.4
pub(crate) fn authentication(transcript: &SessionTranscript, doc_type: &str) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(4).text("DeviceAuthentication");
    writer.raw(transcript.as_bytes()).text(doc_type);
    writer.tag(ENCODED).bytes(&NO_NAME_SPACES);
    let content = writer.into_bytes();
    let mut writer = Writer::new();
    writer.tag(ENCODED).bytes(&content);
    writer.into_bytes()
}

/// The key that the issuer named has to have signed for this transcript. §9.1.3.6
pub(crate) fn verify(
    signature: &Sign1,
    claims: &MdocClaims,
    transcript: &SessionTranscript,
    budget: &mut Budget,
) -> Result<(), PresentationError> {
    let key = VerifyingKey::new(claims.device_key()).map_err(|_| crate::MdocError::DeviceKey)?;
    budget.spend(Work::Signatures, 1)?;
    let payload = authentication(transcript, claims.doc_type());
    let verified = signature.verify(&payload, &key);
    Ok(verified.map_err(DeviceAuthError::Signature)?)
}
