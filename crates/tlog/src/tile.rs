use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::{NodeId, text::parse_decimal};

/// How many hashes or entries a full tile has.
const FULL: u16 = 256;

/// One resource of a tiled log: hashes of one level, or a bundle of entries.
/// tlog-tiles, "Merkle Tree" and "Log entries"
///
/// Its text form is the path under the log's URL, `tile/0/x001/234.p/8` or
/// `tile/entries/000`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tile {
    content: TileContent,
    index: u64,
    width: u16,
}

/// What a tile holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TileContent {
    /// Hashes of complete subtrees of `256^level` leaves; the level is below 64.
    Hashes {
        /// The tile level: each spans eight levels of the tree.
        level: u8,
    },
    /// The entries themselves.
    Entries,
}

impl Tile {
    /// The tile that holds what is at `position` among the hashes or entries, as wide as it
    /// is in a tree of `size` leaves; `None` when that tree does not have the position.
    #[must_use]
    pub fn holding(content: TileContent, position: u64, size: u64) -> Option<Self> {
        let count = content.count(size);
        if position >= count {
            return None;
        }
        let index = position / u64::from(FULL);
        let rest = count - index * u64::from(FULL);
        let width = u16::try_from(rest).map_or(FULL, |rest| rest.min(FULL));
        Some(Self { content, index, width })
    }

    /// The tile that has the hash of a node, or the hashes below it, in a tree of `size`
    /// leaves.
    #[must_use]
    pub fn of_node(node: NodeId, size: u64) -> Option<Self> {
        let content = TileContent::Hashes { level: node.level / 8 };
        let last = (node.index.checked_add(1)?.checked_mul(1 << (node.level % 8))?).checked_sub(1)?;
        Self::holding(content, last, size)
    }

    /// All tiles of one kind that are new or wider in a tree of `new_size` leaves than in
    /// one of `old_size`.
    pub fn grown(content: TileContent, old_size: u64, new_size: u64) -> impl Iterator<Item = Self> {
        let (old, new) = (content.count(old_size), content.count(new_size));
        let indexes = if old < new {
            old / u64::from(FULL)..new.div_ceil(u64::from(FULL))
        } else {
            0..0
        };
        indexes.filter_map(move |index| Self::holding(content, index * u64::from(FULL), new_size))
    }

    /// Hashes or entries.
    #[must_use]
    pub fn content(&self) -> TileContent {
        self.content
    }

    /// Position among the tiles of its kind.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or entries it has: 1 to 256.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it has all 256 and will never change.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.width == FULL
    }

    /// The full tile that this one grows into, which a log may serve in its place.
    #[must_use]
    pub fn full(&self) -> Self {
        Self { width: FULL, ..*self }
    }

    /// The positions of its hashes or entries.
    #[must_use]
    pub fn positions(&self) -> std::ops::Range<u64> {
        let start = self.index.saturating_mul(u64::from(FULL));
        start..start.saturating_add(u64::from(self.width))
    }

    /// Whether a tree of this size has the tile, at this width or wider.
    #[must_use]
    pub fn is_in(&self, size: u64) -> bool {
        self.positions().end <= self.content.count(size)
    }
}

