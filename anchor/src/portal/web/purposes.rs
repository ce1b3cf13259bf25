//! The purposes of a business: why it asks, what it asks, where, and how long it keeps it.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::{Path, State};
use jiff::tz::TimeZone;
use ledger::Channel;
use maud::{Markup, html};

use super::application::{own, path};
use super::content::{keep, text_fields, texts};
use super::error::{Answer, PortalError};
use super::parts::{Field, form, submit};
use super::posted::{Fields, Posted};
use super::visitor::Visitor;
use crate::pages::answer::back;
use crate::pages::plain::plain;
use crate::pages::reader::Reader;
use crate::portal::Portal;
use crate::portal::cards::{self, Card, Claim, Kind};
use crate::portal::content::{ClaimDraft, PURPOSES, PurposeDraft};
use crate::portal::formats::registered_rule;
use crate::portal::ready_made::ReadyMade;
use crate::portal::rules::{self, RuleProblem};
use crate::portal::store::Filed;

/// Longest that anything may be kept: what a business needs longer it asks anew.
const RETENTION: u32 = 3650;
/// Longest rule, in bytes. docs/rules.md §2
const RULE: usize = 1024;
/// Longest name of a time zone, in bytes.
const ZONE: usize = 64;
/// The word of the form for cards in every format.
const EVERY: &str = "every";
/// How a claim can be asked, in the words of the form, and the key of it in words for people.
const ASKED: [(&str, &str); 3] = [
    ("", "portal.purpose.not_asked"),
    ("needed", "portal.purpose.needed"),
    ("optional", "portal.purpose.optional"),
];
/// The same for the alternatives that it can be in. What is in all of them is needed.
const IN_CHOICES: [(&str, &str, &[u8]); 6] = [
    ("choice_1", "portal.purpose.choice_1", &[1]),
    ("choice_2", "portal.purpose.choice_2", &[2]),
    ("choice_3", "portal.purpose.choice_3", &[3]),
    ("choice_1_2", "portal.purpose.choice_1_2", &[1, 2]),
    ("choice_1_3", "portal.purpose.choice_1_3", &[1, 3]),
    ("choice_2_3", "portal.purpose.choice_2_3", &[2, 3]),
];

/// The purposes so far, and the way to another.
pub(super) fn purposes_section(portal: &Portal, reader: &Reader<'_>, visitor: &Visitor, filed: &Filed) -> Markup {
    let begins = html! {
        (ready_made(portal, reader))
        (submit(reader.t("portal.purposes.add"), false))
    };
    let at = |purpose: &PurposeDraft| format!("{}/purposes/{}", path(filed), purpose.id);
    html! {
        section aria-labelledby="purposes" {
            h2 #purposes { (reader.t("portal.purposes.title")) }
            @if filed.content.purposes.is_empty() { p.empty { (reader.t("portal.purposes.empty")) } }
            ul.rows {
                @for purpose in &filed.content.purposes {
                    li { a href=(reader.href(&at(purpose), &[])) { bdi { (name(reader, purpose)) } } }
                }
            }
            @if filed.content.purposes.len() < PURPOSES {
                (form(reader, visitor, &format!("{}/purposes", path(filed)), &begins))
            }
        }
    }
}

/// What a purpose begins with.
fn ready_made(portal: &Portal, reader: &Reader<'_>) -> Markup {
    let tag = reader.language.tag();
    let called = |made: &ReadyMade| made.title.get(tag).cloned().unwrap_or_default();
    let titles: Vec<_> = portal
        .inner
        .ready_made
        .iter()
        .map(|made| (made.id, called(made)))
        .collect();
    let own = [("", reader.t("portal.purposes.own_words"))];
    let made = titles.iter().map(|(id, title)| (*id, title.as_str()));
    let options: Vec<(&str, &str)> = own.into_iter().chain(made).collect();
    Field::new("ready_made", reader.t("portal.purposes.ready_made"), "").choice(&options)
}

