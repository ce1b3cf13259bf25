//! The sentences for people: what happened, what is safe, what to do next.

mod codes;
mod ecosystems;

/// The sentences for a code.
pub(crate) fn sentences(code: &str, detail: Option<&str>) -> String {
    let [what, safe, next] = text(code);
    let what = match detail {
        Some(detail) => format!("{} ({detail}).", what.trim_end_matches('.')),
        None => what.to_owned(),
    };
    [what.as_str(), safe, next]
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(" ")
}

pub(crate) const NOTHING_SENT: &str = "Nothing was sent.";
/// Instead of [`NOTHING_SENT`], where the person wanted it told.
pub(crate) const TOLD: &str = "They were told that this wallet does not answer, and nothing else.";
const NOTHING_STORED: &str = "Nothing was stored, and your other cards are as they were.";
const SAFE: &str = "Your cards are safe.";
const AGAIN_LATER: &str = "Try again later.";
const NEW_CODE: &str = "Ask for a new code.";

fn text(code: &str) -> [&'static str; 3] {
    if let Some(found) = of_the_vault(code) {
        return found;
    }
    if let Some(found) = of_the_record(code) {
        return found;
    }
    if let Some(found) = of_an_offer(code) {
        return found;
    }
    if let Some(found) = codes::of_codes(code).or_else(|| ecosystems::of_an_ecosystem(code)) {
        return found;
    }
    of_a_request(code).unwrap_or([
        "This did not work.",
        SAFE,
        "If it happens again, tell the code at the end to whoever helps you.",
    ])
}

fn of_the_vault(code: &str) -> Option<[&'static str; 3]> {
    Some(match code {
        "usage" => [
            "This command was not understood.",
            "Nothing was done.",
            "`holdfast-wallet --help` lists them.",
        ],
        "not_set_up" => ["There is no wallet in this folder.", "", "Make one with `init`."],
        "already_set_up" => [
            "There is already a wallet in this folder.",
            SAFE,
            "Choose another folder for a new one.",
        ],
        "set_up_cut_off" => [
            "Making this wallet was cut off.",
            "There are no cards in it.",
            "Remove the folder and make it again.",
        ],
        "pin_needed" => ["The PIN is missing.", "", "Give it by --pin-file or HOLDFAST_PIN."],
        "pin_refused" => ["This PIN or passphrase cannot be used.", "", "Choose another one."],
        "wrong_pin" => ["This is not the right PIN or passphrase.", SAFE, "Try again."],
        "locked_out" => ["Too many wrong tries.", SAFE, "Wait that long, then try again."],
        "in_use" => ["The wallet is open in another place.", SAFE, "Close it there first."],
        "keyring_locked" => [
            "The system keyring is locked.",
            SAFE,
            "Unlock your system keyring, then try again.",
        ],
        "keyring_unavailable" => [
            "There is no system keyring, or it does not answer.",
            SAFE,
            "Start or unlock your system keyring.",
        ],
        "keyring_entry_missing" => [
            "The system keyring has lost its half of this wallet's key.",
            "Without it nobody can open the wallet, and neither can you.",
            "Restore the keyring, or make a new wallet.",
        ],
        "vault_altered" => [
            "Somebody changed the wallet's files.",
            "The wallet stays shut.",
            "Put the files back as they were, or make a new wallet.",
        ],
        "vault_damaged" => [
            "The wallet's file is damaged.",
            "It stays shut, so that nothing incomplete looks complete.",
            "Restore the folder from a backup.",
        ],
        "vault_newer" => ["A newer version wrote this wallet.", SAFE, "Update holdfast-wallet."],
        "storage_full" => ["There is no space left.", SAFE, "Make room, then try again."],
        "profile_unusable" => [
            "The folder of the wallet cannot be read or written.",
            SAFE,
            "Look at its permissions.",
        ],
        "no_such_card" => ["There is no such card.", SAFE, "`list` names your cards."],
        "too_late_to_undo" => [
            "This card was deleted for good.",
            "Your other cards are safe.",
            "Ask the office that issued it for a new one.",
        ],
        "file_unreadable" => ["A file cannot be read.", "", "Look at its name and permissions."],
        _ => return None,
    })
}

fn of_the_record(code: &str) -> Option<[&'static str; 3]> {
    Some(match code {
        "trust_pack_expired" => [
            "The trust pack has run out.",
            SAFE,
            "Get a new one from where you got this one, and give it to `ecosystem add`.",
        ],
        "trust_pack_invalid" => ["This is not a trust pack that can be trusted.", SAFE, "Get it again."],
        "ledger_unreachable" => ["The public record does not answer.", SAFE, AGAIN_LATER],
        "no_quorum" => [
            "The public record is not confirmed by enough witnesses.",
            "It was not believed.",
            AGAIN_LATER,
        ],
        "ledger_stale" => [
            "What is publicly recorded could not be checked: it is too old.",
            NOTHING_SENT,
            AGAIN_LATER,
        ],
        "clock_wrong" => [
            "The clock of this device is wrong.",
            NOTHING_SENT,
            "Set it, then try again.",
        ],
        "ledger_proof_invalid" | "ledger_record_incomplete" => [
            "The proof from the public record does not hold.",
            "It was not believed.",
            AGAIN_LATER,
        ],
        "address_not_allowed" => [
            "The link leads to an address this wallet does not go to.",
            NOTHING_SENT,
            "Do not use this link.",
        ],
        "anchors_unreadable" => [
            "The folder of trust anchors cannot be read.",
            SAFE,
            "Look at its permissions.",
        ],
        "unresolvable_status_list" | "status_unavailable" => [
            "Whether a card is still good could not be found out.",
            SAFE,
            AGAIN_LATER,
        ],
        _ => return None,
    })
}

