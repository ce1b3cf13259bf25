use super::{CardSummary, OfferView};
use serde::Serialize;
use wallet::{
    AskedCard, Card, CardClaim, Channel, ClaimValue, ClaimsPath, EarlierRecord, Foretold, Kept, Localized, Open, Party,
    Proof, PublicRecord, Registration, Sent, VaultError, Wallet, Why, Widened,
};

/// What a link was.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(crate) enum Opened {
    /// Somebody offers cards.
    Offer { offer: OfferView },
    /// Somebody asks.
    Request { request: Box<RequestView> },
}

/// Everything the person has to know before deciding.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestView {
    pub(crate) handle: String,
    pub(crate) who: WhoView,
    pub(crate) why: Option<WhyView>,
    pub(crate) kept: KeptView,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) widened: Option<WidenedView>,
    pub(crate) cards: Vec<AskedView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) earlier_record: Option<EarlierRecordView>,
    /// What the answer will be, for each choice among what is optional; `None` where no rule is publicly recorded.
    pub(crate) answers: Option<Vec<AnswerView>>,
    pub(crate) again: bool,
    pub(crate) cross_device: bool,
    /// It came without a network, and is answered without one.
    pub(crate) offline: bool,
    pub(crate) expires_at: u64,
}

/// Who asks.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WhoView {
    pub(crate) name: Localized,
    pub(crate) host: String,
    pub(crate) registration: RegistrationView,
    pub(crate) name_looks_odd: bool,
    pub(crate) record: Option<PublicRecord>,
}

/// Whether and where they are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RegistrationView {
    /// Publicly.
    Registered,
    /// Elsewhere.
    Foreign,
    /// Nowhere.
    Unregistered,
}

/// Why they ask.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WhyView {
    pub(crate) text: Localized,
    pub(crate) privacy_policy: String,
    pub(crate) in_person: bool,
}

/// Whether it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(crate) enum KeptView {
    /// Recorded as not kept.
    No,
    /// Recorded as kept for so long.
    Days { days: u32 },
    /// Nobody has recorded it, and they say themselves that they keep it.
    Said,
    /// Nobody has recorded it.
    NotSaid,
}

/// What they may do beyond what they could when the person shared with them last.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WidenedView {
    pub(crate) since: u64,
    pub(crate) claims: Vec<Localized>,
    /// What could be left out then, and is needed now.
    pub(crate) needed: Vec<Localized>,
    /// What was enough then, and is not now: each is all of an alternative.
    pub(crate) not_enough: Vec<Vec<Localized>>,
    /// Where nothing was needed then: of these one is needed now, each is all of an alternative.
    pub(crate) choose: Vec<Vec<Localized>>,
    /// How many days they kept it then; `None` where they keep it no longer now.
    pub(crate) kept_before: Option<u32>,
}

/// What an earlier public record of theirs lacked, for somebody who never shared with them.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct EarlierRecordView {
    pub(crate) at: u64,
    pub(crate) lacked: Vec<Localized>,
}

/// One card and what is asked of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AskedView {
    pub(crate) card: CardSummary,
    pub(crate) needed: Vec<CardClaim>,
    pub(crate) optional: Vec<CardClaim>,
    pub(crate) withheld: Vec<Localized>,
    pub(crate) always: Vec<CardClaim>,
    /// Names of what is needed although the recorded rule does without it.
    pub(crate) beyond: Vec<String>,
    #[serde(rename = "shownBefore")]
    pub(crate) shown_before: bool,
    pub(crate) proof: Proof,
}

/// What the answer will be with these optional claims.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AnswerView {
    pub(crate) with: Vec<String>,
    pub(crate) answer: Foretold,
}

/// How an answer was delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shared {
    pub(crate) sent: Sent,
    pub(crate) opened_host: Option<String>,
}

/// How a question came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Came {
    pub(crate) cross_device: bool,
    pub(crate) offline: bool,
    pub(crate) expires_at: u64,
}

