//! What a business may ask, in words.

use ledger::{Channel, ClaimPath, Purpose, Scope, ScopeCredential};
use maud::{Markup, html};
use url::Url;

use super::plain::plain;
use super::reader::Reader;

/// Purposes named in one sentence, at most.
const IN_A_SENTENCE: usize = 3;
/// Claims named in one sentence, at most.
const CLAIMS: usize = 6;

/// Each once, where the same is said of a card in several formats.
pub(super) fn said_once(all: impl Iterator<Item = Markup>) -> Vec<Markup> {
    let mut said: Vec<Markup> = Vec::new();
    for words in all {
        if said.iter().all(|before| before.0 != words.0) {
            said.push(words);
        }
    }
    said
}

impl Reader<'_> {
    /// "18 or older, for Age check, not kept"; more purposes follow.
    pub(crate) fn asks(&self, scope: &Scope) -> Markup {
        let more = scope.purposes.len().saturating_sub(IN_A_SENTENCE) as u64;
        html! {
            @for (place, purpose) in scope.purposes.iter().take(IN_A_SENTENCE).enumerate() {
                @if place > 0 { (self.t("common.semicolon")) }
                (self.purpose_in_short(purpose))
            }
            @if more > 0 { (self.t("common.semicolon")) (self.count("scope.more", more)) }
        }
    }

    fn purpose_in_short(&self, purpose: &Purpose) -> Markup {
        let mut claims = self.claims(purpose, |credential| &credential.needed);
        claims.extend(self.all_choices(purpose));
        if claims.is_empty() {
            claims = self.left_out(purpose);
        }
        let more = claims.len().saturating_sub(CLAIMS) as u64;
        claims.truncate(CLAIMS);
        if more > 0 {
            claims.push(html! { (self.count("scope.more", more)) });
        }
        let claims = if claims.is_empty() {
            html! { (self.t("scope.nothing")) }
        } else {
            self.list(claims)
        };
        let parts = [
            ("claims", claims),
            ("purpose", html! { bdi { (self.purpose_name(purpose)) } }),
            ("kept", html! { (self.kept(purpose)) }),
        ];
        self.fill("scope.short", &parts)
    }

    /// The reason as the business wrote it.
    pub(crate) fn purpose_name(&self, purpose: &Purpose) -> String {
        let name = self.localized(&purpose.text);
        if name.is_empty() { plain(&purpose.id) } else { name }
    }

    /// "not kept", "kept for 30 days"
    pub(crate) fn kept(&self, purpose: &Purpose) -> String {
        match purpose.retention_days {
            0 => self.t("scope.not_kept").to_owned(),
            days => self.count("scope.kept", days.into()),
        }
    }

    /// Claims of every credential of a purpose, in words; of a card in several formats once.
    pub(crate) fn claims(
        &self,
        purpose: &Purpose,
        which: impl Fn(&ledger::ScopeCredential) -> &Vec<ClaimPath>,
    ) -> Vec<Markup> {
        let all = purpose.credentials.iter();
        said_once(all.flat_map(|credential| {
            which(credential)
                .iter()
                .map(|path| self.claim(&credential.vct_values, path))
        }))
    }

    /// Claims that may be left out, whatever is chosen.
    pub(crate) fn left_out(&self, purpose: &Purpose) -> Vec<Markup> {
        let all = purpose.credentials.iter();
        said_once(all.flat_map(|card| card.beside_sets().map(|path| self.claim(&card.vct_values, path))))
    }

    /// "18 or older, or date of birth": the sets of which any is enough, without what is needed in each; `None` where
    /// there is nothing to choose.
    fn choices(&self, card: &ScopeCredential) -> Option<Markup> {
        let chosen = |set: &Vec<ClaimPath>| {
            let own = set.iter().filter(|path| !card.needed.contains(path));
            self.list(own.map(|path| self.claim(&card.vct_values, path)).collect())
        };
        let sets: Vec<Markup> = card.claim_sets.iter().map(chosen).collect();
        let joined = html! {
            @for (place, set) in sets.iter().enumerate() {
                @if place > 0 { (self.t("scope.or")) }
                (set)
            }
        };
        (!sets.is_empty()).then_some(joined)
    }

    /// The [`choices`](Self::choices) of every card of a purpose; of a card in several formats once.
    pub(crate) fn all_choices(&self, purpose: &Purpose) -> Vec<Markup> {
        said_once(purpose.credentials.iter().filter_map(|card| self.choices(card)))
    }

    /// The place where it is asked.
    pub(crate) fn channel(&self, channel: Channel) -> &str {
        match channel {
            Channel::Online => self.t("scope.online"),
            Channel::InPerson => self.t("scope.in_person"),
        }
    }

    /// Everything a scope says.
    pub(crate) fn scope(&self, scope: &Scope) -> Markup {
        html! {
            @for purpose in &scope.purposes {
                article.purpose {
                    h3 { bdi { (self.purpose_name(purpose)) } }
                    dl.facts {
                        (self.purpose_claims(purpose))
                        div { dt { (self.t("scope.kept_label")) } dd.sentence { (self.kept(purpose)) } }
                        div { dt { (self.t("scope.channel_label")) } dd { (self.channel(purpose.channel)) } }
                        div { dt { (self.t("scope.policy_label")) } dd { (self.outside(&purpose.privacy_policy)) } }
                    }
                }
            }
        }
    }

    fn purpose_claims(&self, purpose: &Purpose) -> Markup {
        html! {
            @for credential in &purpose.credentials {
                @let cards = credential.vct_values.iter().map(|vct| self.card_type(vct)).collect();
                @let claims = |paths: Vec<&ClaimPath>| {
                    self.list(paths.into_iter().map(|path| self.claim(&credential.vct_values, path)).collect())
                };
                div { dt { (self.t("scope.cards_label")) } dd { (self.list(cards)) } }
                @let choices = self.choices(credential);
                @if choices.is_none() || !credential.needed.is_empty() {
                    div {
                        dt { (self.t("scope.needed_label")) }
                        dd { @if credential.needed.is_empty() { (self.t("scope.nothing")) } @else { (claims(credential.needed.iter().collect())) } }
                    }
                }
                @if let Some(choices) = choices {
                    div { dt { (self.t("scope.choice_label")) } dd { (choices) } }
                }
                @let beside = credential.beside_sets().collect::<Vec<_>>();
                @if !beside.is_empty() {
                    div { dt { (self.t("scope.optional_label")) } dd { (claims(beside)) } }
                }
            }
        }
    }

    /// A link that leads elsewhere, shown with all of its address.
    fn outside(&self, link: &str) -> Markup {
        html! {
            @match Url::parse(link) {
                Ok(url) if matches!(url.scheme(), "http" | "https") => {
                    a.outside href=(url.as_str()) rel="noopener noreferrer nofollow" { (plain(url.as_str())) }
                },
                _ => code { (plain(link)) },
            }
        }
    }
}
