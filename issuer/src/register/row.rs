//! A row of `people.csv`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::person::{Business, DrivingLicence, Person, Registration, Residence, Student};

/// Largest portrait in bytes.
pub const PORTRAIT_LIMIT: usize = 1228;
/// Largest width and height of a portrait.
const PORTRAIT_SIDE: u32 = 256;
/// Longest text of a cell, in characters.
const TEXT_LIMIT: usize = 200;

/// The columns of `people.csv`. Lists are separated by `;`, dates are `YYYY-MM-DD`. The cells of residence, driving
/// licence, business, its registration and studies are filled all or not at all; the columns of the last two may be
/// missing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "columns, named after the claims they become")]
pub struct Row {
    pub id: String,
    pub given_name: String,
    pub family_name: String,
    pub birth_date: String,
    pub place_of_birth: String,
    pub nationality: String,
    pub personal_number: String,
    pub sex: String,
    pub portrait: String,
    pub street_address: String,
    pub postal_code: String,
    pub locality: String,
    pub region: String,
    pub country: String,
    pub resident_since: String,
    pub licence_number: String,
    pub categories: String,
    pub issue_date: String,
    pub expiry_date: String,
    pub organisation_name: String,
    pub organisation_number: String,
    pub role: String,
    pub valid_powers: String,
    #[serde(default)]
    pub legal_form: String,
    #[serde(default)]
    pub registered_office: String,
    #[serde(default)]
    pub registered_on: String,
    #[serde(default)]
    pub institution_name: String,
    #[serde(default)]
    pub student_number: String,
    #[serde(default)]
    pub enrolled_until: String,
}