fn of_an_offer(code: &str) -> Option<[&'static str; 3]> {
    Some(match code {
        "offer_not_https" => [
            "This offer does not come over a protected connection.",
            NOTHING_SENT,
            NEW_CODE,
        ],
        "offer_from_bare_address" => ["This offer comes from a place without a name.", NOTHING_SENT, NEW_CODE],
        "offer_invalid" | "offer_does_not_fit" => {
            ["This is not an offer this wallet understands.", NOTHING_SENT, NEW_CODE]
        }
        "issuer_unknown" => [
            "Nobody this wallet knows vouches for who offers this card.",
            NOTHING_STORED,
            "Ask the office that should issue it.",
        ],
        "issuer_name_taken" => [
            "This office has the name of one whose cards are here, and is not recorded as its successor.",
            NOTHING_STORED,
            "Ask the office that you know. If the card here is the wrong one, delete it and open the offer again.",
        ],
        "issuer_not_accepted"
        | "issuer_deactivated"
        | "key_retired"
        | "key_not_anchored"
        | "certificate_not_trusted" => [
            "This card or request is not signed by somebody publicly recorded for it.",
            NOTHING_STORED,
            "Ask the office that should issue it.",
        ],
        "offer_gone" => [
            "This offer was used already, or its time is over.",
            NOTHING_STORED,
            "Ask for a new offer.",
        ],
        "issuer_metadata_invalid" | "issuer_failed" | "issuer_unreachable" => [
            "The office that offers this card does not answer as it should.",
            NOTHING_STORED,
            AGAIN_LATER,
        ],
        "tx_code_needed" => [
            "A code is needed for this card.",
            NOTHING_STORED,
            "Give it with --tx-code.",
        ],
        "tx_code_not_expected" => [
            "No code is needed for this card.",
            NOTHING_STORED,
            "Leave --tx-code out.",
        ],
        "tx_code_malformed" => [
            "This cannot be the code for this card.",
            NOTHING_SENT,
            "Look at it again.",
        ],
        "invalid_grant" => [
            "The office did not take the code.",
            NOTHING_STORED,
            "Look at it again, or ask for a new offer.",
        ],
        "sign_in_needed" => [
            "For this card you sign in with the office.",
            NOTHING_STORED,
            "Open the offer again and sign in.",
        ],
        "sign_in_not_needed" => [
            "This card needs no sign-in.",
            NOTHING_STORED,
            "Accept the offer itself.",
        ],
        "no_such_sign_in" => [
            "No sign-in of this wallet waits for this answer, or not any more.",
            NOTHING_STORED,
            "Open the offer again.",
        ],
        "sign_in_mixed_up" => [
            "This answer does not come from the office that you signed in with.",
            "Your sign-in was given to nobody.",
            "Open the offer again.",
        ],
        "access_denied" => [
            "The office did not give you this card.",
            NOTHING_STORED,
            "Ask the office why.",
        ],
        "temporarily_unavailable" | "server_error" => {
            ["Nobody can sign in at this moment.", NOTHING_STORED, AGAIN_LATER]
        }
        "attestation_needed" => [
            "The office gives this card only to wallets that their makers vouch for, and nobody vouches for this one.",
            NOTHING_STORED,
            "Ask the office for another way to get the card.",
        ],
        "wallet_not_accepted" => [
            "The office does not give cards to this kind of wallet.",
            NOTHING_STORED,
            "Ask the office which wallets it accepts.",
        ],
        "attester_unreachable" | "attester_failed" => [
            "Who made this wallet does not vouch for it at this moment, and the office wants that.",
            NOTHING_STORED,
            AGAIN_LATER,
        ],
        "issuer_busy" => [
            "The office is busy.",
            NOTHING_STORED,
            "Try again later; if you have signed in, first with `accept --redirected` and the address that your \
             browser ended at.",
        ],
        "card_not_refreshable" => [
            "The office gave nothing to get this card's copies again with.",
            SAFE,
            "Ask the office for a new offer.",
        ],
        "issuance_deferred" => [
            "The office needs more time for this card.",
            "Your wallet keeps what it needs to ask again; your other cards are as they were.",
            "Ask again later with `collect`.",
        ],
        "card_forms_differ" => [
            "What the office sent as one card says different things.",
            NOTHING_STORED,
            "Tell the office. If it wants to give you two cards, it has to offer each by itself.",
        ],
        code if code.starts_with("card_") => [
            "The office sent a card that does not check out.",
            NOTHING_STORED,
            "Tell the office.",
        ],
        _ => return None,
    })
}

