//! What we claim numbers for, measured against the bare work on the same machine.
//!
//! A row compares ours with its limit: the signature checks or signatures that it cannot do
//! without, made by the same library with parsed keys. Both sides run in turns; the medians give
//! the ratio. What services do is measured on them as processes, over HTTP. docs/benchmarks.md
//! keeps the figures.

mod holder;
mod limits;
mod measure;
mod presenter;
mod report;
mod rows;
mod services;
mod usage;

use anyhow::{Result, bail};
use clap::Parser;

/// Measure what we claim numbers for
#[derive(Parser)]
#[command(name = "holdfast-bench")]
struct Args {
    /// Print a JSON array with one object a row
    #[arg(long)]
    json: bool,
    /// How many organisations append-sqlite goes up to, from ten thousand
    #[arg(long, default_value_t = rows::FEWEST)]
    organisations: usize,
    /// Rows to run; without a name all but those that run by name only
    names: Vec<String>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    for name in &args.names {
        if !rows::ROWS.iter().any(|row| row.name == name) {
            let known: Vec<&str> = rows::ROWS.iter().map(|row| row.name).collect();
            bail!("no row is named {name}; there are: {}", known.join(", "));
        }
    }
    rows::go_up_to(args.organisations);
    let mut lines = Vec::new();
    for row in rows::ROWS {
        let chosen = match args.names.as_slice() {
            [] => !row.by_name_only,
            names => names.iter().any(|name| name == row.name),
        };
        if chosen {
            lines.extend((row.run)()?);
        }
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&lines)?);
    } else {
        print!("{}", report::table(&lines));
    }
    Ok(())
}