/// What is wrong with a row; the cell's value is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowError {
    /// A cell that must be filled is empty.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A text is too long or has control characters.
    #[error("{0} is too long or has control characters")]
    Text(&'static str),
    /// Not a date, or a date that cannot be.
    #[error("{0} is not a date")]
    Date(&'static str),
    /// Not a country code.
    #[error("{0} is not a country code of two capital letters")]
    Country(&'static str),
    /// Not a small PNG in base64.
    #[error("portrait is not a PNG of at most {PORTRAIT_LIMIT} bytes in base64")]
    Portrait,
    /// The person was born after today.
    #[error("birth_date is in the future")]
    BornInFuture,
}

impl Row {
    /// Reads the row as a person.
    pub fn person(&self, today: Date) -> Result<Person, RowError> {
        let birth_date = date("birth_date", &self.birth_date)?;
        if birth_date > today {
            return Err(RowError::BornInFuture);
        }
        Ok(Person {
            id: text("id", &self.id)?,
            given_name: text("given_name", &self.given_name)?,
            family_name: text("family_name", &self.family_name)?,
            birth_date,
            place_of_birth: text("place_of_birth", &self.place_of_birth)?,
            nationality: country("nationality", &self.nationality)?,
            personal_number: text("personal_number", &self.personal_number)?,
            sex: text("sex", &self.sex)?,
            portrait: portrait(&self.portrait)?,
            residence: self.residence()?,
            driving_licence: self.driving_licence()?,
            business: self.business()?,
            registration: self.registration()?,
            student: self.student()?,
        })
    }

    fn residence(&self) -> Result<Option<Residence>, RowError> {
        let cells = [
            &self.street_address,
            &self.postal_code,
            &self.locality,
            &self.region,
            &self.country,
            &self.resident_since,
        ];
        if cells.iter().all(|cell| cell.is_empty()) {
            return Ok(None);
        }
        Ok(Some(Residence {
            street_address: text("street_address", &self.street_address)?,
            postal_code: text("postal_code", &self.postal_code)?,
            locality: text("locality", &self.locality)?,
            region: text("region", &self.region)?,
            country: country("country", &self.country)?,
            resident_since: date("resident_since", &self.resident_since)?,
        }))
    }

    fn driving_licence(&self) -> Result<Option<DrivingLicence>, RowError> {
        let cells = [
            &self.licence_number,
            &self.categories,
            &self.issue_date,
            &self.expiry_date,
        ];
        if cells.iter().all(|cell| cell.is_empty()) {
            return Ok(None);
        }
        Ok(Some(DrivingLicence {
            licence_number: text("licence_number", &self.licence_number)?,
            categories: list("categories", &self.categories)?,
            issue_date: date("issue_date", &self.issue_date)?,
            expiry_date: date("expiry_date", &self.expiry_date)?,
        }))
    }

    fn business(&self) -> Result<Option<Business>, RowError> {
        let cells = [
            &self.organisation_name,
            &self.organisation_number,
            &self.role,
            &self.valid_powers,
        ];
        if cells.iter().all(|cell| cell.is_empty()) {
            return Ok(None);
        }
        Ok(Some(Business {
            organisation_name: text("organisation_name", &self.organisation_name)?,
            organisation_number: text("organisation_number", &self.organisation_number)?,
            role: text("role", &self.role)?,
            valid_powers: list("valid_powers", &self.valid_powers)?,
        }))
    }

    fn registration(&self) -> Result<Option<Registration>, RowError> {
        let cells = [&self.legal_form, &self.registered_office, &self.registered_on];
        if cells.iter().all(|cell| cell.is_empty()) {
            return Ok(None);
        }
        Ok(Some(Registration {
            legal_form: text("legal_form", &self.legal_form)?,
            registered_office: text("registered_office", &self.registered_office)?,
            registered_on: date("registered_on", &self.registered_on)?,
        }))
    }

    fn student(&self) -> Result<Option<Student>, RowError> {
        let cells = [&self.institution_name, &self.student_number, &self.enrolled_until];
        if cells.iter().all(|cell| cell.is_empty()) {
            return Ok(None);
        }
        Ok(Some(Student {
            institution_name: text("institution_name", &self.institution_name)?,
            student_number: text("student_number", &self.student_number)?,
            enrolled_until: date("enrolled_until", &self.enrolled_until)?,
        }))
    }
}

fn text(column: &'static str, cell: &str) -> Result<String, RowError> {
    let cell = cell.trim();
    if cell.is_empty() {
        return Err(RowError::Empty(column));
    }
    if cell.chars().count() > TEXT_LIMIT || cell.chars().any(char::is_control) {
        return Err(RowError::Text(column));
    }
    Ok(cell.to_owned())
}

fn list(column: &'static str, cell: &str) -> Result<Vec<String>, RowError> {
    cell.split(';').map(|item| text(column, item)).collect()
}

fn date(column: &'static str, cell: &str) -> Result<Date, RowError> {
    let text = text(column, cell)?;
    let date: Date = text.parse().map_err(|_| RowError::Date(column))?;
    // Other forms of ISO 8601 parse too; the register has one form.
    if date.to_string() == text {
        Ok(date)
    } else {
        Err(RowError::Date(column))
    }
}

fn country(column: &'static str, cell: &str) -> Result<String, RowError> {
    let text = text(column, cell)?;
    let fits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if fits { Ok(text) } else { Err(RowError::Country(column)) }
}

fn portrait(cell: &str) -> Result<Option<String>, RowError> {
    if cell.is_empty() {
        return Ok(None);
    }
    if cell.len() > PORTRAIT_LIMIT.div_ceil(3) * 4 {
        return Err(RowError::Portrait);
    }
    let bytes = STANDARD.decode(cell).map_err(|_| RowError::Portrait)?;
    let reader = png::Decoder::new(std::io::Cursor::new(&bytes))
        .read_info()
        .map_err(|_| RowError::Portrait)?;
    let info = reader.info();
    if bytes.len() > PORTRAIT_LIMIT || info.width > PORTRAIT_SIDE || info.height > PORTRAIT_SIDE {
        return Err(RowError::Portrait);
    }
    Ok(Some(cell.to_owned()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use test_case::test_case;

    use super::*;
    use crate::register::generate::row;

    const TODAY: Date = date(2026, 11, 20);

    fn changed(change: impl FnOnce(&mut Row)) -> Result<Person, RowError> {
        let mut row = row(1, 1, TODAY);
        change(&mut row);
        row.person(TODAY)
    }

    #[test]
    fn parts_may_be_empty() {
        let person = changed(|row| {
            for cell in [
                &mut row.organisation_name,
                &mut row.organisation_number,
                &mut row.role,
                &mut row.valid_powers,
                &mut row.portrait,
            ] {
                cell.clear();
            }
        })
        .unwrap();
        assert!(person.business.is_none() && person.portrait.is_none());
    }

    #[test_case(|row| row.id.clear() => RowError::Empty("id") ; "no id")]
    #[test_case(|row| row.locality.clear() => RowError::Empty("locality") ; "half an address")]
    #[test_case(|row| row.student_number.clear() => RowError::Empty("student_number") ; "half a student")]
    #[test_case(|row| row.registered_on.clear() => RowError::Empty("registered_on") ; "half a registration")]
    #[test_case(|row| row.given_name = "a\u{7}".to_owned() => RowError::Text("given_name") ; "control character")]
    #[test_case(|row| row.given_name = "a".repeat(201) => RowError::Text("given_name") ; "too long")]
    #[test_case(|row| row.birth_date = "20.11.2000".to_owned() => RowError::Date("birth_date") ; "german date")]
    #[test_case(|row| row.birth_date = "20001120".to_owned() => RowError::Date("birth_date") ; "basic form")]
    #[test_case(|row| row.birth_date = "2001-02-29".to_owned() => RowError::Date("birth_date") ; "no such day")]
    #[test_case(|row| row.birth_date = "2026-11-21".to_owned() => RowError::BornInFuture ; "born tomorrow")]
    #[test_case(|row| row.nationality = "de".to_owned() => RowError::Country("nationality") ; "small letters")]
    #[test_case(|row| row.portrait = "aGVsbG8=".to_owned() => RowError::Portrait ; "no png")]
    #[test_case(|row| row.portrait = "A".repeat(2000) => RowError::Portrait ; "too large")]
    fn refused(change: fn(&mut Row)) -> RowError {
        changed(change).unwrap_err()
    }
}
