//! One of each thing that goes to the window, in every form it has, as a TypeScript file: where it
//! does not fit `types.ts`, the type check of the window fails; where this file is old, this test.

use super::card::StatusRefreshed;
use super::challenge::{OfflineView, ProofsView, ShownView};
use super::history::NamedCard;
use super::offer::{NamedClaim, OfferedView, TxCodeView};
use super::request::{
    AnswerView, AskedView, EarlierRecordView, KeptView, RegistrationView, WhoView, WhyView, WidenedView,
};
use super::state::Keyring;
use super::*;
use crate::error::WalletError;
use crate::looks::{Language, Theme};
use serde::Serialize;
use std::fmt::Write as _;
use wallet::{
    AutoLock, CardClaim, CardFace, CardStatus, ClaimGroup, ClaimGroupId, ClaimValue, Entitlement, Foretold,
    HistoryEvent, LackedCard, Law, Localized, MissingProof, Mode, NeverShown, OfferedService, Office, Outcome, Price,
    Proof, PublicRecord, Readiness, Sent, Services, Successor, UnusedCopies, WhyNotTold,
};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../src/lib/backend/samples.ts");
const HEAD: &str = "/** Written by a test of the wallet from what it really sends; type-checked against `types.ts`. */\n\
    import type * as T from \"./types\";\n";

#[test]
fn everything_sent_is_what_the_window_expects() {
    let written = everything();
    if std::env::var_os("HOLDFAST_WRITE_SAMPLES").is_some() {
        std::fs::write(FILE, &written).expect("written");
    }
    let known = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        written == known,
        "{FILE} is old: run this test with HOLDFAST_WRITE_SAMPLES=1"
    );
}

fn everything() -> String {
    let mut file = HEAD.to_owned();
    let mut add = |name: &str, kind: &str, value: String| {
        let _ = write!(file, "\nexport const {name}: T.{kind}[] = {value};\n");
    };
    add("errors", "WalletError", text(&errors()));
    add("states", "AppState", text(&states()));
    add("cards", "CardSummary", text(&statuses().map(summary)));
    add("details", "CardDetail", text(&[detail()]));
    add("opened", "Opened", text(&opened()));
    add("received", "Received", text(&[received()]));
    add("shared", "Shared", text(&shared()));
    add("history", "HistoryItem", text(&history()));
    add("businesses", "Business", text(&businesses()));
    add("neverShown", "NeverShown", text(&[never_shown()]));
    add("preferences", "Preferences", text(&preferences()));
    add("camera", "CameraEvent", text(&camera()));
    add("seen", "Seen", text(&seen()));
    add("shown", "ShownAnswer", text(&[shown()]));
    add("offline", "OfflineReadiness", text(&offline()));
    add("services", "Services", text(&services()));
    add("trusted", "TrustedList", text(&[list(Mode::Live)]));
    add("offeredTrusted", "OfferedTrusted", text(&offered_trusted()));
    let away = [Away::Blurred, Away::Focused, Away::Locked];
    let _ = write!(
        file,
        "\nexport const away: Parameters<Parameters<T.Backend[\"onAway\"]>[0]>[0][] = {};\n\
         \nexport const refreshed: Awaited<ReturnType<T.Backend[\"refreshStatus\"]>> = {};\n\
         \nexport const proofs: Awaited<ReturnType<T.Backend[\"refreshProofs\"]>>[] = {};\n",
        text(&away),
        text(&StatusRefreshed { failures: 1 }),
        text(&refreshed_proofs())
    );
    file
}

fn text(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string_pretty(value).expect("serialises")
}

fn list(mode: Mode) -> TrustedView {
    TrustedView {
        name: "Trial".to_owned(),
        mode,
        version: 2,
        expires_at: 1_800_000_000,
        fingerprint: "00ff 00ff".to_owned(),
    }
}

fn offered_trusted() -> [OfferedTrusted; 3] {
    [Comes::First, Comes::Newer, Comes::Already].map(|comes| OfferedTrusted {
        list: list(Mode::Test),
        comes,
    })
}

fn english(text: &str) -> Localized {
    serde_json::from_value(serde_json::json!({ "en": text, "de": text })).expect("texts")
}

fn errors() -> [WalletError; 2] {
    [
        WalletError::locked(),
        WalletError::new("wrong_secret")
            .with("attemptsLeft", 4)
            .with("name", "A".to_owned()),
    ]
}

