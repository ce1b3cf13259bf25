//! What an application says, and what becomes of it on the ledger. docs/registration.md §2

use std::collections::{BTreeMap, BTreeSet};

use did::Did;
use jose::UnixTime;
use ledger::{Accreditation, AccreditedType, Channel, Hash, Localized, PayloadError, Purpose, Scope, ScopeCredential};
use serde::{Deserialize, Serialize};
use url::Url;

use super::cards::{self, Card};
use super::choices::one_or_several;
use super::formats::{registered, registered_rule};
use super::rules::{self, RuleProblem};

/// The languages of every text on the ledger that the portal writes.
pub(crate) const LANGUAGES: [&str; 3] = ["en", "de", "fr"];
/// Purposes of one application, at most.
pub(crate) const PURPOSES: usize = 12;
/// Longest registration: an access certificate lives no longer either. ETSI TS 119 475 GEN-5.2.4-08
pub(crate) const LONGEST_DAYS: u32 = 365;
/// Digits in a row, at most: a day has eight, a telephone number more.
const DIGITS: usize = 8;
const DAY: UnixTime = 86_400;

/// Who applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Applicant {
    /// A business, which wants to ask.
    Business,
    /// An agency, which wants to issue.
    Agency,
}

/// Where the business's checks run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Hosting {
    /// At the verifier that serves many.
    #[default]
    Hosted,
    /// At a verifier of its own.
    Own,
}

/// What an application says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Content {
    /// What the organisation is called.
    pub(crate) name: BTreeMap<String, String>,
    pub(crate) hosting: Hosting,
    /// The organisation's own privacy notice; empty for the portal's template.
    pub(crate) privacy: String,
    pub(crate) purposes: Vec<PurposeDraft>,
    /// For how many days it is asked.
    pub(crate) days: u32,
    /// Card types that an agency wants to issue.
    pub(crate) card_types: Vec<String>,
    /// Where it is written that the agency is competent: a law, a decision, a file number.
    pub(crate) evidence: String,
    /// The application file, for those who have keys of their own.
    pub(crate) file: String,
    /// A certificate signing request (RFC 2986), PEM, for an access certificate by the registrar.
    pub(crate) csr: String,
}

/// One purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PurposeDraft {
    /// Names it in requests and addresses; never used for another.
    pub(crate) id: String,
    /// Why, in plain words.
    pub(crate) text: BTreeMap<String, String>,
    pub(crate) channel: Channel,
    /// 0: nothing is kept.
    pub(crate) retention_days: u32,
    pub(crate) claims: Vec<ClaimDraft>,
    /// Whether cards are taken in every format in which the same can be asked; else in SD-JWT VC alone. docs/formats.md
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) every_format: bool,
    /// What turns them into yes or no, where that does not follow from what is needed. docs/rules.md §2
    #[serde(default)]
    pub(crate) rule: String,
    /// The time zone whose day is today for the rule, by its IANA name; empty for UTC. docs/rules.md §1
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) time_zone: String,
}

/// One claim that is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClaimDraft {
    pub(crate) vct: String,
    pub(crate) claim: String,
    pub(crate) is_needed: bool,
    /// Which alternatives it belongs to, where one of several is enough; never with `is_needed`.
    #[serde(
        default,
        alias = "choice",
        deserialize_with = "one_or_several",
        skip_serializing_if = "BTreeSet::is_empty"
    )]
    pub(crate) choices: BTreeSet<u8>,
}

/// What is still missing, or may not be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    Name,
    Contact,
    NoPurpose,
    PurposeText,
    NoClaim,
    /// An alternative has no other beside it.
    LoneChoice,
    /// An alternative has all of another.
    ChoiceWithin,
    Rule,
    /// A rule is larger than one may be once it is asked of every format.
    RuleInFormats,
    Privacy,
    File,
    CardTypes,
    Evidence,
    Days,
}

impl Content {
    /// What a new application says.
    pub(crate) fn new(organisation: &str) -> Self {
        Self {
            name: BTreeMap::from([("en".to_owned(), organisation.to_owned())]),
            days: LONGEST_DAYS,
            ..Self::default()
        }
    }