/// The words of a purpose.
pub(super) fn name(reader: &Reader<'_>, purpose: &PurposeDraft) -> String {
    let own = purpose
        .text
        .get(reader.language.tag())
        .or_else(|| purpose.text.get("en"));
    match own {
        Some(text) if !text.is_empty() => plain(text),
        _ => reader.t("portal.purposes.untitled").to_owned(),
    }
}

/// Begins a purpose; an empty one, or the same ready-made one, is there already where the form was sent twice.
pub(super) async fn add(State(portal): State<Portal>, Path(id): Path<String>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    let mut filed = own(&portal, &visitor, &id).await?;
    let next = filed.content.next_purpose();
    let wanted = begun(&portal, &next, fields.text("ready_made"))?;
    let is_there = |purpose: &&PurposeDraft| purpose.text == wanted.text && purpose.claims == wanted.claims;
    let there = filed.content.purposes.iter().find(is_there);
    let purpose = match there.map(|purpose| purpose.id.clone()) {
        Some(id) => id,
        None if filed.content.purposes.len() >= PURPOSES => return Err(PortalError::Form("purposes")),
        None => {
            filed.content.purposes.push(wanted);
            if !portal.inner.store.write_content(&filed).await? {
                return Err(PortalError::Changed);
            }
            next
        }
    };
    Ok(portal.to(&visitor, &format!("{}/purposes/{purpose}", path(&filed))))
}

/// A purpose without words, or one that is ready-made.
fn begun(portal: &Portal, id: &str, ready_made: &str) -> Result<PurposeDraft, PortalError> {
    if ready_made.is_empty() {
        return Ok(PurposeDraft {
            id: id.to_owned(),
            text: BTreeMap::new(),
            channel: Channel::Online,
            retention_days: 0,
            claims: Vec::new(),
            every_format: false,
            rule: String::new(),
            time_zone: String::new(),
        });
    }
    let made = portal.inner.ready_made.iter().find(|made| made.id == ready_made);
    Ok(made.ok_or(PortalError::Form("ready_made"))?.purpose(id))
}

/// `/portal/applications/{id}/purposes/{purpose}`
pub(super) async fn page(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((id, purpose)): Path<(String, String)>,
) -> Answer {
    let filed = own(&portal, &visitor, &id).await?;
    let draft = filed.content.purposes.iter().find(|draft| draft.id == purpose);
    let draft = draft.filter(|_| filed.state.is_open()).ok_or(PortalError::NotFound)?;
    let reader = portal.reader(&visitor);
    let at = format!("{}/purposes/{}", path(&filed), draft.id);
    let title = reader.t("portal.purpose.title");
    let body = html! {
        (back(&reader, &path(&filed), "portal.purpose.back"))
        h1 { (title) }
        p.lead { (reader.t("portal.purpose.lead")) }
        (form(&reader, &visitor, &at, &fields(&portal, &reader, draft)))
        (form(&reader, &visitor, &format!("{at}/remove"), &submit(reader.t("portal.purpose.remove"), false)))
    };
    Ok(portal.titled(&visitor, title, body))
}

fn fields(portal: &Portal, reader: &Reader<'_>, draft: &PurposeDraft) -> Markup {
    let channel = match draft.channel {
        Channel::Online => "online",
        Channel::InPerson => "in_person",
    };
    let channels = [
        ("online", reader.t("scope.online")),
        ("in_person", reader.t("scope.in_person")),
    ];
    let days = draft.retention_days.to_string();
    let texts = [
        "portal.purpose.text_en",
        "portal.purpose.text_de",
        "portal.purpose.text_fr",
    ];
    let retention = Field::new("retention_days", reader.t("portal.purpose.retention"), &days)
        .hint(reader.t("portal.purpose.retention_hint"))
        .required();
    html! {
        (text_fields(reader, "text", texts, &draft.text))
        (Field::new("channel", reader.t("scope.channel_label"), channel).choice(&channels))
        (retention.line("number"))
        p { (reader.t("portal.purpose.claims_hint")) }
        p { (reader.t("portal.purpose.choices_hint")) }
        @for card in &portal.inner.cards { (claims(reader, card, draft)) }
        (formats_field(reader, draft))
        (rule_field(portal, reader, draft))
        (submit(reader.t("portal.application.save"), true))
    }
}