fn states() -> Vec<AppState> {
    let state = |phase, secret_kind, keyring, language, theme, ecosystem| AppState {
        phase,
        secret_kind,
        keyring,
        wait_s: 0,
        attempts_left: 5,
        language,
        theme,
        camera: true,
        ecosystem,
    };
    let ecosystem = |mode| {
        Some(Ecosystem {
            name: "Trial".to_owned(),
            mode,
        })
    };
    vec![
        state(
            Phase::FirstRun,
            SecretKind::Passphrase,
            Keyring::Available,
            None,
            Theme::System,
            None,
        ),
        state(
            Phase::Locked,
            SecretKind::Pin,
            Keyring::Locked,
            Some(Language::De),
            Theme::Light,
            ecosystem(Mode::Test),
        ),
        state(
            Phase::Open,
            SecretKind::Pin,
            Keyring::Absent,
            Some(Language::Fr),
            Theme::Dark,
            ecosystem(Mode::Live),
        ),
    ]
}

fn statuses() -> [CardStatus; 6] {
    [
        CardStatus::Valid,
        CardStatus::Suspended,
        CardStatus::Revoked,
        CardStatus::Expired,
        CardStatus::Unknown,
        CardStatus::NotYetValid,
    ]
}

fn face() -> CardFace {
    CardFace {
        title: english("Residence"),
        issuer: english("Office"),
        background: Some("#103040".to_owned()),
        text: None,
    }
}

fn summary(status: CardStatus) -> CardSummary {
    CardSummary {
        id: "c".to_owned(),
        vct: "urn:type".to_owned(),
        face: face(),
        host: "office.example".to_owned(),
        status,
        status_at: (status == CardStatus::Valid).then_some(1_800_000_000),
        received_at: 1_800_000_000,
        valid_until: (status != CardStatus::Unknown).then_some(1_900_000_000),
        copies: UnusedCopies { online: 30, offline: 0 },
        pending: status == CardStatus::Unknown,
    }
}

fn claim(value: ClaimValue) -> CardClaim {
    CardClaim {
        name: "address.locality".to_owned(),
        label: english("Town"),
        value,
    }
}

fn values() -> Vec<CardClaim> {
    let text = |text: &str| text.to_owned();
    [
        ClaimValue::Text { text: text("Aarau") },
        ClaimValue::YesNo { yes: true },
        ClaimValue::Date {
            date: text("2000-01-31"),
        },
        ClaimValue::List {
            items: vec![text("CH"), text("FR")],
        },
        ClaimValue::Picture {
            source: text("data:image/png;base64,"),
        },
    ]
    .map(claim)
    .into()
}

fn record() -> PublicRecord {
    PublicRecord {
        id: "did:webvh:x:office.example".to_owned(),
        record: "log".to_owned(),
        confirmed_at: 1_800_000_000,
        confirmed_by: vec!["witness".to_owned()],
    }
}

fn detail() -> CardDetail {
    let groups = [
        ClaimGroupId::Person,
        ClaimGroupId::Address,
        ClaimGroupId::Permission,
        ClaimGroupId::Document,
        ClaimGroupId::Other,
    ];
    CardDetail {
        summary: summary(CardStatus::Valid),
        groups: groups.map(group).into(),
        drawing: serde_json::from_value(serde_json::json!({ "en": "data:image/svg+xml;base64,PHN2Zy8+" }))
            .expect("pictures"),
        format: Some("ISO mdoc"),
        also: None,
        issuer_record: Some(record()),
        successor: Some(Successor {
            name: english("Office"),
            host: "office.example".to_owned(),
            since: 1_800_000_000,
        }),
        history: history().into_iter().take(1).collect(),
    }
}

fn group(id: ClaimGroupId) -> ClaimGroup {
    let claims = match id {
        ClaimGroupId::Person => values(),
        _ => Vec::new(),
    };
    ClaimGroup { id, claims }
}

fn named() -> NamedClaim {
    NamedClaim {
        name: "given_name".to_owned(),
        label: english("First name"),
    }
}

fn opened() -> Vec<Opened> {
    let offer = OfferView {
        handle: "h".to_owned(),
        issuer: english("Office"),
        host: "office.example".to_owned(),
        publicly_recorded: true,
        cards: vec![OfferedView {
            vct: "urn:type".to_owned(),
            face: face(),
            claims: vec![named()],
        }],
        tx_code: Some(TxCodeView {
            numeric: true,
            length: Some(6),
            hint: None,
        }),
    };
    let mut all = vec![Opened::Offer { offer }];
    let kept = [KeptView::No, KeptView::Days { days: 30 }, KeptView::NotSaid];
    let registered = [
        RegistrationView::Registered,
        RegistrationView::Foreign,
        RegistrationView::Unregistered,
    ];
    all.extend(
        kept.into_iter()
            .zip(registered)
            .map(|(kept, registration)| Opened::Request {
                request: Box::new(request(kept, registration, Proof::NotNeeded)),
            }),
    );
    all.extend(proofs().map(|proof| Opened::Request {
        request: Box::new(request(KeptView::No, RegistrationView::Registered, proof)),
    }));
    all.extend(told_of_them().map(|request| Opened::Request {
        request: Box::new(request),
    }));
    all
}

