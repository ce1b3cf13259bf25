//! Sentences about showing cards as codes, and about the proofs for that.

use super::{AGAIN_LATER, NEW_CODE, SAFE};

const NOTHING_SHOWN: &str = "Nothing was shown.";

pub(super) fn of_codes(code: &str) -> Option<[&'static str; 3]> {
    Some(match code {
        "invalid_challenge" => ["These codes cannot be trusted.", NOTHING_SHOWN, NEW_CODE],
        "challenge_stale" => [
            "What proves who asks is more than a day old.",
            NOTHING_SHOWN,
            "They have to go online once, then ask again.",
        ],
        "challenge_not_yet_valid" => [
            "These codes are from the future: their clock and yours differ.",
            NOTHING_SHOWN,
            "Set your clock, or ask them to set theirs.",
        ],
        "split_view" => [
            "The public record shows two histories: somebody is being deceived.",
            "Your cards are safe. Nothing of the record is believed any more, and nothing was shown.",
            "Give the files that `evidence` writes to somebody you trust.",
        ],
        "answer_too_long" => [
            "The answer does not fit into codes.",
            NOTHING_SHOWN,
            "Leave out what is optional, or answer over a network.",
        ],
        "proofs_unreachable" => ["The public record does not answer.", SAFE, AGAIN_LATER],
        "proofs_invalid" => [
            "The proof from the public record does not hold.",
            "It was not believed, and what was held before is kept.",
            AGAIN_LATER,
        ],
        "no_code_found" => [
            "There is no code in this.",
            NOTHING_SHOWN,
            "Take a picture that is sharp and not cut off.",
        ],
        "not_a_challenge" => [
            "This is not a code that asks for a card.",
            NOTHING_SHOWN,
            "If it is a link, give it to `present`.",
        ],
        "codes_incomplete" => [
            "Some of the codes are missing.",
            NOTHING_SHOWN,
            "Take pictures of all of them, or a longer video.",
        ],
        "picture_unreadable" => [
            "This is no picture that can be read.",
            NOTHING_SHOWN,
            "PNG and JPEG can.",
        ],
        "ffmpeg_missing" => [
            "Videos need the package ffmpeg, which is not here.",
            NOTHING_SHOWN,
            "Install ffmpeg, or use a folder of pictures.",
        ],
        "video_unreadable" => ["This video cannot be read.", NOTHING_SHOWN, "Use pictures instead."],
        "video_failed" => [
            "The video could not be made.",
            "A copy of the card counts as shown if you agreed.",
            "Ask for a new code, and give a folder instead.",
        ],
        "file_unwritable" => ["A file cannot be written.", SAFE, "Look at its name and permissions."],
        _ => return None,
    })
}
