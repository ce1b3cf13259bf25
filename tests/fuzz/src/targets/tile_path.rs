//! Paths of tiles, and bundles of entries. c2sp.org/tlog-tiles

use tlog::{Tile, TileContent, decode_entries, encode_entries};

use super::Target;
use crate::Reached;

pub(super) const TARGET: Target = Target {
    name: "tile-path",
    asserts: "a path is written as it came, holds its own positions and no others; a bundle of as many entries as \
              the tile is wide is written as it came",
    body,
    seeds: inputs,
};

fn inputs() -> Vec<Vec<u8>> {
    let paths = [
        "tile/0/000",
        "tile/0/x001/x234/067",
        "tile/63/999.p/255",
        "tile/entries/000",
        "tile/1/000.p/1",
        "tile/entries/x072/057/594.p/3",
        "tile/entries/x072/x057/x594/x037/x927/934",
    ];
    let mut all: Vec<Vec<u8>> = paths.iter().map(|path| path.as_bytes().to_vec()).collect();
    let entries: [&[u8]; 3] = [b"first", b"", b"third entry"];
    for count in 1..=3 {
        let bundle = encode_entries(entries[..count].iter().copied()).unwrap();
        all.push([format!("tile/entries/000.p/{count}\n").as_bytes(), &bundle].concat());
    }
    all
}

/// A path, and after a line feed perhaps the bundle that it leads to.
fn body(input: &[u8]) -> Reached {
    let (path, bundle) = match input.iter().position(|byte| *byte == b'\n') {
        Some(at) => (&input[..at], Some(&input[at + 1..])),
        None => (input, None),
    };
    let Some(tile) = std::str::from_utf8(path)
        .ok()
        .and_then(|path| path.parse::<Tile>().ok())
    else {
        return Reached::Refused;
    };
    assert_eq!(tile.to_string().as_bytes(), path);
    assert!((1..=256).contains(&tile.width()) && tile.is_full() == (tile.width() == 256));
    let positions = tile.positions();
    assert_eq!(positions.end - positions.start, u64::from(tile.width()));
    assert!(!tile.is_in(0));
    if tile.content() == TileContent::Entries {
        assert!(tile.is_in(positions.end) && !tile.is_in(positions.end - 1));
        assert_eq!(
            Tile::holding(tile.content(), positions.start, positions.end),
            Some(tile)
        );
        assert_eq!(Tile::holding(tile.content(), positions.end, positions.end), None);
        assert_eq!(
            Tile::grown(tile.content(), positions.start, positions.end).collect::<Vec<_>>(),
            [tile]
        );
    }
    if let Some(bundle) = bundle {
        return decode_entries(bundle, tile.width()).map_or(Reached::Read, |entries| {
            assert_eq!(entries.len(), usize::from(tile.width()));
            assert_eq!(encode_entries(entries).as_deref(), Ok(bundle));
            Reached::Accepted
        });
    }
    Reached::Accepted
}