/// What is told of those who ask where there is something to tell.
fn told_of_them() -> [RequestView; 4] {
    let recorded = || {
        let kept = KeptView::Days { days: 30 };
        request(kept, RegistrationView::Registered, Proof::NotNeeded)
    };
    let widened = |kept_before| WidenedView {
        since: 1_790_000_000,
        claims: vec![english("Street")],
        needed: vec![english("Town")],
        not_enough: vec![vec![english("First name"), english("Family name")]],
        choose: vec![vec![english("Photo")], vec![english("Age"), english("Town")]],
        kept_before,
    };
    [
        RequestView {
            widened: Some(widened(Some(7))),
            ..recorded()
        },
        RequestView {
            widened: Some(widened(None)),
            ..recorded()
        },
        RequestView {
            earlier_record: Some(EarlierRecordView {
                at: 1_790_000_000,
                lacked: vec![english("Street")],
            }),
            ..recorded()
        },
        request(KeptView::Said, RegistrationView::Foreign, Proof::NotNeeded),
    ]
}

fn request(kept: KeptView, registration: RegistrationView, proof: Proof) -> RequestView {
    let is_known = registration == RegistrationView::Registered;
    RequestView {
        handle: "h".to_owned(),
        who: WhoView {
            name: english("Shop"),
            host: "shop.example".to_owned(),
            registration,
            name_looks_odd: false,
            record: is_known.then(record),
        },
        why: is_known.then(|| WhyView {
            text: english("To sell wine"),
            privacy_policy: "https://shop.example/privacy".to_owned(),
            in_person: false,
        }),
        kept,
        widened: None,
        cards: vec![AskedView {
            card: summary(CardStatus::Valid),
            needed: values(),
            optional: Vec::new(),
            withheld: vec![english("Photo")],
            always: Vec::new(),
            beyond: vec!["given_name".to_owned()],
            shown_before: false,
            proof,
        }],
        earlier_record: None,
        answers: is_known.then(answers),
        again: false,
        cross_device: true,
        offline: proof != Proof::NotNeeded,
        expires_at: 1_800_000_300,
    }
}

fn answers() -> Vec<AnswerView> {
    let each = [Foretold::Yes, Foretold::No, Foretold::CannotBeTold];
    let answers = each.into_iter().map(|answer| AnswerView {
        with: vec!["portrait".to_owned()],
        answer,
    });
    answers.collect()
}

fn proofs() -> [Proof; 5] {
    let missing = |why| Proof::Missing { why };
    [
        Proof::GoesAlong { hours: 2 },
        missing(MissingProof::NotHeld),
        missing(MissingProof::TooOld),
        missing(MissingProof::StatusDiffers),
        missing(MissingProof::NotRecorded),
    ]
}

fn received() -> Received {
    Received {
        handle: "h".to_owned(),
        cards: vec![detail()],
    }
}

fn shared() -> [Shared; 2] {
    [
        Shared {
            sent: Sent::Now,
            opened_host: Some("shop.example".to_owned()),
        },
        Shared {
            sent: Sent::Again,
            opened_host: None,
        },
    ]
}

fn history() -> Vec<HistoryItem> {
    let outcomes = [
        Outcome::Received,
        Outcome::NotStored,
        Outcome::Shared,
        Outcome::NotShared,
        Outcome::Blocked,
        Outcome::Interrupted,
        Outcome::MaybeReceived,
        Outcome::NotSent,
        Outcome::NotAccepted,
    ];
    let item = |outcome| HistoryItem {
        id: 1,
        at: 1_800_000_000,
        event: match outcome {
            Outcome::Received | Outcome::NotStored => HistoryEvent::Offer,
            _ => HistoryEvent::Request,
        },
        party: "Shop".to_owned(),
        party_id: (outcome == Outcome::Shared).then(|| "did:webvh:x:shop.example".to_owned()),
        host: "shop.example".to_owned(),
        purpose: (outcome == Outcome::Shared).then(|| "To sell wine".to_owned()),
        cards: vec![NamedCard {
            vct: "urn:type".to_owned(),
            title: english("Residence"),
            claims: vec![named()],
            shown_before: false,
        }],
        outcome,
        reason: (outcome == Outcome::Blocked).then(|| "over_asking".to_owned()),
        kept_days: (outcome == Outcome::Shared).then_some(30),
        says_kept: outcome == Outcome::MaybeReceived,
        receipt: outcome == Outcome::Shared,
        contradicts: false,
        reportable: outcome == Outcome::Blocked,
    };
    outcomes.map(item).into()
}

