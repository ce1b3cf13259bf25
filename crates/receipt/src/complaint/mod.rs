//! Over-asking, as a file that anybody checks without a network. docs/receipts.md §6
//!
//! ```text
//! complaint = [ 1, request tstr, after bstr, hash bstr32 ]
//! ```
//!
//! The request is as the wallet received it. The proof of what the business could ask *before* is
//! the bundle in it, which the business signed with the request; the proof *after* is a later bundle
//! of the same business. Where both name the same newest entry about its scope, nothing was changed
//! between.

mod verify;

pub use verify::{ComplaintError, VerifiedComplaint};

use cbor::{Reader, Writer};
use sha2::{Digest, Sha256};

const VERSION: u64 = 1;
const CONTEXT: &str = "holdfast/complaint/v1";
/// Longest file in bytes: a request of 256 KiB, a bundle of 1 MiB, and what is around them.
const COMPLAINT_CAP: usize = 1_400 * 1024;

/// A complaint about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The signed request object, as it was received.
    pub request: String,
    /// A bundle of the same business that was confirmed after the request was made.
    pub after: Vec<u8>,
}

/// A complaint as it came; nothing checked but its form and that it is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedComplaint(Complaint);

impl Complaint {
    /// The file. Who reads it can recognise the visit: the request is of one session.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(4).uint(VERSION).text(&self.request).bytes(&self.after);
        writer.bytes(&self.hash());
        writer.into_bytes()
    }

    fn hash(&self) -> [u8; 32] {
        let mut writer = Writer::new();
        writer.array(3).text(CONTEXT).text(&self.request).bytes(&self.after);
        Sha256::digest(writer.into_bytes()).into()
    }
}

impl UnverifiedComplaint {
    /// Reads a file. Its bytes are the only encoding of it.
    ///
    /// # Errors
    /// [`ComplaintError::TooLong`], [`ComplaintError::Cbor`], [`ComplaintError::Damaged`]
    pub fn parse(bytes: &[u8]) -> Result<Self, ComplaintError> {
        if bytes.len() > COMPLAINT_CAP {
            return Err(ComplaintError::TooLong);
        }
        cbor::decode(bytes, |reader: &mut Reader<'_>| {
            reader.array_of(4)?;
            reader.uint_of(VERSION)?;
            let complaint = Complaint {
                request: reader.text()?.to_owned(),
                after: reader.bytes()?.to_vec(),
            };
            // Bytes that prove nothing, such as a cosignature that is not needed, must not change either.
            if reader.bytes_of::<32>()? != complaint.hash() {
                return Err(ComplaintError::Damaged);
            }
            Ok(Self(complaint))
        })
    }
}
