//! Tests of the crate from outside: attacks on tokens, and vectors by others.

#[cfg(test)]
mod chain;
#[cfg(test)]
mod json;
#[cfg(test)]
mod jwe;
#[cfg(test)]
mod jwk;
#[cfg(test)]
mod jws;
#[cfg(test)]
mod vectors;

/// Random bytes for tests: a counter, so that runs are alike.
#[cfg(test)]
fn counter() -> impl FnMut(&mut [u8]) {
    let mut next = 0_u32;
    move |out: &mut [u8]| {
        for byte in out {
            next = next.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = next.to_be_bytes()[0];
        }
    }
}