fn of_a_request(code: &str) -> Option<[&'static str; 3]> {
    Some(match code {
        "refused" => ["You did not agree.", "Nothing of your cards was sent.", ""],
        "invalid_request"
        | "invalid_request_uri_method"
        | "vp_formats_not_supported"
        | "invalid_transaction_data"
        | "invalid_scope"
        | "invalid_client"
        | "unsupported_response_type" => ["This request cannot be trusted.", NOTHING_SENT, NEW_CODE],
        "request_gone" => ["This request was answered already, or its time is over.", "", NEW_CODE],
        "asks_too_often" => [
            "They ask again and again.",
            NOTHING_SENT,
            "Wait a minute, or stop them with `stop-asking`.",
        ],
        "party_stopped" => [
            "You wanted no more requests of theirs.",
            NOTHING_SENT,
            "`stop-asking --undo` shows them again.",
        ],
        "claim_never_shown" => [
            "They need something that you show to nobody.",
            NOTHING_SENT,
            "`never-show --undo` lets you show it.",
        ],
        "no_such_request" => [
            "No request was kept under this number.",
            "",
            "`history` has the number of each request; those that asked for too much are kept.",
        ],
        "complaint_too_early" => [
            "It cannot be proved yet: the public record was last confirmed before they asked.",
            SAFE,
            "Try again in a few minutes.",
        ],
        "complaint_not_proved" => [
            "It cannot be proved that they asked for too much.",
            SAFE,
            "What they may ask for was changed meanwhile, or the request came without a proof.",
        ],
        "request_expired" => ["This code is no longer valid.", NOTHING_SENT, NEW_CODE],
        "verifier_not_authenticated" | "verifier_not_in_record" => {
            ["Who asks could not be confirmed.", NOTHING_SENT, NEW_CODE]
        }
        "registration_expired" => ["The registration of who asks has run out.", NOTHING_SENT, "Tell them."],
        "registration_certificate_expired" => [
            "The registration certificate of who asks has run out.",
            NOTHING_SENT,
            "Tell them.",
        ],
        "registration_certificate_forged" => [
            "They show a registration certificate that no registrar signed.",
            NOTHING_SENT,
            "Do not answer.",
        ],
        "registration_certificate_of_another" => [
            "They show the registration certificate of somebody else.",
            NOTHING_SENT,
            "Do not answer.",
        ],
        "registration_certificate_narrower" => [
            "They ask for more than their registration certificate allows.",
            NOTHING_SENT,
            "You need not answer.",
        ],
        "purpose_not_recorded" => [
            "They ask for a purpose that is not publicly recorded.",
            NOTHING_SENT,
            "You can report this.",
        ],
        "rule_not_recorded" => [
            "They decide by another rule than the publicly recorded one.",
            NOTHING_SENT,
            "You can report this.",
        ],
        "over_asking" => [
            "They ask for something outside what they may ask for.",
            NOTHING_SENT,
            "You can report this: `complain` with its number in `history`.",
        ],
        "verifier_not_registered" => [
            "Only those who are publicly recorded may ask for this.",
            NOTHING_SENT,
            "You can report this.",
        ],
        "no_matching_card" => ["None of your cards answers this.", NOTHING_SENT, "Get the card first."],
        "no_copy_left" => ["Every copy of this card was used.", NOTHING_SENT, "Get the card again."],
        "copy_shown_before" => [
            "Every copy of this card was shown before.",
            NOTHING_SENT,
            "Get the card again (refresh), or give --show-again: whoever saw the copy can then tell that it is you again.",
        ],
        "not_optional" => [
            "This choice is not possible.",
            NOTHING_SENT,
            "Look at what is optional.",
        ],
        "verifier_unreachable" => ["Who asks does not answer.", NOTHING_SENT, AGAIN_LATER],
        "maybe_received" => [
            "No reply came back.",
            "They may have received what you agreed to, and nothing else.",
            "Open the same code again: the same answer is sent once more, and only to them.",
        ],
        "answer_not_accepted" => [
            "They did not take the answer.",
            "They received what you agreed to, and nothing else.",
            NEW_CODE,
        ],
        "answer_differs_from_consent" => [
            "The answer was not what you agreed to.",
            NOTHING_SENT,
            "This is a mistake in the wallet; please report it.",
        ],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::sentences;

    #[test]
    fn a_detail_stands_in_the_first_sentence() {
        let text = sentences("over_asking", Some("portrait"));
        assert!(text.starts_with("They ask for something outside what they may ask for (portrait). Nothing was sent."));
    }

    #[test]
    fn an_unknown_code_still_says_what_is_safe() {
        assert!(sentences("something_new", None).contains("Your cards are safe."));
    }
}
