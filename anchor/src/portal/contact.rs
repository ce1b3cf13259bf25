//! How an organisation is reached: an address of a function, never of a person. docs/registration.md §2

use serde::{Deserialize, Serialize};

/// A contact of an organisation. It goes to the ledger as a fingerprint with a salt alone.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contact {
    /// A mailbox of a function, such as `privacy@shop.example`.
    pub(crate) mail: String,
    /// A page where the organisation is reached, if there is one.
    #[serde(default)]
    pub(crate) page: String,
}

/// Why a contact is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ContactError {
    /// No mail address.
    #[error("not a mail address")]
    Mail,
    /// A mailbox that is no function's.
    #[error("the mailbox is not that of a function")]
    Person,
    /// The page is no web address.
    #[error("the page is no web address")]
    Page,
}

/// What mailboxes of functions begin with. RFC 2142, and what is usual in our languages.
const FUNCTIONS: [&str; 40] = [
    "accueil",
    "admin",
    "amt",
    "anfrage",
    "auskunft",
    "bewohner",
    "buero",
    "cards",
    "checks",
    "compliance",
    "contact",
    "datenschutz",
    "desk",
    "dpo",
    "dsb",
    "dpd",
    "empfang",
    "help",
    "hello",
    "info",
    "it",
    "karten",
    "kontakt",
    "kundendienst",
    "legal",
    "mail",
    "mairie",
    "office",
    "post",
    "poststelle",
    "privacy",
    "rgpd",
    "secretariat",
    "security",
    "service",
    "shop",
    "stadt",
    "support",
    "team",
    "verwaltung",
];
/// Longest mail address. RFC 5321 §4.5.3.1.3
const LONGEST: usize = 254;

impl Contact {
    /// Reads what was typed.
    ///
    /// # Errors
    /// [`ContactError`]
    pub(crate) fn parse(mail: &str, page: &str) -> Result<Self, ContactError> {
        let mail = mail.trim().to_ascii_lowercase();
        let (mailbox, host) = mail.split_once('@').ok_or(ContactError::Mail)?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._+".contains(&byte);
        let is_host = host.contains('.')
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
        if mail.len() > LONGEST || mailbox.is_empty() || !mailbox.bytes().all(allowed) || !is_host {
            return Err(ContactError::Mail);
        }
        if !is_function(mailbox) {
            return Err(ContactError::Person);
        }
        let page = page.trim();
        if !page.is_empty() && !super::content::is_web_address(page) {
            return Err(ContactError::Page);
        }
        Ok(Self {
            mail,
            page: page.to_owned(),
        })
    }
}

/// `privacy`, `privacy-team`, `info+cards`, `info-2`: every word says a function, or is a number. A name after one is a
/// person's all the same.
fn is_function(mailbox: &str) -> bool {
    let mut words = mailbox.split(['-', '.', '_', '+']);
    let first = words.next().unwrap_or_default();
    let is_known = |word: &str| FUNCTIONS.contains(&word.trim_end_matches(|c: char| c.is_ascii_digit()));
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    is_known(first) && words.all(|word| is_known(word) || is_number(word))
}

/// A contact is for the registrar's eyes.
impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contact(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("privacy@shop.example", "" => Ok(()); "a function")]
    #[test_case(" Info2@Shop.example ", "https://shop.example/contact" => Ok(()); "with a page")]
    #[test_case("datenschutz-team@amt.example", "" => Ok(()); "a function of a team")]
    #[test_case("erika.muster@shop.example", "" => Err(ContactError::Person); "a person")]
    #[test_case("info.john.smith@shop.example", "" => Err(ContactError::Person); "a person after a function")]
    #[test_case("info-2+cards@shop.example", "" => Ok(()); "functions and a number")]
    #[test_case("em@shop.example", "" => Err(ContactError::Person); "initials")]
    #[test_case("shop.example", "" => Err(ContactError::Mail); "no mailbox")]
    #[test_case("info@localhost", "" => Err(ContactError::Mail); "no host")]
    #[test_case("info@shop.example", "javascript:alert(1)" => Err(ContactError::Page); "a script")]
    fn contacts(mail: &str, page: &str) -> Result<(), ContactError> {
        Contact::parse(mail, page).map(drop)
    }
}