impl RequestView {
    /// However it came; it has no handle yet.
    pub(crate) fn of<Q>(wallet: &Wallet, request: &Open<Q>, came: Came) -> Result<Self, VaultError> {
        let ask = request.ask();
        let cards = ask
            .cards
            .iter()
            .filter_map(|asked| {
                request.card(asked).map(|card| {
                    let beyond = request.beyond_rule(asked);
                    AskedView::of(wallet, asked, card, &beyond)
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            handle: String::new(),
            who: WhoView::of(&ask.who),
            why: ask.why.as_ref().map(WhyView::of),
            kept: ask.kept.into(),
            widened: ask.widened.as_ref().map(WidenedView::of),
            cards,
            earlier_record: ask.earlier_record.as_ref().map(EarlierRecordView::of),
            answers: request.has_recorded_rule().then(|| AnswerView::each(request)),
            again: request.was_answered(),
            cross_device: came.cross_device,
            offline: came.offline,
            expires_at: came.expires_at,
        })
    }
}

impl AnswerView {
    fn each<Q>(request: &Open<Q>) -> Vec<Self> {
        let told = request.foretell_each().into_iter();
        told.map(|(with, answer)| Self { with, answer }).collect()
    }
}

impl WhoView {
    fn of(who: &Party) -> Self {
        Self {
            name: who.names(),
            host: who.host.clone(),
            registration: (&who.registration).into(),
            name_looks_odd: who.name_looks_odd,
            record: who.record.clone(),
        }
    }
}

impl From<&Registration> for RegistrationView {
    fn from(registration: &Registration) -> Self {
        match registration {
            Registration::Registered { .. } => Self::Registered,
            Registration::Foreign { .. } => Self::Foreign,
            // Whatever else there will be is not more than this until this window knows it.
            _ => Self::Unregistered,
        }
    }
}

impl WhyView {
    fn of(why: &Why) -> Self {
        Self {
            text: why.text.clone(),
            privacy_policy: why.privacy_policy.clone(),
            in_person: why.channel == Channel::InPerson,
        }
    }
}

impl WidenedView {
    fn of(widened: &Widened) -> Self {
        Self {
            since: widened.since,
            claims: widened.claims.clone(),
            needed: widened.needed.clone(),
            not_enough: widened.not_enough.clone(),
            choose: widened.choose.clone(),
            kept_before: widened.kept_days.map(|(before, _)| before),
        }
    }
}

impl EarlierRecordView {
    fn of(earlier: &EarlierRecord) -> Self {
        Self {
            at: earlier.at,
            lacked: earlier.lacked.clone(),
        }
    }
}

impl From<Kept> for KeptView {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::No => Self::No,
            Kept::Days(days) => Self::Days { days },
            Kept::Said => Self::Said,
            Kept::NotSaid => Self::NotSaid,
        }
    }
}

impl AskedView {
    fn of(wallet: &Wallet, asked: &AskedCard, card: &Card, beyond: &[ClaimsPath]) -> Result<Self, VaultError> {
        let claims = |paths: &[ClaimsPath]| paths.iter().map(|path| claim(card, path)).collect();
        Ok(Self {
            card: CardSummary::shown(wallet, card)?,
            needed: claims(&asked.needed),
            optional: claims(&asked.optional),
            withheld: asked.withheld.iter().map(|name| card.label(name)).collect(),
            always: asked.company().map(|path| claim(card, &path)).collect(),
            beyond: beyond.iter().map(ToString::to_string).collect(),
            shown_before: asked.shown_before,
            proof: asked.proof,
        })
    }
}

/// What is shown stands on the screen, also where the card says nothing there: by its name then.
fn claim(card: &Card, path: &ClaimsPath) -> CardClaim {
    card.claim(path).unwrap_or_else(|| CardClaim {
        name: path.to_string(),
        label: card.label(&path.to_string()),
        value: ClaimValue::Text { text: String::new() },
    })
}
