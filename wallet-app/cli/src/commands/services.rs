//! `services`: what can I use? Worked out here; nobody is asked.

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Done;
use crate::session::open;
use crate::words::{hours_in_words, status};
use serde_json::{Value, json};
use wallet::{Entitlement, LackedCard, OfferedService, Office, Readiness, WhyNotTold};

pub(crate) fn run(arguments: &Arguments) -> Result<Done, Failure> {
    let list = open(arguments)?.services()?;
    let mut lines = vec![age(list.age)];
    for service in &list.services {
        lines.push(String::new());
        lines.extend(in_words(service));
    }
    let services: Vec<Value> = list.services.iter().map(for_programs).collect();
    let members = json!({
        "confirmed_at": list.confirmed_at,
        "cards_confirmed_at": list.cards_confirmed_at,
        "age": list.age,
        "services": services,
    });
    Ok(Done::new("ok", members, lines.join("\n")))
}

fn age(age: Readiness) -> String {
    match age {
        Readiness::Ready { hours } => format!("Services of agencies, confirmed {} ago.", hours_in_words(hours)),
        Readiness::Old { hours } => format!(
            "Services of agencies. This list is {} old; `refresh` gets a newer one.",
            hours_in_words(hours)
        ),
        Readiness::Missing => "The list of services is not here; `refresh` gets it.".to_owned(),
    }
}

fn in_words(service: &OfferedService) -> Vec<String> {
    let said = answer(&service.answer);
    let mut lines = vec![
        format!("{}: {said}", service.name.text("en")),
        format!("  {}", service.text.text("en")),
        format!("  Decided by {}.", office(&service.competent)),
    ];
    if let Entitlement::LacksCard { cards } = &service.answer {
        lines.extend(cards.iter().map(|card| format!("  {}", lacked(card))));
    }
    lines.push(match &service.fee {
        Some(fee) => format!("  It costs {}.", fee.text),
        None => "  It costs nothing.".to_owned(),
    });
    if let Some(days) = service.time_limit_days {
        lines.push(format!("  Days until there is an answer, at most: {days}."));
    }
    let laws = service.legal_basis.iter();
    lines.extend(laws.map(|law| format!("  By law: {} ({})", law.name.text("en"), law.uri)));
    lines.extend(service.page.iter().map(|page| format!("  Ask for it at {page}")));
    lines.push(format!("  Complain at {}", service.complaints));
    lines
}

fn answer(answer: &Entitlement) -> &'static str {
    match answer {
        Entitlement::CanUse => "you can use it.",
        Entitlement::CannotUse => "by its rule you cannot use it.",
        Entitlement::LacksCard { .. } => "you could use it with a card that you do not have.",
        Entitlement::CannotBeTold { why } => match why {
            WhyNotTold::StatusUnknown => "not known: whether your card is still good is not known; `status` finds out.",
            WhyNotTold::DayMatters => "not known today: it depends on the day. Look again tomorrow.",
            WhyNotTold::NotAnswered => "not known: your cards do not say what its rule asks.",
            WhyNotTold::TooManyCards => "not known: you have too many cards that could answer.",
            _ => "not known: its rule is not publicly recorded as it should be.",
        },
    }
}

fn lacked(card: &LackedCard) -> String {
    let name = card.name.text("en");
    let issuers: Vec<String> = card.issuers.iter().map(office).collect();
    let from = if issuers.is_empty() {
        "nobody issues it now".to_owned()
    } else {
        format!("issued by {}", issuers.join(" or "))
    };
    match card.yours {
        Some(yours) => format!("The card: {name}, {from}. Yours is {}.", status(yours)),
        None => format!("The card: {name}, {from}."),
    }
}

fn office(office: &Office) -> String {
    format!("{} ({})", office.name.text("en"), office.host)
}

fn for_programs(service: &OfferedService) -> Value {
    let (answer, why, lacks): (&str, Option<&WhyNotTold>, Vec<Value>) = match &service.answer {
        Entitlement::CanUse => ("can_use", None, Vec::new()),
        Entitlement::CannotUse => ("cannot_use", None, Vec::new()),
        Entitlement::LacksCard { cards } => ("lacks_card", None, cards.iter().map(card_for_programs).collect()),
        Entitlement::CannotBeTold { why } => ("cannot_be_told", Some(why), Vec::new()),
    };
    json!({
        "id": service.id,
        "name": service.name,
        "answer": answer,
        "why": why,
        "lacks": lacks,
        "offered_by": service.offered_by,
        "competent": service.competent,
        "legal_basis": service.legal_basis,
        "fee": service.fee,
        "time_limit_days": service.time_limit_days,
        "page": service.page,
        "complaints": service.complaints,
    })
}

fn card_for_programs(card: &LackedCard) -> Value {
    json!({
        "type": card.card_type,
        "name": card.name,
        "issuers": card.issuers,
        "yours": card.yours,
    })
}
