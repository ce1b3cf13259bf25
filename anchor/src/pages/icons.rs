//! The few icons that stand beside words, as drawn in `ui`.

use maud::{Markup, html};

/// What a state means. The later one outweighs the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tone {
    Info,
    Good,
    Unsure,
    Bad,
}

impl Tone {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Good => "good",
            Self::Unsure => "unsure",
            Self::Bad => "bad",
        }
    }

    fn strokes(self) -> &'static str {
        match self {
            Self::Info => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 11v5.5M12 7.8v.01",
            Self::Good => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM8 12.3l2.8 2.8 5.2-5.6",
            Self::Unsure => "M12 4L2.8 19.5h18.400L12 4zM12 10v4.500M12 17v.01",
            Self::Bad => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM9 9l6 6M15 9l-6 6",
        }
    }
}

/// The icon of a tone; the word beside it says the same.
pub(crate) fn icon(tone: Tone) -> Markup {
    html! {
        svg.icon viewBox="0 0 24 24" aria-hidden="true" focusable="false" { path d=(tone.strokes()) {} }
    }
}