    /// What is missing before it can be handed in.
    pub(crate) fn gaps(&self, applicant: Applicant, has_contact: bool, cards: &[Card]) -> Vec<Gap> {
        let mut gaps = Vec::new();
        let mut missing = |is: bool, gap| {
            if is {
                gaps.push(gap);
            }
        };
        missing(localized(&self.name).is_err(), Gap::Name);
        missing(!has_contact, Gap::Contact);
        missing(!(1..=LONGEST_DAYS).contains(&self.days), Gap::Days);
        match applicant {
            Applicant::Business => {
                missing(self.purposes.is_empty(), Gap::NoPurpose);
                let texts = self.purposes.iter().any(|purpose| localized(&purpose.text).is_err());
                missing(texts, Gap::PurposeText);
                missing(self.purposes.iter().any(PurposeDraft::needs_nothing), Gap::NoClaim);
                missing(self.purposes.iter().any(PurposeDraft::has_lone_choice), Gap::LoneChoice);
                let is_within = self.purposes.iter().any(PurposeDraft::has_choice_within_another);
                missing(is_within, Gap::ChoiceWithin);
                let problem = |purpose: &PurposeDraft| registered_rule(purpose, cards).err();
                let problems: Vec<RuleProblem> = self.purposes.iter().filter_map(problem).collect();
                let is_in_formats = |problem: &RuleProblem| matches!(problem, RuleProblem::InFormats(_));
                missing(!problems.iter().all(is_in_formats), Gap::Rule);
                missing(problems.iter().any(is_in_formats), Gap::RuleInFormats);
                missing(!self.privacy.is_empty() && !is_web_address(&self.privacy), Gap::Privacy);
                missing(self.hosting == Hosting::Own && self.file.is_empty(), Gap::File);
            }
            Applicant::Agency => {
                missing(self.card_types.is_empty(), Gap::CardTypes);
                missing(self.evidence.trim().is_empty(), Gap::Evidence);
                missing(self.file.is_empty(), Gap::File);
            }
        }
        gaps
    }

    /// Whether a person has to look at it: an agency's always, a business's where it is called otherwise than it was
    /// let in, brings keys or a rule of its own, or asks, beyond what is in force, for anything that says more than yes
    /// or no. An unknown claim counts as one that does.
    pub(crate) fn needs_review(
        &self,
        (applicant, organisation): (Applicant, &str),
        in_force: Option<&Self>,
        cards: &[Card],
    ) -> bool {
        applicant == Applicant::Agency
            || self.is_named_anew(organisation, in_force)
            || self.brings_keys(in_force)
            || self.writes_rules(in_force, cards)
            || self.widens(in_force, cards)
    }

    /// Whether it comes with keys, and a host, that are not those in force. An application file proves nothing of who
    /// hands it in: its first line is public, and nobody has looked at the host.
    fn brings_keys(&self, in_force: Option<&Self>) -> bool {
        let are_kept =
            |before: &Self| before.hosting == Hosting::Own && (&before.file, &before.csr) == (&self.file, &self.csr);
        self.hosting == Hosting::Own && !in_force.is_some_and(are_kept)
    }

    /// Whether a name, or the address of its notice, is neither what the organisation was let in by nor what is in
    /// force: nobody has vouched for it, and it would stand in public.
    fn is_named_anew(&self, organisation: &str, in_force: Option<&Self>) -> bool {
        let is_vouched_for = self.name.values().all(|name| name == organisation.trim());
        let is_kept = in_force.is_some_and(|before| before.name == self.name);
        let is_elsewhere = !self.privacy.is_empty() && in_force.is_none_or(|before| before.privacy != self.privacy);
        !(is_vouched_for || is_kept) || is_elsewhere
    }

    /// Whether a rule was written that is not in force: it goes to the ledger in the registrar's name.
    fn writes_rules(&self, in_force: Option<&Self>, cards: &[Card]) -> bool {
        let before = in_force.map(|content| content.purposes.as_slice()).unwrap_or_default();
        let is_kept = |purpose: &PurposeDraft| before.iter().any(|other| other.rule == purpose.rule);
        let mut written = self.purposes.iter().filter(|purpose| rules::is_written(purpose, cards));
        written.any(|purpose| !is_kept(purpose))
    }

    fn widens(&self, in_force: Option<&Self>, cards: &[Card]) -> bool {
        let before = in_force.map(|content| content.purposes.as_slice()).unwrap_or_default();
        self.purposes.iter().any(|purpose| {
            let same = before.iter().find(|other| other.id == purpose.id);
            purpose
                .claims
                .iter()
                .filter(|claim| cards::kind(cards, &claim.vct, &claim.claim) != Some(cards::Kind::Boolean))
                .any(|claim| !same.is_some_and(|same| same.allows(purpose, claim)))
        })
    }

