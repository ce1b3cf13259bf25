//! Libraries that verify ES256, with parsed keys, as a share of the one we use. The record of
//! the decision is docs/adr/0005-es256-library.md.

use anyhow::{Context, Result};
use jose::{Signer, VerifyingKey};
use josekit::jws::JwsVerifier;
use p256::ecdsa::signature::Verifier;
use testkit::credential::{key, signer};

use crate::measure::rates;
use crate::report::Line;

pub(crate) fn es256() -> Result<Vec<Line>> {
    let key = key(1);
    let message = vec![b'm'; 800];
    let signature = signer(&key).sign(&message)?;
    let public = key.public();
    let point = public.sec1_uncompressed().context("a P-256 key")?;

    let aws_lc = VerifyingKey::new(public)?;
    let rust_crypto = p256::ecdsa::VerifyingKey::from_sec1_bytes(point)?;
    let parsed = p256::ecdsa::Signature::from_slice(&signature)?;
    let jwk = josekit::jwk::Jwk::from_bytes(public.to_value().to_string())?;
    let openssl = josekit::jws::ES256.verifier_from_jwk(&jwk)?;

    let [aws_lc, rust_crypto, openssl] = rates([
        &mut || Ok(aws_lc.verify(&message, &signature)?),
        &mut || Ok(rust_crypto.verify(&message, &parsed)?),
        &mut || Ok(openssl.verify(&message, &signature)?),
    ])?;
    let line = |name, rate| Line::new(name, [rate, aws_lc], None);
    Ok(vec![
        line("es256-aws-lc-rs", aws_lc),
        line("es256-p256", rust_crypto),
        line("es256-josekit", openssl),
    ])
}
