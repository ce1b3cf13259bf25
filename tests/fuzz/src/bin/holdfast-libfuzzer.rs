//! One program for all targets under libFuzzer; `HOLDFAST_FUZZ_TARGET` says which.
#![no_main]

use std::sync::LazyLock;

use fuzz::{Dice, Target, mutate, target};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

static TARGET: LazyLock<&'static Target> = LazyLock::new(|| {
    let name = std::env::var("HOLDFAST_FUZZ_TARGET").unwrap_or_default();
    target(&name).unwrap_or_else(|| {
        eprintln!("HOLDFAST_FUZZ_TARGET names no target");
        std::process::exit(2)
    })
});

static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| TARGET.seeds());

fuzz_target!(|input: &[u8]| {
    TARGET.run(input);
});

// Every other change is one of ours, which knows parts and JSON.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut dice = Dice::new(u64::from(seed));
    let changed = match data.get(..size) {
        Some(input) if dice.once_in(2) => {
            let other = dice.pick(&SEEDS).map_or(&[][..], Vec::as_slice);
            mutate(input, other, &mut dice)
        }
        _ => return fuzzer_mutate(data, size, max_size),
    };
    let length = changed.len().min(max_size).min(data.len());
    data[..length].copy_from_slice(&changed[..length]);
    length
});