fn businesses() -> Vec<BusinessView> {
    let never = || NeverShown {
        vct: "urn:type".to_owned(),
        claim: "given_name".to_owned(),
    };
    let business = |recorded, blocked| BusinessView {
        id: if recorded {
            "did:webvh:x:shop.example"
        } else {
            "shop.example"
        }
        .to_owned(),
        name: "Shop".to_owned(),
        host: "shop.example".to_owned(),
        recorded,
        blocked,
        never: recorded.then(never).into_iter().collect(),
        items: Vec::new(),
    };
    vec![business(true, false), business(false, true)]
}

fn never_shown() -> NeverShownView {
    NeverShownView {
        vct: "urn:type".to_owned(),
        claim: "given_name".to_owned(),
        title: english("Residence"),
        label: named().label,
    }
}

fn preferences() -> Vec<Preferences> {
    [AutoLock::One, AutoLock::Five, AutoLock::Fifteen]
        .map(|auto_lock_minutes| Preferences {
            language: Language::En,
            theme: Theme::System,
            auto_lock_minutes,
            sample_card: true,
        })
        .into()
}

fn camera() -> Vec<CameraEvent> {
    vec![
        CameraEvent::Frame {
            frame: Frame {
                width: 480,
                height: 360,
                source: "data:image/jpeg;base64,".to_owned(),
            },
        },
        CameraEvent::Code {
            text: "openid4vp://x".to_owned(),
        },
        CameraEvent::Parts { parts: parts(false) },
        CameraEvent::Challenge {
            challenge: "AAEC".to_owned(),
        },
        CameraEvent::failed(crate::camera::CameraFailure::Lost),
    ]
}

fn parts(altered: bool) -> Parts {
    Parts {
        received: 2,
        needed: 4,
        altered,
    }
}

fn seen() -> [Seen; 3] {
    [
        Seen::Code {
            text: "openid4vp://x".to_owned(),
        },
        Seen::Parts { parts: parts(true) },
        Seen::Challenge {
            challenge: "AAEC".to_owned(),
        },
    ]
}

fn shown() -> ShownView {
    ShownView {
        side: 77,
        frames: vec!["_oA".to_owned()],
        needed: 1,
        expires_at: 1_800_000_300,
    }
}

fn services() -> [Services; 2] {
    let lacked = LackedCard {
        card_type: "urn:a".to_owned(),
        name: english("Residence"),
        issuers: vec![sample_office()],
        yours: Some(CardStatus::Revoked),
    };
    let unknown = [
        WhyNotTold::RuleMissing,
        WhyNotTold::AnotherRule,
        WhyNotTold::StatusUnknown,
        WhyNotTold::DayMatters,
        WhyNotTold::NotAnswered,
        WhyNotTold::TooManyCards,
    ];
    let mut answers = vec![
        Entitlement::CanUse,
        Entitlement::CannotUse,
        Entitlement::LacksCard { cards: vec![lacked] },
    ];
    answers.extend(unknown.map(|why| Entitlement::CannotBeTold { why }));
    [
        Services {
            confirmed_at: Some(1_800_000_000),
            age: Readiness::Ready { hours: 2 },
            cards_confirmed_at: Some(1_800_000_000),
            services: answers.into_iter().map(sample_service).collect(),
        },
        Services {
            confirmed_at: None,
            age: Readiness::Missing,
            cards_confirmed_at: None,
            services: Vec::new(),
        },
    ]
}

fn refreshed_proofs() -> [ProofsView; 2] {
    [None, Some("ledger_unreachable")].map(|services_failed| ProofsView {
        failures: 1,
        services_failed,
    })
}

fn sample_office() -> Office {
    Office {
        name: english("City Office"),
        host: "office.example".to_owned(),
    }
}

fn sample_service(answer: Entitlement) -> OfferedService {
    let costs = answer == Entitlement::CanUse;
    OfferedService {
        id: "did:webvh:a/service/b".to_owned(),
        name: english("Housing benefit"),
        text: english("Money for rent."),
        offered_by: sample_office(),
        competent: sample_office(),
        legal_basis: vec![Law {
            name: english("Housing Act"),
            uri: "https://law.example/a".to_owned(),
        }],
        fee: costs.then(|| Price {
            amount: 1_500,
            currency: "EUR".to_owned(),
            text: "15.00 EUR".to_owned(),
        }),
        time_limit_days: costs.then_some(30),
        page: costs.then(|| "https://office.example/apply".to_owned()),
        complaints: "https://office.example/complaints".to_owned(),
        answer,
    }
}

fn offline() -> [OfflineView; 3] {
    let of = |confirmed_at, proofs, two_histories| OfflineView {
        confirmed_at,
        proofs,
        two_histories,
    };
    [
        of(Some(1_800_000_000), Readiness::Ready { hours: 2 }, false),
        of(Some(1_800_000_000), Readiness::Old { hours: 30 }, true),
        of(None, Readiness::Missing, false),
    ]
}
