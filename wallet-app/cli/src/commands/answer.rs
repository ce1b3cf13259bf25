//! `answer`: shows a card without a network, from a challenge in pictures to an answer in pictures.

use super::consent_screen::{Way, described, not_good, screen};
use super::present::{Decided, decide};
use crate::arguments::{Answer, Arguments};
use crate::codes::{Density, Target, challenge_in};
use crate::failure::{Exit, Failure};
use crate::output::Done;
use crate::session::open;
use serde_json::{Value, json};
use wallet::{OpenChallenge, ShownAnswer, Wallet};

pub(crate) fn run(arguments: &Arguments, options: &Answer) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let message = challenge_in(&options.challenge)?;
    let challenge = wallet
        .open_challenge(&message)
        .map_err(|refused| Failure::from(&refused))?;
    let cards = wallet.vault().cards()?;
    let party = challenge.party_name();
    let chosen = challenge
        .ask()
        .chosen(&options.agreement.also)
        .map_err(wallet::ShareError::from)?;
    let screen = screen(&challenge, &chosen, &party, &cards, (&options.agreement, Way::Codes));
    let screen = not_good(&wallet, &chosen, &cards)? + &screen;
    if decide(options.agreement.consent, &screen) == Decided::No {
        wallet.decline(&challenge)?;
        return Err(Failure::new(Exit::PersonRefused, "refused"));
    }
    let members = described(&challenge, &chosen, &party, &cards, (&options.agreement, Way::Codes));
    // What cannot be written costs no copy of a card.
    let target = Target::open(&options.out)?;
    let shown = show(&wallet, challenge, options).inspect_err(|_| target.discard())?;
    let density = Density {
        pixels: options.density,
        frames_a_second: options.fps,
    };
    target.write(shown.frames(), density)?;
    Ok(done(&shown, members, &screen, options))
}

fn show(wallet: &Wallet, challenge: OpenChallenge, options: &Answer) -> Result<ShownAnswer, Failure> {
    let consent = options.agreement.consent_to(challenge.ask())?;
    Ok(wallet.show(challenge, &consent)?)
}

fn done(shown: &ShownAnswer, mut members: Value, screen: &str, options: &Answer) -> Done {
    members["out"] = json!(options.out.display().to_string());
    members["frames"] = json!(shown.frames().len());
    members["needed"] = json!(shown.needed());
    members["expires_at"] = json!(shown.expires_at());
    let text = format!(
        "{screen}\nThe answer is in {}: {} codes, of which any {} are enough. It is good for one question and for a few \
         minutes.",
        options.out.display(),
        shown.frames().len(),
        shown.needed()
    );
    Done::new("shown", members, text)
}