    /// What goes to the ledger for a business.
    ///
    /// # Errors
    /// [`PayloadError`]
    pub(crate) fn scope(&self, terms: &Terms<'_>) -> Result<Scope, PayloadError> {
        let purposes = self.purposes.iter().map(|purpose| {
            let privacy = if self.privacy.is_empty() {
                format!("{}/{}", terms.notices, purpose.id)
            } else {
                self.privacy.clone()
            };
            purpose.on_the_ledger(privacy, terms.cards)
        });
        let mut access_certificates = terms.certificates.to_vec();
        access_certificates.sort_unstable();
        access_certificates.dedup();
        Ok(Scope {
            access_certificates,
            name: localized(&self.name)?,
            purposes: purposes.collect::<Result<_, _>>()?,
            subject: terms.subject.clone(),
            valid_until: terms.valid_until,
        })
    }

    /// What goes to the ledger for an agency.
    ///
    /// # Errors
    /// [`PayloadError`]
    pub(crate) fn accreditation(&self, subject: &Did, until: UnixTime) -> Result<Accreditation, PayloadError> {
        let mut vcts = self.card_types.clone();
        vcts.sort_unstable();
        vcts.dedup();
        Ok(Accreditation {
            name: localized(&self.name)?,
            subject: subject.clone(),
            succeeds: None,
            types: vcts.into_iter().map(|vct| AccreditedType { until, vct }).collect(),
        })
    }

    /// Until when it is asked for.
    pub(crate) fn until(&self, now: UnixTime) -> UnixTime {
        now.saturating_add(UnixTime::from(self.days.min(LONGEST_DAYS)) * DAY)
    }

    /// An id that no purpose of this application has or had.
    pub(crate) fn next_purpose(&self) -> String {
        let number = |purpose: &PurposeDraft| purpose.id.rsplit('-').next()?.parse::<u32>().ok();
        let highest = self.purposes.iter().filter_map(number).max().unwrap_or_default();
        format!("check-{}", highest.saturating_add(1))
    }
}

/// What the registrar adds.
pub(crate) struct Terms<'a> {
    pub(crate) subject: &'a Did,
    pub(crate) certificates: &'a [Hash],
    pub(crate) valid_until: UnixTime,
    /// Where the portal shows privacy notices from its template, without the purpose.
    pub(crate) notices: &'a str,
    /// The card types that can be asked.
    pub(crate) cards: &'a [Card],
}

impl PurposeDraft {
    /// A check that needs nothing of a card would say yes to everybody, and what may be left out of it cannot be asked
    /// as a whole. One of several alternatives is something. OpenID4VP 1.0 §6.4.1
    fn needs_nothing(&self) -> bool {
        let needs_some = |vct: &str| self.claims.iter().any(|claim| !claim.is_optional() && claim.vct == vct);
        self.claims.is_empty() || !self.claims.iter().all(|claim| needs_some(&claim.vct))
    }

    /// Whether what is in force allows a claim as the other draft asks it: not optional where it becomes needed, not
    /// elsewhere, not in more formats, not kept longer, not for other words, not by another rule or the day of
    /// another zone, and with no other choice beside it.
    fn allows(&self, wanted: &Self, claim: &ClaimDraft) -> bool {
        let mut claims = self.claims.iter();
        let covered =
            claims.any(|own| own.vct == claim.vct && own.claim == claim.claim && (own.is_needed || !claim.is_needed));
        covered
            && (self.every_format || !wanted.every_format)
            && self.channel == wanted.channel
            && self.text == wanted.text
            && self.rule == wanted.rule
            && self.time_zone == wanted.time_zone
            && self.has_choices_of(wanted, &claim.vct)
            && wanted.retention_days <= self.retention_days
    }

