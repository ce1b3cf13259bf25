//! The addresses, and three things to try.

use anyhow::{Context, Result};

use crate::stack::{Founded, Operator, Stack};

/// Prints them.
pub(super) fn print(stack: &Stack, founded: &Founded) -> Result<()> {
    let url = |service: &str| stack.layout().url(service);
    let clerk = operator(founded, "population", "officer")?;
    let staff = operator(founded, "shop", "staff")?;
    let person = &founded.somebody;
    println!(
        "
  Agency    {agency}/
            sign in as {clerk}
  Business  {shop}/
            sign in as {staff}
  Shop      {shop}/shop
            an example that wants to know whether you are 18
  Ledger    {ledger}/
            what is publicly recorded, for everybody

Three things to try:
  1. Get a card: at the agency, find {person}, choose a card, and open the link with the wallet.
  2. Use it: buy something in the example shop, and see what the wallet shows before it sends anything.
  3. Take it back: revoke the card at the agency, wait a few seconds, and buy again.",
        agency = url("population")?,
        shop = url("shop")?,
        ledger = url("log")?,
        clerk = signs_in(clerk),
        staff = signs_in(staff),
    );
    Ok(())
}

fn signs_in(operator: &Operator) -> String {
    format!("{}, password {}", operator.name, operator.password)
}

fn operator<'f>(founded: &'f Founded, service: &str, name: &str) -> Result<&'f Operator> {
    let found = founded
        .operators
        .iter()
        .find(|one| one.service == service && one.name == name);
    found.with_context(|| format!("no operator {name} at {service}"))
}