/// In which formats cards are taken.
fn formats_field(reader: &Reader<'_>, draft: &PurposeDraft) -> Markup {
    let chosen = if draft.every_format { EVERY } else { "" };
    let options = [
        ("", reader.t("portal.purpose.formats_one")),
        (EVERY, reader.t("portal.purpose.formats_every")),
    ];
    Field::new("every_format", reader.t("portal.purpose.formats"), chosen)
        .hint(reader.t("portal.purpose.formats_hint"))
        .choice(&options)
}

/// What turns what is shown into yes or no, and the names that it may use.
fn rule_field(portal: &Portal, reader: &Reader<'_>, draft: &PurposeDraft) -> Markup {
    let rule =
        Field::new("rule", reader.t("portal.purpose.rule"), &draft.rule).hint(reader.t("portal.purpose.rule_hint"));
    let zone = Field::new("time_zone", reader.t("portal.purpose.zone"), &draft.time_zone)
        .hint(reader.t("portal.purpose.zone_hint"));
    let has_choices = draft.claims.iter().any(|claim| !claim.choices.is_empty());
    let is_open = has_choices || !draft.rule.is_empty() || !draft.time_zone.is_empty();
    let names = rules::names(draft, &portal.inner.cards);
    html! {
        details open[is_open] {
            summary { (reader.t("portal.purpose.rule_title")) }
            div.more {
                (rule.area(2))
                (zone.line("text"))
                @if !names.is_empty() {
                    p.quiet { (reader.t("portal.purpose.rule_names")) }
                    ul.bullets {
                        @for (name, claim) in names {
                            li { code { (name) } " " (reader.claim(std::slice::from_ref(&claim.vct), &cards::path(&claim.claim))) }
                        }
                    }
                }
            }
        }
    }
}

