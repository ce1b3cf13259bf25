//! `present`: answers somebody who asks.

use super::consent_screen::{Way, described, not_good, screen};
use crate::arguments::{Agreement, Arguments, Decision, Present};
use crate::failure::{Exit, Failure};
use crate::output::Done;
use crate::session::{open, wait_for};
use serde_json::{Value, json};
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use wallet::{Ask, Consent, OpenRequest, Receipt, RequestRefused, Wallet};

pub(crate) fn run(arguments: &Arguments, options: &Present) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let cards = wallet.vault().cards()?;
    wait_for(async {
        let request = match wallet.open_request(&options.request).await {
            Ok(request) => request,
            Err(refused) => return Err(not_shown(&wallet, refused, options.tell).await?),
        };
        let party = request.party_name();
        let agreement = &options.agreement;
        let chosen = request
            .ask()
            .chosen(&agreement.also)
            .map_err(wallet::ShareError::from)?;
        let screen = screen(&request, &chosen, &party, &cards, (agreement, Way::Network));
        let screen = not_good(&wallet, &chosen, &cards)? + &screen;
        if decide(agreement.consent, &screen) == Decided::No {
            return refuse(&wallet, request).await;
        }
        let shown = described(&request, &chosen, &party, &cards, (agreement, Way::Network));
        let receipt = share(&wallet, request, options).await?;
        Ok(done(&receipt, shown, &screen))
    })?
}

/// What the person said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decided {
    Yes,
    No,
}

impl Agreement {
    /// Whether the person was told that a copy is shown again: by the flag, or by the screen that was just answered.
    fn knows(&self) -> bool {
        self.show_again || self.consent == Decision::Ask
    }

    /// The consent that it comes to.
    pub(super) fn consent_to(&self, ask: &Ask) -> Result<Consent, Failure> {
        let consent = if self.knows() {
            ask.agree_knowing(&self.with, &self.also)
        } else {
            ask.agree_also(&self.with, &self.also)
        };
        Ok(consent.map_err(wallet::ShareError::from)?)
    }
}

/// Nobody at the terminal is a refusal.
pub(super) fn decide(decision: Decision, screen: &str) -> Decided {
    decide_about(decision, screen, "Show this? Type yes to show it: ")
}

/// The same about something else than a showing.
pub(super) fn decide_about(decision: Decision, screen: &str, question: &str) -> Decided {
    match decision {
        Decision::Yes => Decided::Yes,
        Decision::No => Decided::No,
        Decision::Ask if std::io::stdin().is_terminal() => ask(screen, question),
        Decision::Ask => Decided::No,
    }
}

fn ask(screen: &str, question: &str) -> Decided {
    let mut terminal = std::io::stderr();
    let _ = write!(terminal, "{screen}\n{question}");
    let _ = terminal.flush();
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    if read.is_ok() && line.trim() == "yes" {
        Decided::Yes
    } else {
        Decided::No
    }
}

async fn refuse(wallet: &Wallet, request: OpenRequest) -> Result<Done, Failure> {
    // Whether they hear of it makes no difference to the person.
    let _ = wallet.refuse(request).await;
    Err(Failure::new(Exit::PersonRefused, "refused"))
}

/// A request that is not even shown. Whoever asks hears of it only where the person wanted that.
async fn not_shown(wallet: &Wallet, refused: RequestRefused, tell: bool) -> Result<Failure, Failure> {
    let failure = Failure::from(&refused);
    match refused.into_untold().filter(|_| tell) {
        None => Ok(failure),
        Some(untold) => {
            let code = untold.code();
            wallet.tell_asker(untold).await?;
            Ok(failure.having_told(code))
        }
    }
}

async fn share(wallet: &Wallet, request: OpenRequest, options: &Present) -> Result<Receipt, Failure> {
    let consent = options.agreement.consent_to(request.ask())?;
    Ok(wallet.share(request, &consent).await?)
}

fn done(receipt: &Receipt, shown: Value, screen: &str) -> Done {
    let mut members = shown;
    members["sent"] = json!(receipt.sent);
    members["redirect_uri"] = json!(receipt.redirect_uri);
    let mut text = format!("{screen}\nShown.");
    if let Some(next) = &receipt.redirect_uri {
        text.push_str(&format!("\nGo on at {next}"));
    }
    Done::new("shared", members, text)
}

#[cfg(test)]
mod tests {
    use super::{Decided, decide};
    use crate::arguments::{Command, Decision, Line, Present};
    use clap::Parser as _;
    use std::io::IsTerminal as _;

    fn present(options: &[&str]) -> Present {
        let line = Line::try_parse_from(["present", "openid4vp://x"].iter().chain(options));
        match line.expect("understood").command {
            Command::Present(present) => present,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn i7_wallet_what_was_agreed_beforehand_shows_no_copy_again_unless_it_says_so() {
        assert!(!present(&["--consent", "yes"]).agreement.knows());
        assert!(present(&["--consent", "yes", "--show-again"]).agreement.knows());
        assert!(
            present(&["--consent", "ask"]).agreement.knows(),
            "the screen has said it"
        );
    }

    #[test]
    fn nobody_at_the_terminal_is_a_refusal() {
        if std::io::stdin().is_terminal() {
            println!("SKIPPED: somebody is at the terminal");
            return;
        }
        assert_eq!(decide(Decision::Ask, "screen"), Decided::No);
    }
}
