//! What one card is called in several formats: its type, and each of its claims.

use crate::{CARD_TYPES, CardType, IN_FORMATS, InFormat};

/// A card type that is built in, by its name in any format.
fn card_type(type_name: &str) -> Option<&'static CardType> {
    let vct = own_type(type_name);
    CARD_TYPES.iter().find(|card| card.vct == vct)
}

/// What a type is called in SD-JWT VC, whatever it is called in its own format. A type that is not built in has one
/// name.
#[must_use]
pub fn own_type(type_name: &str) -> &str {
    InFormat::named(type_name).and_then(InFormat::vct).unwrap_or(type_name)
}

/// A claim of a type, by its path with dots, and after it what it is called where the same card is in another format.
#[must_use]
pub fn claim_in_every_format(type_name: &str, claim: &str) -> Vec<(String, String)> {
    let mut all = vec![(type_name.to_owned(), claim.to_owned())];
    let Some(card) = card_type(type_name) else { return all };
    let own = own_claim(type_name, claim).or_else(|| (type_name == card.vct).then(|| claim.to_owned()));
    let Some(own) = own else { return all };
    let mut others = vec![(card.vct.to_owned(), own.clone())];
    for form in IN_FORMATS.iter().filter(|form| form.card == card.name) {
        let placed = form.claims.iter().find_map(|place| {
            let rest = after(&own, place.claim)?;
            Some(format!("{}.{}{rest}", place.inside, place.name))
        });
        let said = form
            .added
            .iter()
            .filter(|added| added.says.is_some_and(|claim| after(&own, claim).is_some()));
        let said = said.map(|added| format!("{}.{}", added.inside, added.name));
        others.extend(
            placed
                .into_iter()
                .chain(said)
                .map(|claim| (form.type_name.to_owned(), claim)),
        );
    }
    for other in others {
        if !all.contains(&other) {
            all.push(other);
        }
    }
    all
}

/// What the card type calls a claim that stands somewhere in another format.
fn own_claim(type_name: &str, claim: &str) -> Option<String> {
    let mut forms = IN_FORMATS.iter().filter(|form| form.type_name == type_name);
    let rest = |inside: &str, name: &str| after(claim.strip_prefix(inside)?.strip_prefix('.')?, name);
    forms.find_map(|form| {
        let mut places = form.claims.iter();
        let placed = places.find_map(|place| Some(format!("{}{}", place.claim, rest(place.inside, place.name)?)));
        let mut added = form.added.iter();
        placed.or_else(|| added.find_map(|added| rest(added.inside, added.name).and(added.says).map(str::to_owned)))
    })
}

/// What follows a name: nothing, or what is inside of it.
fn after<'t>(path: &'t str, name: &str) -> Option<&'t str> {
    let rest = path.strip_prefix(name)?;
    (rest.is_empty() || rest.starts_with('.')).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LICENCE: &str = "urn:holdfast:vct:driving-licence:1";
    const MDL: &str = "org.iso.18013.5.1.mDL";
    const STUDENT: &str = "urn:holdfast:vct:student-card:1";

    #[test]
    fn a_type_has_one_own_name() {
        assert_eq!(own_type(MDL), LICENCE);
        assert_eq!(own_type(LICENCE), LICENCE);
        assert_eq!(own_type("org.example.1"), "org.example.1");
    }

    #[test]
    fn a_claim_is_known_by_each_of_its_names() {
        let names = |type_name: &str, claim: &str| claim_in_every_format(type_name, claim);
        let pair = |type_name: &str, claim: &str| (type_name.to_owned(), claim.to_owned());
        let own = pair(LICENCE, "licence_number");
        let iso = pair(MDL, "org.iso.18013.5.1.document_number");
        assert_eq!(names(LICENCE, "licence_number"), [own.clone(), iso.clone()]);
        assert_eq!(names(MDL, "org.iso.18013.5.1.document_number"), [iso, own]);
        let number = pair(STUDENT, "student_number");
        let of_subject = pair(STUDENT, "credentialSubject.student_number");
        assert_eq!(names(STUDENT, "student_number"), [number.clone(), of_subject.clone()]);
        assert_eq!(names(STUDENT, "credentialSubject.student_number"), [of_subject, number]);
    }

    #[test]
    fn what_says_the_same_in_other_words_is_the_same() {
        let privileges = (MDL.to_owned(), "org.iso.18013.5.1.driving_privileges".to_owned());
        assert!(claim_in_every_format(LICENCE, "categories").contains(&privileges));
        let categories = (LICENCE.to_owned(), "categories".to_owned());
        assert!(claim_in_every_format(MDL, &privileges.1).contains(&categories));
    }

    #[test]
    fn what_stands_in_one_format_alone_or_is_not_built_in_has_one_name() {
        assert_eq!(claim_in_every_format("org.example.1", "a.b").len(), 1);
        let country = "org.iso.18013.5.1.issuing_country";
        assert_eq!(
            claim_in_every_format(MDL, country),
            [(MDL.to_owned(), country.to_owned())]
        );
    }

    #[test]
    fn a_part_of_a_claim_keeps_its_path() {
        let names = claim_in_every_format("urn:holdfast:vct:person-identification:1", "place_of_birth.locality");
        assert_eq!(names[1].1, "eu.europa.ec.eudi.pid.1.place_of_birth.locality");
    }
}