impl TileContent {
    /// How many hashes or entries of this kind a tree of `size` leaves has.
    fn count(self, size: u64) -> u64 {
        match self {
            Self::Hashes { level } => size.checked_shr(8 * u32::from(level)).unwrap_or(0),
            Self::Entries => size,
        }
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.content {
            TileContent::Hashes { level } => write!(f, "tile/{level}/")?,
            TileContent::Entries => f.write_str("tile/entries/")?,
        }
        let digits = self.index.to_string();
        let padded = format!("{:0>1$}", digits, digits.len().div_ceil(3) * 3);
        let last = padded.len() - 3;
        for (at, digit) in padded.char_indices() {
            match at {
                0 => (),
                at if at % 3 == 0 => f.write_str("/")?,
                _ => (),
            }
            if at % 3 == 0 && at < last {
                f.write_str("x")?;
            }
            write!(f, "{digit}")?;
        }
        if !self.is_full() {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

impl FromStr for Tile {
    type Err = TileError;

    fn from_str(path: &str) -> Result<Self, TileError> {
        let rest = path.strip_prefix("tile/").ok_or(TileError::Path)?;
        let (content, rest) = rest.split_once('/').ok_or(TileError::Path)?;
        let content = match content {
            "entries" => TileContent::Entries,
            level => match parse_decimal(level).and_then(|level| u8::try_from(level).ok()) {
                Some(level) if level < 64 => TileContent::Hashes { level },
                _ => return Err(TileError::Level),
            },
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, parse_width(width).ok_or(TileError::Width)?),
            None => (rest, FULL),
        };
        let index = parse_index(index).ok_or(TileError::Index)?;
        // The whole tile must have room in a tree, whose size is below 2^64.
        let start = index.checked_mul(u64::from(FULL)).ok_or(TileError::Index)?;
        start.checked_add(u64::from(width)).ok_or(TileError::Index)?;
        Ok(Self { content, index, width })
    }
}

/// Why a path is not a tile's. tlog-tiles, "Merkle Tree"
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TileError {
    /// Not `tile/<L>/<N>` or `tile/entries/<N>`.
    #[error("not the path of a tile")]
    Path,
    /// The level is not a decimal number from 0 to 63.
    #[error("the tile level is malformed")]
    Level,
    /// The index is not in groups of three digits, all but the last with an `x`.
    #[error("the tile index is malformed")]
    Index,
    /// The width is not a decimal number from 1 to 255.
    #[error("the tile width is malformed")]
    Width,
}

fn parse_width(text: &str) -> Option<u16> {
    let width = u16::try_from(parse_decimal(text)?).ok()?;
    (1..FULL).contains(&width).then_some(width)
}

/// `x001/x234/067`; a leading group of zeroes is a second spelling and refused.
fn parse_index(text: &str) -> Option<u64> {
    let (leading, last) = match text.rsplit_once('/') {
        Some((leading, last)) => (Some(leading), last),
        None => (None, text),
    };
    let leading = leading.map(|leading| leading.split('/')).into_iter().flatten();
    let mut index = 0_u64;
    for (at, group) in leading
        .map(|group| group.strip_prefix('x'))
        .chain([Some(last)])
        .enumerate()
    {
        let group = group?;
        if group.len() != 3 || !group.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        if at == 0 && group == "000" && text.len() > 3 {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(group.parse().ok()?)?;
    }
    Some(index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    const LEVEL_0: TileContent = TileContent::Hashes { level: 0 };

    #[test_case("tile/0/000", LEVEL_0, 0, 256; "first tile")]
    #[test_case("tile/0/x001/x234/067", LEVEL_0, 1_234_067, 256; "example of the specification")]
    #[test_case("tile/63/999.p/255", TileContent::Hashes { level: 63 }, 999, 255; "partial")]
    #[test_case("tile/entries/x001/000.p/1", TileContent::Entries, 1000, 1; "entries")]
    #[test_case("tile/0/x072/x057/x594/x037/x927/935.p/255", LEVEL_0, (1 << 56) - 1, 255; "the last of the largest tree")]
    fn path_round_trip(path: &str, content: TileContent, index: u64, width: u16) {
        let tile: Tile = path.parse().unwrap();
        assert_eq!((tile.content(), tile.index(), tile.width()), (content, index, width));
        assert_eq!(tile.to_string(), path);
    }

    #[test_case("checkpoint", TileError::Path; "another resource")]
    #[test_case("tile/0", TileError::Path; "no index")]
    #[test_case("tile/64/000", TileError::Level; "level too high")]
    #[test_case("tile/00/000", TileError::Level; "level with a leading zero")]
    #[test_case("tile/data/000", TileError::Level; "unknown kind")]
    #[test_case("tile/0/00", TileError::Index; "two digits")]
    #[test_case("tile/0/0000", TileError::Index; "four digits")]
    #[test_case("tile/0/001/000", TileError::Index; "no x")]
    #[test_case("tile/0/x000/001", TileError::Index; "leading group of zeroes")]
    #[test_case("tile/0/x001", TileError::Index; "x in the last group")]
    #[test_case("tile/0/000/", TileError::Index; "slash at the end")]
    #[test_case("tile/0/x999/x999/x999/x999/x999/x999/999", TileError::Index; "too large")]
    #[test_case("tile/0/x072/x057/x594/x037/x927/935", TileError::Index; "ends where no tree does")]
    #[test_case("tile/0/000.p/0", TileError::Width; "width zero")]
    #[test_case("tile/0/000.p/256", TileError::Width; "full width written as partial")]
    #[test_case("tile/0/000.p/01", TileError::Width; "width with a leading zero")]
    fn refused(path: &str, error: TileError) {
        assert_eq!(path.parse::<Tile>(), Err(error));
    }

    /// "a tree of size 70,000 will be represented by 273 full level 0 tiles, one partial
    /// level 0 tile of width 112, one full level 1 tile, one partial level 1 tile of width
    /// 17, and one partial level 2 tile of width 1"
    #[test]
    fn example_of_the_specification() {
        let widths = |level| -> Vec<u16> {
            let content = TileContent::Hashes { level };
            Tile::grown(content, 0, 70_000).map(|tile| tile.width()).collect()
        };
        assert_eq!(widths(0).len(), 274);
        assert_eq!((widths(0)[272], widths(0)[273]), (256, 112));
        assert_eq!(widths(1), [256, 17]);
        assert_eq!(widths(2), [1]);
        assert!(widths(3).is_empty());
        let of_256 = Tile::grown(TileContent::Hashes { level: 1 }, 0, 256).next().unwrap();
        assert_eq!(of_256.to_string(), "tile/1/000.p/1");
    }

    #[test]
    fn grown_names_only_what_changed() {
        let paths = |old, new| -> Vec<String> {
            Tile::grown(TileContent::Entries, old, new)
                .map(|tile| tile.to_string())
                .collect()
        };
        assert_eq!(paths(0, 0), [""; 0]);
        assert_eq!(paths(300, 300), [""; 0]);
        assert_eq!(paths(300, 301), ["tile/entries/001.p/45"]);
        assert_eq!(
            paths(255, 513),
            ["tile/entries/000", "tile/entries/001", "tile/entries/002.p/1"]
        );
    }

    #[test]
    fn node_is_found_in_its_tile() {
        let node = NodeId { level: 3, index: 40 };
        assert_eq!(Tile::of_node(node, 400).unwrap().to_string(), "tile/0/001.p/144");
        let node = NodeId { level: 8, index: 1 };
        assert_eq!(Tile::of_node(node, 600).unwrap().to_string(), "tile/1/000.p/2");
        assert_eq!(Tile::of_node(node, 256), None);
    }
}
