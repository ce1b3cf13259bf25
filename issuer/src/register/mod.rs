//! The register of people: rows, import, finding somebody, and synthetic people for trying things out.

mod generate;
mod import;
mod person;
mod portrait;
mod query;
mod row;

pub use generate::{GenerateError, generate_people};
pub use import::{ImportError, ImportReport, Mode, RowProblem, RowReport, import};
pub use person::{Business, DrivingLicence, Person, Registration, Residence, Student};
pub use query::{Query, QueryError};
pub use row::{PORTRAIT_LIMIT, Row, RowError};

#[cfg(test)]
pub(crate) mod tests {
    use jiff::civil::date;

    use super::Person;

    /// A person who does not exist.
    pub(crate) fn person(id: &str) -> Person {
        let today = date(2026, 11, 20);
        let mut row = super::generate::row(7, 3, today);
        row.id = id.to_owned();
        row.person(today).unwrap()
    }
}
