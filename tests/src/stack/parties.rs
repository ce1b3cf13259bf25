//! Who takes part besides the ledger and the citizen.

/// An agency that issues cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agency {
    /// Keeps the register of people; on the ledger.
    Population,
    /// Issues driving licences; on the ledger.
    Transport,
    /// Known by its certificate alone.
    Certified,
}

/// A business that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Business {
    /// Registered on the ledger.
    Shop,
    /// Known by its certificate alone.
    Club,
}

/// Where an interface answers, and what opens it.
#[derive(Debug, Clone)]
pub struct Api {
    /// The address without a final slash.
    pub url: String,
    /// The bearer token.
    pub token: String,
}

impl Agency {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Population, Self::Transport, Self::Certified];

    /// How many copies of a card each issues: enough for the story, also where a busy machine needs second tries.
    pub const COPIES: i64 = 14;

    /// The name of its service.
    #[must_use]
    pub fn service(self) -> &'static str {
        match self {
            Self::Population => "population",
            Self::Transport => "transport",
            Self::Certified => "certified",
        }
    }

    /// The card types it issues.
    #[must_use]
    pub fn types(self) -> &'static [&'static str] {
        match self {
            Self::Population => &[
                "person-identification",
                "residence",
                "business-representative",
                "student-card",
                "business-registration",
            ],
            Self::Transport => &["driving-licence"],
            Self::Certified => &["person-identification", "residence"],
        }
    }

    /// Whether people sign in for its cards where no code was handed over, and it
    /// gives cards only to wallets that their makers vouch for.
    #[must_use]
    pub fn wants_to_know(self) -> bool {
        self == Self::Transport
    }

    /// Its name in English, German and French.
    #[must_use]
    pub fn name(self) -> [&'static str; 3] {
        match self {
            Self::Population => ["Population Office", "Einwohneramt", "Office de la population"],
            Self::Transport => ["Transport Office", "Verkehrsamt", "Office des transports"],
            Self::Certified => ["Neighbouring Office", "Amt im Nachbarland", "Office voisin"],
        }
    }
}

impl Business {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Shop, Self::Club];

    /// The name of its service.
    #[must_use]
    pub fn service(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Club => "club",
        }
    }

    /// Its name in English, German and French.
    #[must_use]
    pub fn name(self) -> [&'static str; 3] {
        match self {
            Self::Shop => ["Corner Shop", "Laden an der Ecke", "Boutique du coin"],
            Self::Club => ["Rowing Club", "Ruderverein", "Club d'aviron"],
        }
    }
}
