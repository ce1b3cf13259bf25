//! `holdfast-fuzz`: the targets without libFuzzer.
//!
//! ```text
//! holdfast-fuzz list              every target and what it asserts
//! holdfast-fuzz run NAME SECONDS  changes of seeds for so long, without coverage
//! holdfast-fuzz try NAME FILE     one input
//! holdfast-fuzz corpus NAME DIR   the seeds as files, for libFuzzer to begin with
//! holdfast-fuzz seeds             make the kept seeds anew
//! ```

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, fs};

use anyhow::{Context, Result, bail};
use fuzz::{TARGETS, Target, kept_seeds, soak, target};

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["list"] => {
            for target in &TARGETS {
                println!("{:<16} {}", target.name, target.asserts);
            }
        }
        ["run", name, seconds] => run(named(name)?, Duration::from_secs(seconds.parse()?))?,
        ["try", name, file] => println!("{:?}", named(name)?.run(&fs::read(file)?)),
        ["corpus", name, folder] => corpus(named(name)?, Path::new(folder))?,
        ["seeds"] => {
            for (path, content) in kept_seeds() {
                let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(path);
                fs::create_dir_all(file.parent().context("a seed is in the folder of its target")?)?;
                fs::write(file, content)?;
            }
        }
        _ => bail!("holdfast-fuzz list | run NAME SECONDS | try NAME FILE | corpus NAME DIR | seeds"),
    }
    Ok(())
}

fn named(name: &str) -> Result<&'static Target> {
    target(name).with_context(|| format!("there is no target {name}; `holdfast-fuzz list` names them"))
}

fn run(target: &Target, time: Duration) -> Result<()> {
    let chance = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    match soak(target, time, chance, &env::temp_dir().join("holdfast-fuzz")) {
        Ok(executions) => println!(
            "{}: {executions} executions in {} s, chance {chance}",
            target.name,
            time.as_secs()
        ),
        Err(failure) => bail!("{}: {failure}", target.name),
    }
    Ok(())
}

fn corpus(target: &Target, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    for (number, input) in target.seeds().iter().chain(&target.regressions()).enumerate() {
        fs::write(folder.join(format!("seed-{number}")), input)?;
    }
    Ok(())
}
