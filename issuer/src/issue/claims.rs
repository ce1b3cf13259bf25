//! From a row of the register to the claims of a card.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use crate::register::Person;

/// Ages of which a card says whether they are reached.
pub(super) const AGES: [i16; 4] = [16, 18, 21, 65];

/// The register does not hold what this kind of card needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the register holds nothing for this kind of card")]
pub struct NotInRegister;

/// The claims of a card of a type about a person, as of today.
pub fn claims(credential_type: &str, person: &Person, today: Date) -> Result<Map<String, Value>, NotInRegister> {
    let claims = match credential_type {
        "person-identification" => Some(person_identification(person, today)),
        "residence" => residence(person),
        "driving-licence" => driving_licence(person, today),
        "business-representative" => business_representative(person),
        "business-registration" => business_registration(person),
        "student-card" => student_card(person, today),
        _ => None,
    };
    match claims {
        Some(Value::Object(claims)) => Ok(claims),
        _ => Err(NotInRegister),
    }
}

fn person_identification(person: &Person, today: Date) -> Value {
    let mut claims = json!({
        "given_name": person.given_name,
        "family_name": person.family_name,
        "birth_date": person.birth_date.to_string(),
        "place_of_birth": person.place_of_birth,
        "nationality": person.nationality,
        "personal_number": person.personal_number,
        "sex": person.sex,
    });
    for age in AGES {
        claims[format!("age_over_{age}")] = is_of_age(person.birth_date, age, today).into();
    }
    with_portrait(claims, person)
}

fn residence(person: &Person) -> Option<Value> {
    let residence = person.residence.as_ref()?;
    Some(json!({
        "street_address": residence.street_address,
        "postal_code": residence.postal_code,
        "locality": residence.locality,
        "region": residence.region,
        "country": residence.country,
        "resident_since": residence.resident_since.to_string(),
        // Where is what the card is for; that somebody does is all that most need to know.
        "resident": true,
    }))
}

/// A licence that has run out is none. Until it does, `expiry_date` tells; `exp` is the same for all cards of a day,
/// because a date of one's own would mark one's copies.
fn driving_licence(person: &Person, today: Date) -> Option<Value> {
    let licence = person.driving_licence.as_ref()?;
    if licence.expiry_date < today {
        return None;
    }
    let claims = json!({
        "given_name": person.given_name,
        "family_name": person.family_name,
        "birth_date": person.birth_date.to_string(),
        "licence_number": licence.licence_number,
        "categories": licence.categories,
        "category_b": licence.categories.iter().any(|category| category == "B"),
        "issue_date": licence.issue_date.to_string(),
        "expiry_date": licence.expiry_date.to_string(),
    });
    Some(with_portrait(claims, person))
}

fn business_representative(person: &Person) -> Option<Value> {
    let business = person.business.as_ref()?;
    Some(json!({
        "organisation_name": business.organisation_name,
        "organisation_number": business.organisation_number,
        "role": business.role,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "valid_powers": business.valid_powers,
    }))
}

fn business_registration(person: &Person) -> Option<Value> {
    let (business, registration) = (person.business.as_ref()?, person.registration.as_ref()?);
    Some(json!({
        "organisation_name": business.organisation_name,
        "organisation_number": business.organisation_number,
        "legal_form": registration.legal_form,
        "registered_office": registration.registered_office,
        "registered_on": registration.registered_on.to_string(),
    }))
}

/// Who is enrolled no longer has none.
fn student_card(person: &Person, today: Date) -> Option<Value> {
    let student = person.student.as_ref()?;
    if student.enrolled_until < today {
        return None;
    }
    Some(json!({
        "given_name": person.given_name,
        "family_name": person.family_name,
        "institution_name": student.institution_name,
        "student_number": student.student_number,
        "enrolled_until": student.enrolled_until.to_string(),
    }))
}

fn with_portrait(mut claims: Value, person: &Person) -> Value {
    if let Some(portrait) = &person.portrait {
        claims["portrait"] = format!("data:image/png;base64,{portrait}").into();
    }
    claims
}

/// Whether the birthday of this age has come. Someone born on 29 February has it on 1 March of other years.
pub(super) fn is_of_age(birth: Date, age: i16, today: Date) -> bool {
    let reached = (birth.year().saturating_add(age), birth.month(), birth.day());
    (today.year(), today.month(), today.day()) >= reached
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use test_case::test_case;

    use super::*;
    use crate::register::tests::person;

    #[test_case(date(2008, 11, 20), date(2026, 11, 19) => false ; "the day before")]
    #[test_case(date(2008, 11, 20), date(2026, 11, 20) => true ; "on the birthday")]
    #[test_case(date(2008, 2, 29), date(2026, 2, 28) => false ; "born on a leap day, in February")]
    #[test_case(date(2008, 2, 29), date(2026, 3, 1) => true ; "born on a leap day, in March")]
    fn of_age_at_18(birth: Date, today: Date) -> bool {
        is_of_age(birth, 18, today)
    }

    #[test]
    fn ages_are_computed_from_the_birth_date() {
        let mut person = person("1");
        person.birth_date = date(2005, 1, 1);
        let claims = claims("person-identification", &person, date(2026, 1, 1)).unwrap();
        let ages = AGES.map(|age| claims[&format!("age_over_{age}")] == Value::Bool(true));
        assert_eq!(ages, [true, true, true, false]);
    }

    #[test_case(&["AM", "B"] => true ; "among others")]
    #[test_case(&["BE", "C"] => false ; "another that begins so")]
    #[test_case(&[] => false ; "none")]
    fn a_licence_says_whether_it_is_good_for_cars(categories: &[&str]) -> bool {
        let mut person = person("1");
        let licence = person.driving_licence.as_mut().unwrap();
        licence.categories = categories.iter().map(|category| (*category).to_owned()).collect();
        claims("driving-licence", &person, date(2020, 1, 1)).unwrap()["category_b"] == Value::Bool(true)
    }

    #[test]
    fn who_has_a_residence_lives_here() {
        let claims = claims("residence", &person("1"), date(2026, 1, 1)).unwrap();
        assert_eq!(claims["resident"], Value::Bool(true));
    }

    #[test]
    fn a_licence_that_has_run_out_is_not_issued() {
        let mut person = person("1");
        let licence = person.driving_licence.as_mut().unwrap();
        licence.expiry_date = date(2026, 1, 1);
        assert!(claims("driving-licence", &person, date(2026, 1, 1)).is_ok());
        assert_eq!(claims("driving-licence", &person, date(2026, 1, 2)), Err(NotInRegister));
    }

    #[test]
    fn who_is_enrolled_no_longer_has_no_student_card() {
        let mut person = person("1");
        let student = person.student.as_mut().unwrap();
        student.enrolled_until = date(2026, 1, 1);
        assert!(claims("student-card", &person, date(2026, 1, 1)).is_ok());
        assert_eq!(claims("student-card", &person, date(2026, 1, 2)), Err(NotInRegister));
    }

    #[test]
    fn a_card_needs_its_part_of_the_register() {
        let mut person = person("1");
        person.driving_licence = None;
        assert_eq!(claims("driving-licence", &person, date(2026, 1, 1)), Err(NotInRegister));
        assert!(claims("residence", &person, date(2026, 1, 1)).is_ok());
        assert_eq!(claims("library-card", &person, date(2026, 1, 1)), Err(NotInRegister));
    }
}
