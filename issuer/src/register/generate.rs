//! People who do not exist, for trying things out. Each is marked: id and personal number begin with `SYN`.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;
use jiff::{Span, ToSpan};

use super::portrait::Faces;
use super::row::Row;

const GIVEN: [&str; 24] = [
    "Ada", "Aylin", "Bruno", "Chloé", "David", "Elif", "Emil", "Fatou", "Greta", "Hugo", "Ines", "Jonas", "Karim",
    "Léa", "Mara", "Nils", "Olga", "Paul", "Rosa", "Samuel", "Theo", "Ute", "Vera", "Yusuf",
];
const FAMILY: [&str; 24] = [
    "Adler", "Becker", "Böhm", "Conrad", "Dubois", "Egger", "Fischer", "Girard", "Huber", "Ivanova", "Jung", "Keller",
    "Lambert", "Meier", "Novak", "Oswald", "Petit", "Richter", "Schäfer", "Tanner", "Ulrich", "Vogel", "Weber",
    "Zidane",
];
const TOWNS: [(&str, &str, &str); 8] = [
    ("10115", "Neustadt am See", "Nordmark"),
    ("20457", "Hafenstein", "Küstenland"),
    ("30159", "Altenfels", "Mittelmark"),
    ("50667", "Rheinau", "Westfeld"),
    ("60311", "Bornheim", "Mainland"),
    ("70173", "Talbrück", "Südmark"),
    ("80331", "Bergen", "Oberland"),
    ("01067", "Elbtal", "Ostmark"),
];
const STREETS: [&str; 8] = [
    "Lindenweg",
    "Hauptstraße",
    "Am Markt",
    "Gartenweg",
    "Rue du Lac",
    "Bahnhofstraße",
    "Mühlgasse",
    "Seeufer",
];
const COUNTRIES: [&str; 4] = ["DE", "FR", "AT", "CH"];
const ROLES: [(&str, &str); 3] = [
    ("director", "sign;represent"),
    ("authorised signatory", "sign"),
    ("board member", "represent;vote"),
];

/// Why no people were written.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// A portrait could not be drawn.
    #[error("a portrait cannot be drawn")]
    Portrait(#[from] png::EncodingError),
    /// The file cannot be written.
    #[error("the file cannot be written")]
    Csv(#[from] csv::Error),
    /// The end of the file cannot be written.
    #[error("the file cannot be written")]
    Io(#[from] std::io::Error),
}

/// Writes so many people as CSV. The same seed and day give the same people.
pub fn generate_people(
    count: u64,
    seed: u64,
    today: Date,
    out: impl Write,
    mut progress: impl FnMut(u64),
) -> Result<(), GenerateError> {
    let faces = Faces::draw()?;
    let mut writer = csv::Writer::from_writer(out);
    for number in 1..=count {
        let mut row = row(seed, number, today);
        row.portrait = STANDARD.encode(faces.of(Dice::new(seed, number).next()));
        writer.serialize(row)?;
        progress(number);
    }
    writer.flush()?;
    Ok(())
}

/// One person, without the portrait.
pub(super) fn row(seed: u64, number: u64, today: Date) -> Row {
    let mut dice = Dice::new(seed, number);
    let age_days = 5_000 + dice.below(26_000);
    let birth = before(today, age_days);
    let (postal_code, locality, region) = dice.pick(&TOWNS);
    let mut row = Row {
        id: format!("SYN-{number:06}"),
        given_name: dice.pick(&GIVEN).to_owned(),
        family_name: dice.pick(&FAMILY).to_owned(),
        birth_date: birth.to_string(),
        place_of_birth: dice.pick(&TOWNS).1.to_owned(),
        nationality: dice.pick(&COUNTRIES).to_owned(),
        personal_number: format!("SYN{:08}{:02}", number, dice.below(100)),
        sex: dice.pick(&["female", "male", "diverse"]).to_owned(),
        street_address: format!("{} {}", dice.pick(&STREETS), 1 + dice.below(120)),
        postal_code: postal_code.to_owned(),
        locality: locality.to_owned(),
        region: region.to_owned(),
        country: "DE".to_owned(),
        resident_since: before(today, dice.below(age_days)).to_string(),
        ..Row::default()
    };
    // Of adults, most drive and few act for an organisation; the first three people have every card.
    let adult = age_days > 18 * 366;
    if number <= 3 || (adult && dice.below(10) < 7) {
        let issued = before(today, dice.below(age_days - 4_900));
        row.licence_number = format!("SYN{:07}", dice.below(10_000_000));
        row.categories = dice.pick(&["B", "AM;B", "A;B", "B;BE"]).to_owned();
        row.issue_date = issued.to_string();
        // Renewed every fifteen years, so that it is good today.
        let mut expiry = issued.saturating_add(15.years());
        while expiry <= today {
            expiry = expiry.saturating_add(15.years());
        }
        row.expiry_date = expiry.to_string();
    }
    if number <= 3 || (adult && dice.below(20) == 0) {
        let (role, powers) = dice.pick(&ROLES);
        row.organisation_name = format!("{} Werke (synthetic)", row.family_name);
        row.organisation_number = format!("SYN-HRB-{:05}", dice.below(100_000));
        row.role = role.to_owned();
        row.valid_powers = powers.to_owned();
        row.legal_form = "GmbH".to_owned();
        row.registered_office = row.locality.clone();
        row.registered_on = before(today, dice.below(9_000)).to_string();
    }
    if number <= 3 || (adult && dice.below(15) == 0) {
        row.institution_name = format!("{} (synthetic)", dice.pick(&UNIVERSITIES));
        row.student_number = format!("SYN-{:07}", dice.below(10_000_000));
        row.enrolled_until = today.saturating_add(Span::new().days(SEMESTER)).to_string();
    }
    row
}

/// Days for which students are enrolled.
const SEMESTER: i64 = 180;
const UNIVERSITIES: [&str; 3] = ["Universität Nord", "Technische Hochschule", "Kunsthochschule"];

fn before(today: Date, days: u64) -> Date {
    today.saturating_sub(Span::new().days(i64::try_from(days).unwrap_or_default()))
}

/// Numbers that look random and are the same for the same seed: SplitMix64.
struct Dice(u64);

impl Dice {
    fn new(seed: u64, number: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn pick<T: Copy>(&mut self, table: &[T]) -> T {
        let index = self.below(table.len() as u64);
        table[usize::try_from(index).unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 20);

    #[test]
    fn the_same_seed_gives_the_same_people_and_each_is_valid() {
        let make = |seed| {
            let mut bytes = Vec::new();
            generate_people(300, seed, TODAY, &mut bytes, |_| ()).unwrap();
            bytes
        };
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
        let mut reader = csv::Reader::from_reader(std::io::Cursor::new(make(1)));
        let mut people = 0;
        for row in reader.deserialize::<Row>() {
            let person = row.unwrap().person(TODAY).unwrap();
            assert!(person.id.starts_with("SYN-") && person.personal_number.starts_with("SYN"));
            assert!(person.portrait.is_some());
            people += 1;
        }
        assert_eq!(people, 300);
    }

    #[test]
    fn the_first_three_people_have_every_card() {
        for number in 1..=3 {
            let person = row(9, number, TODAY).person(TODAY).unwrap();
            assert!(person.residence.is_some() && person.driving_licence.is_some() && person.business.is_some());
            assert!(person.registration.is_some() && person.student.is_some());
        }
    }
}
