//! A person in the register.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What the register knows of a person. Ages are not stored: they are computed when a card is issued.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The register's own id, the `subject` of offers.
    pub id: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Date of birth.
    pub birth_date: Date,
    /// Place of birth.
    pub place_of_birth: String,
    /// ISO 3166-1 alpha-2 code.
    pub nationality: String,
    /// Personal number.
    pub personal_number: String,
    /// Sex, as the register writes it.
    pub sex: String,
    /// A small PNG, base64.
    pub portrait: Option<String>,
    /// Where the person lives.
    pub residence: Option<Residence>,
    /// What the person may drive.
    pub driving_licence: Option<DrivingLicence>,
    /// For whom the person may act.
    pub business: Option<Business>,
    /// How that is registered.
    #[serde(default)]
    pub registration: Option<Registration>,
    /// Where the person studies.
    #[serde(default)]
    pub student: Option<Student>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(…)")
    }
}

/// An address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Residence {
    /// Street and number.
    pub street_address: String,
    /// Postal code.
    pub postal_code: String,
    /// Town.
    pub locality: String,
    /// Region.
    pub region: String,
    /// ISO 3166-1 alpha-2 code.
    pub country: String,
    /// Since when.
    pub resident_since: Date,
}

/// A licence to drive.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrivingLicence {
    /// The licence's number.
    pub licence_number: String,
    /// Vehicle categories.
    pub categories: Vec<String>,
    /// First day.
    pub issue_date: Date,
    /// Last day.
    pub expiry_date: Date,
}

/// The right to act for an organisation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Business {
    /// The organisation's name.
    pub organisation_name: String,
    /// Its number in the business register.
    pub organisation_number: String,
    /// The person's role.
    pub role: String,
    /// What the person may do.
    pub valid_powers: Vec<String>,
}

/// How an organisation is registered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Its legal form.
    pub legal_form: String,
    /// Where it has its seat.
    pub registered_office: String,
    /// Since when.
    pub registered_on: Date,
}

/// A student of a university.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Student {
    /// The university.
    pub institution_name: String,
    /// The student's number there.
    pub student_number: String,
    /// The last day for which they are enrolled.
    pub enrolled_until: Date,
}