    fn on_the_ledger(&self, privacy_policy: String, known: &[Card]) -> Result<Purpose, PayloadError> {
        let registered = registered(self, known).map_err(|_| PayloadError::Text("rule"))?;
        let mut cards: Vec<&str> = self.claims.iter().map(|claim| claim.vct.as_str()).collect();
        cards.sort_unstable();
        cards.dedup();
        let paths = |vct: &str, is_needed: bool| {
            let claims = self.claims.iter();
            claims
                .filter(|claim| claim.vct == vct && claim.is_needed == is_needed)
                .map(|claim| cards::path(&claim.claim))
                .collect::<Vec<_>>()
        };
        let sets = |vct: &str| -> Vec<Vec<_>> {
            let sets = self.claim_sets(vct).into_iter();
            let path = |claim: &ClaimDraft| cards::path(&claim.claim);
            sets.map(|set| set.into_iter().map(path).collect()).collect()
        };
        let credential = |vct: &str| ScopeCredential {
            claim_sets: sets(vct),
            needed: paths(vct, true),
            optional: paths(vct, false),
            vct_values: vec![vct.to_owned()],
        };
        let mut credentials: Vec<ScopeCredential> = cards.into_iter().map(credential).collect();
        let others = registered.in_other_formats(&credentials, known);
        credentials.extend(others);
        Ok(Purpose {
            channel: self.channel,
            credentials,
            id: self.id.clone(),
            privacy_policy,
            retention_days: self.retention_days,
            rule: registered.rule.map(|rule| rule.hash()),
            text: localized(&self.text)?,
        })
    }
}

/// The texts in all languages; one that is missing is the English one.
pub(crate) fn localized(texts: &BTreeMap<String, String>) -> Result<Localized, PayloadError> {
    let english = texts.get("en").cloned().unwrap_or_default();
    let text = |language: &str| {
        let own = texts.get(language).filter(|text| !text.is_empty());
        own.unwrap_or(&english).clone()
    };
    let all = LANGUAGES
        .into_iter()
        .map(|language| (language.to_owned(), text(language)));
    Localized::new(all.collect())
}

/// Whether a text looks like no address and no number of a person: it would stand on the ledger for good.
/// docs/ledger.md §4
pub(crate) fn is_impersonal(text: &str) -> bool {
    let mut groups = text.split(|c: char| !c.is_ascii_digit() && !" -.()+".contains(c));
    let is_short = |group: &str| group.chars().filter(char::is_ascii_digit).count() <= DIGITS;
    !text.contains('@') && groups.all(is_short)
}

/// https, or http to `localhost` and the names under it, without a name or password in it.
pub(crate) fn is_web_address(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let is_local = url
        .host_str()
        .is_some_and(|host| host == "localhost" || host.ends_with(".localhost"));
    let is_plain = url.username().is_empty() && url.password().is_none();
    text.len() <= 200 && is_plain && (url.scheme() == "https" || url.scheme() == "http" && is_local)
}

