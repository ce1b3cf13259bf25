//! The code: k symbols and 32 recovery symbols, of which any k give the block.
//! docs/offline-qr.md §4
//!
//! The library answers malformed input with errors. It is given none: indices are checked by
//! [`super::frame::Frame`], and none comes twice.

use super::frame::{RECOVERY_SYMBOLS, SYMBOL_BYTES};

/// A symbol.
pub(super) type Symbol = [u8; SYMBOL_BYTES];

/// The recovery symbols of a block.
pub(super) fn recovery(symbols: &[Symbol]) -> Option<Vec<Symbol>> {
    let recovery = reed_solomon_simd::encode(symbols.len(), RECOVERY_SYMBOLS, symbols).ok()?;
    recovery.into_iter().map(|symbol| symbol.try_into().ok()).collect()
}

/// The block from exactly `needed` symbols with different indices.
pub(super) fn restore(needed: usize, held: &[(usize, &Symbol)]) -> Option<Vec<Symbol>> {
    let mut block: Vec<Option<Symbol>> = vec![None; needed];
    for (index, symbol) in held {
        if let Some(place) = block.get_mut(*index) {
            *place = Some(**symbol);
        }
    }
    if block.iter().any(Option::is_none) {
        let originals = held.iter().filter(|(index, _)| *index < needed);
        let originals = originals.map(|(index, symbol)| (*index, *symbol));
        let recovery = held.iter().filter(|(index, _)| *index >= needed);
        let recovery = recovery.map(|(index, symbol)| (*index - needed, *symbol));
        for (index, symbol) in reed_solomon_simd::decode(needed, RECOVERY_SYMBOLS, originals, recovery).ok()? {
            *block.get_mut(index)? = Some(symbol.try_into().ok()?);
        }
    }
    block.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MAX_SYMBOLS;

    fn symbols(count: usize) -> Vec<Symbol> {
        let symbol = |number: usize| {
            let mut symbol = [0; SYMBOL_BYTES];
            for (place, byte) in symbol.iter_mut().enumerate() {
                *byte = (place * 31 + number * 97 + place * number) as u8;
            }
            symbol
        };
        (0..count).map(symbol).collect()
    }

    #[test]
    fn any_window_of_k_symbols_gives_the_block() {
        for needed in 1..=MAX_SYMBOLS {
            let block = symbols(needed);
            let all = [block.clone(), recovery(&block).unwrap()].concat();
            assert_eq!(all.len(), needed + RECOVERY_SYMBOLS);
            for first in 0..all.len() {
                let indices = (first..first + needed).map(|index| index % all.len());
                let held: Vec<(usize, &Symbol)> = indices.map(|index| (index, &all[index])).collect();
                assert_eq!(restore(needed, &held).unwrap(), block, "{needed} from {first}");
            }
        }
    }

    #[test]
    fn too_few_or_impossible_symbols_give_nothing() {
        let block = symbols(4);
        let recovery = recovery(&block).unwrap();
        assert_eq!(restore(4, &[(0, &block[0]), (1, &block[1]), (4, &recovery[0])]), None);
        let twice = [(0, &block[0]), (4, &recovery[0]), (4, &recovery[0]), (5, &recovery[1])];
        assert_eq!(restore(4, &twice), None);
        let beyond = [(0, &block[0]), (1, &block[1]), (2, &block[2]), (36, &recovery[0])];
        assert_eq!(restore(4, &beyond), None);
    }
}