/// What is asked of one card.
fn claims(reader: &Reader<'_>, card: &Card, draft: &PurposeDraft) -> Markup {
    let in_choices = IN_CHOICES.iter().map(|(value, words, _)| (*value, *words));
    let options = ASKED.into_iter().chain(in_choices);
    let options: Vec<(&str, &str)> = options.map(|(value, words)| (value, reader.t(words))).collect();
    let asks_it = draft.claims.iter().any(|claim| claim.vct == card.vct);
    html! {
        details open[asks_it] {
            summary { (reader.card_type(card.vct)) }
            div.more.grid {
                @for claim in &card.claims {
                    @let name = field_name(card, claim);
                    div.field {
                        label for=(name) {
                            (reader.claim(&[card.vct.to_owned()], &cards::path(&claim.name)))
                            @if claim.kind == Kind::Boolean { " (" (reader.t("portal.purpose.yes_or_no")) ")" }
                        }
                        select id=(name) name=(name) {
                            @for (value, words) in &options {
                                option value=(value) selected[*value == asked(draft, card, claim)] { (words) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The name of the field that says whether a claim is asked.
fn field_name(card: &Card, claim: &Claim) -> String {
    format!("{}.{}", card.name, claim.name)
}

fn asked(draft: &PurposeDraft, card: &Card, claim: &Claim) -> &'static str {
    let found = draft
        .claims
        .iter()
        .find(|own| own.vct == card.vct && own.claim == claim.name);
    match found {
        Some(own) if own.is_needed => "needed",
        Some(own) => {
            let are_own = |(_, _, choices): &&(&str, &str, &[u8])| own.choices.iter().eq(*choices);
            IN_CHOICES.iter().find(are_own).map_or("optional", |(name, ..)| *name)
        }
        None => "",
    }
}

/// Keeps a purpose.
pub(super) async fn write(
    State(portal): State<Portal>,
    Path((id, purpose)): Path<(String, String)>,
    posted: Posted,
) -> Answer {
    let Posted { visitor, fields } = posted;
    let mut filed = own(&portal, &visitor, &id).await?;
    let text = texts(&fields, "text")?;
    let channel = match fields.text("channel") {
        "online" => Channel::Online,
        "in_person" => Channel::InPerson,
        _ => return Err(PortalError::Form("channel")),
    };
    let retention_days = u32::try_from(fields.number("retention_days")?).unwrap_or(u32::MAX);
    if retention_days > RETENTION {
        return Err(PortalError::Form("retention_days"));
    }
    let claims = read_claims(&portal.inner.cards, &fields)?;
    let time_zone = read_zone(&fields)?;
    let drafts = &mut filed.content.purposes;
    let draft = drafts.iter_mut().find(|draft| draft.id == purpose);
    let draft = draft.ok_or(PortalError::NotFound)?;
    *draft = PurposeDraft {
        id: purpose,
        text,
        channel,
        retention_days,
        claims,
        every_format: fields.text("every_format") == EVERY,
        rule: fields.text("rule").to_owned(),
        time_zone,
    };
    draft.settle_choices();
    check_rule(&portal, draft)?;
    keep(&portal, &visitor, &filed).await
}

/// A rule that was stated has to be one, for what is asked, and one that the ledger takes. Whether one was stated or
/// follows, it has to be small enough in every format; that none follows yet is said before it is handed in.
fn check_rule(portal: &Portal, draft: &PurposeDraft) -> Result<(), PortalError> {
    let is_stated = !draft.rule.is_empty();
    if draft.rule.len() > RULE {
        return Err(PortalError::Form("rule"));
    }
    let rule = match registered_rule(draft, &portal.inner.cards) {
        Err(RuleProblem::InFormats(_)) => return Err(PortalError::RuleInFormats),
        Err(_) if is_stated => return Err(PortalError::Form("rule")),
        rule => rule.ok().flatten(),
    };
    match rule.filter(|_| is_stated) {
        Some(rule) => portal
            .rule_entry(&rule)
            .map(drop)
            .map_err(|_| PortalError::Form("rule")),
        None => Ok(()),
    }
}

/// A time zone by its IANA name; none for UTC.
fn read_zone(fields: &Fields) -> Result<String, PortalError> {
    let zone = fields.text("time_zone");
    let is_one = zone.len() <= ZONE && TimeZone::get(zone).is_ok();
    if zone.is_empty() || is_one {
        Ok(zone.to_owned())
    } else {
        Err(PortalError::Form("time_zone"))
    }
}

/// Only claims of known cards are read; what is not on the page is not asked.
fn read_claims(cards: &[Card], fields: &Fields) -> Result<Vec<ClaimDraft>, PortalError> {
    let mut claims = Vec::new();
    for card in cards {
        for claim in &card.claims {
            let (is_needed, choices) = match fields.text(&field_name(card, claim)) {
                "" => continue,
                "needed" => (true, BTreeSet::new()),
                "optional" => (false, BTreeSet::new()),
                name => {
                    let named = IN_CHOICES.iter().find(|(own, ..)| *own == name);
                    let (.., choices) = named.ok_or(PortalError::Form("claims"))?;
                    (false, choices.iter().copied().collect())
                }
            };
            claims.push(ClaimDraft {
                vct: card.vct.to_owned(),
                claim: claim.name.clone(),
                is_needed,
                choices,
            });
        }
    }
    Ok(claims)
}

/// Takes a purpose out.
pub(super) async fn remove(
    State(portal): State<Portal>,
    Path((id, purpose)): Path<(String, String)>,
    posted: Posted,
) -> Answer {
    let visitor = posted.visitor;
    let mut filed = own(&portal, &visitor, &id).await?;
    filed.content.purposes.retain(|draft| draft.id != purpose);
    keep(&portal, &visitor, &filed).await
}