/// A purpose of these claims, for tests.
#[cfg(test)]
pub(super) fn drafted(claims: Vec<ClaimDraft>) -> PurposeDraft {
    PurposeDraft {
        id: "check-1".to_owned(),
        text: BTreeMap::new(),
        channel: Channel::Online,
        retention_days: 0,
        claims,
        every_format: false,
        rule: String::new(),
        time_zone: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    const PERSON: &str = "urn:holdfast:vct:person-identification:1";

    fn claim(claim: &str, is_needed: bool) -> ClaimDraft {
        ClaimDraft {
            vct: PERSON.to_owned(),
            claim: claim.to_owned(),
            is_needed,
            choices: [].into(),
        }
    }

    fn content(claims: Vec<ClaimDraft>) -> Content {
        let mut content = Content::new("Corner Shop");
        content.purposes.push(PurposeDraft {
            id: content.next_purpose(),
            text: BTreeMap::from([("en".to_owned(), "You must be 18.".to_owned())]),
            channel: Channel::Online,
            retention_days: 30,
            claims,
            every_format: false,
            rule: String::new(),
            time_zone: String::new(),
        });
        content
    }

    fn needs_review(wanted: &Content, in_force: Option<&Content>) -> bool {
        wanted.needs_review((Applicant::Business, "Corner Shop"), in_force, &cards::cards())
    }

    #[test]
    fn yes_or_no_needs_no_person_and_anything_else_does() {
        assert!(!needs_review(&content(vec![claim("age_over_18", true)]), None));
        assert!(needs_review(
            &content(vec![claim("age_over_18", true), claim("portrait", false)]),
            None
        ));
        assert!(needs_review(&content(vec![claim("nothing_known", false)]), None));
        let agency = Content::new("Agency");
        assert!(agency.needs_review((Applicant::Agency, "Agency"), None, &cards::cards()));
    }

    #[test_case(|_| () => false; "renewed as it is")]
    #[test_case(|content| content.purposes[0].claims.push(claim("age_over_21", true)) => false; "a yes or no more")]
    #[test_case(|content| content.purposes[0].claims.push(claim("birth_date", true)) => true; "a claim more")]
    #[test_case(|content| content.purposes[0].claims[0].is_needed = true => true; "needed now")]
    #[test_case(|content| content.purposes[0].retention_days = 31 => true; "kept longer")]
    #[test_case(|content| content.purposes[0].retention_days = 0 => false; "not kept any more")]
    #[test_case(|content| content.purposes[0].channel = Channel::InPerson => true; "asked elsewhere")]
    #[test_case(|content| content.purposes[0].id = "check-9".to_owned() => true; "asked for another purpose")]
    #[test_case(|content| { content.purposes[0].text.insert("en".to_owned(), "Other".to_owned()); } => true; "other words")]
    #[test_case(|content| { content.name.insert("de".to_owned(), "Finanzamt".to_owned()); } => true; "another name")]
    #[test_case(|content| content.privacy = "https://other.example/".to_owned() => true; "a notice elsewhere")]
    #[test_case(|content| content.hosting = Hosting::Own => true; "keys of its own")]
    #[test_case(|content| content.purposes[0].every_format = true => true; "in more formats")]
    #[test_case(|content| content.purposes[0].rule = "person.family_name != \"\"".to_owned() => true; "another rule")]
    #[test_case(|content| content.purposes[0].time_zone = "Pacific/Kiritimati".to_owned() => true; "the day of another zone")]
    fn what_widens_needs_a_person(change: fn(&mut Content)) -> bool {
        let in_force = content(vec![claim("family_name", false)]);
        let mut wanted = in_force.clone();
        change(&mut wanted);
        needs_review(&wanted, Some(&in_force))
    }

    #[test_case(|claims| claims[0].choices.clear() => true; "one alternative is beside the others now")]
    #[test_case(|claims| claims.push(choice("nationality", 3)) => true; "an alternative more")]
    #[test_case(|claims| claims[0].choices = [3].into() => false; "the same by another number")]
    #[test_case(|claims| { claims.remove(2); } => true; "an alternative less")]
    fn another_choice_beside_what_is_no_yes_or_no_takes_people(change: fn(&mut Vec<ClaimDraft>)) -> bool {
        let mut in_force = content(vec![
            choice("birth_date", 1),
            choice("family_name", 2),
            choice("age_over_18", 0),
        ]);
        in_force.purposes[0].rule = "!(has(person.birth_date) && has(person.family_name))".to_owned();
        let mut wanted = in_force.clone();
        change(&mut wanted.purposes[0].claims);
        assert!(needs_review(&in_force, None), "not all alternatives say yes or no");
        needs_review(&wanted, Some(&in_force))
    }

    #[test]
    fn alternatives_that_say_yes_or_no_alone_need_no_person() {
        let wanted = content(vec![choice("age_over_18", 1), choice("age_over_21", 2)]);
        assert!(!needs_review(&wanted, None));
        let beside = content(vec![choice("age_over_18", 1), choice("birth_date", 2)]);
        assert!(needs_review(&beside, None));
    }

    fn choice(name: &str, number: u8) -> ClaimDraft {
        ClaimDraft {
            choices: [number].into(),
            ..claim(name, false)
        }
    }

    /// In the first and the second alternative.
    fn both(name: &str) -> ClaimDraft {
        ClaimDraft {
            choices: [1, 2].into(),
            ..claim(name, false)
        }
    }

    /// By a rule that is longer by so many spaces than it has to be.
    fn in_every_format(content: &mut Content, spaces: usize) {
        let purpose = &mut content.purposes[0];
        purpose.every_format = true;
        purpose.rule = format!("person.age_over_18{} && true", " ".repeat(spaces));
    }

    #[test_case("person.age_over_18" => false; "the one that follows")]
    #[test_case("!person.age_over_18" => true; "one that somebody wrote")]
    fn a_rule_that_somebody_wrote_takes_people(rule: &str) -> bool {
        let mut wanted = content(vec![claim("age_over_18", true)]);
        wanted.purposes[0].rule = rule.to_owned();
        assert!(!needs_review(&wanted.clone(), Some(&wanted)), "in force");
        needs_review(&wanted, None)
    }

    #[test]
    fn a_name_that_is_in_force_stays() {
        let mut in_force = content(vec![claim("age_over_18", true)]);
        in_force.name.insert("de".to_owned(), "Eckladen".to_owned());
        in_force.privacy = "https://shop.example/notice".to_owned();
        assert!(needs_review(&in_force, None));
        assert!(!needs_review(&in_force.clone(), Some(&in_force)));
    }

    #[test_case("You must be 18 to buy this." => true; "an age")]
    #[test_case("Act of 18.06.2009" => true; "a day")]
    #[test_case("Ask j.doe@shop.example" => false; "a mail address")]
    #[test_case("Call +49 (30) 123-4567" => false; "a telephone number")]
    #[test_case("12345678, 12345678" => true; "two numbers")]
    fn impersonal(text: &str) -> bool {
        is_impersonal(text)
    }

    #[test]
    fn the_scope_is_one_the_ledger_takes() {
        let subject: Did = "did:webvh:QmX:shop.example".parse().unwrap();
        let terms = Terms {
            subject: &subject,
            certificates: &[[2; 32], [1; 32], [2; 32]],
            valid_until: 9,
            notices: "https://ledger.example/portal/privacy/b1",
            cards: &cards::cards(),
        };
        let content = content(vec![claim("age_over_18", true), claim("portrait", false)]);
        let scope = content.scope(&terms).unwrap();
        assert_eq!(Scope::parse(&scope.encode().unwrap()), Ok(scope.clone()));
        assert_eq!(scope.access_certificates, [[1; 32], [2; 32]]);
        assert_eq!(
            scope.purposes[0].privacy_policy,
            "https://ledger.example/portal/privacy/b1/check-1"
        );
        assert_eq!(scope.name.text("fr"), "Corner Shop");
        let claims = [("person.age_over_18", rule::ClaimType::Bool)];
        let rule = rule::Rule::parse("person.age_over_18", claims).unwrap();
        assert_eq!(scope.purposes[0].rule, Some(rule.hash()));
    }

    #[test]
    fn what_is_missing_is_said() {
        let mut content = Content::new("");
        content.days = 0;
        let gaps = content.gaps(Applicant::Business, false, &cards::cards());
        assert_eq!(gaps, [Gap::Name, Gap::Contact, Gap::Days, Gap::NoPurpose]);
        let gaps = Content::new("Agency").gaps(Applicant::Agency, true, &cards::cards());
        assert_eq!(gaps, [Gap::CardTypes, Gap::Evidence, Gap::File]);
    }

    #[test_case(|_| () => Vec::<Gap>::new(); "as it is")]
    #[test_case(|content| content.purposes[0].rule = "person.age_over_21".to_owned() => vec![Gap::Rule]; "a rule of what is not asked")]
    #[test_case(|content| content.purposes[0].claims.push(ClaimDraft { vct: "urn:holdfast:vct:residence:1".to_owned(),
        claim: "resident".to_owned(), is_needed: false, choices: [].into() }) => vec![Gap::NoClaim]; "a card of which nothing is needed")]
    #[test_case(|content| content.purposes[0].claims.push(choice("age_over_21", 1)) => vec![Gap::LoneChoice]; "one alternative alone")]
    #[test_case(|content| content.purposes[0].claims.extend([choice("age_over_21", 1), choice("age_over_65", 2)]) => Vec::<Gap>::new(); "one of two")]
    #[test_case(|content| content.purposes[0].claims.extend([choice("birth_date", 1), choice("age_over_65", 2)]) => vec![Gap::Rule]; "one of two from which no rule follows")]
    #[test_case(|content| content.purposes[0].claims.extend([both("age_over_16"), choice("age_over_21", 2), choice("age_over_65", 3)]) => vec![Gap::ChoiceWithin]; "all of one in another")]
    #[test_case(|content| in_every_format(content, 400) => Vec::<Gap>::new(); "a long rule in every format")]
    #[test_case(|content| in_every_format(content, 500) => vec![Gap::RuleInFormats]; "one that is too long in every format")]
    fn gaps_of_a_purpose(change: fn(&mut Content)) -> Vec<Gap> {
        let mut content = content(vec![claim("age_over_18", true)]);
        change(&mut content);
        content.gaps(Applicant::Business, true, &cards::cards())
    }

    #[test]
    fn ids_of_purposes_come_once() {
        let mut content = content(vec![]);
        assert_eq!(content.next_purpose(), "check-2");
        content.purposes[0].id = "check-7".to_owned();
        assert_eq!(content.next_purpose(), "check-8");
    }
}
