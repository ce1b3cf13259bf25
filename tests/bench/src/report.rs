use std::fmt::Write;

use serde::Serialize;

/// One row of the result.
#[derive(Serialize)]
pub(crate) struct Line {
    pub(crate) name: String,
    /// Our rate, or how long it takes, or how much memory.
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    /// The rate of the bare work, or how much it may be.
    pub(crate) limit: f64,
    /// Our rate as a share of the limit; for time and memory the limit over it. More is better
    /// either way.
    pub(crate) ratio: f64,
    #[serde(skip)]
    pub(crate) goal: Option<f64>,
    /// What one call handles, in the table only.
    #[serde(skip)]
    pub(crate) counts: String,
}

impl Line {
    pub(crate) fn new(name: &str, [value, limit]: [f64; 2], goal: Option<f64>) -> Self {
        Self {
            name: name.to_owned(),
            value: value.round(),
            unit: "1/s",
            limit: limit.round(),
            ratio: (value / limit * 1000.0).round() / 1000.0,
            goal,
            counts: String::new(),
        }
    }

    /// What has a limit of its own that it must not be over: a time, or memory.
    pub(crate) fn at_most(name: &str, [value, limit]: [f64; 2], unit: &'static str) -> Self {
        Self {
            value: (value * 10.0).round() / 10.0,
            limit,
            unit,
            ..Self::new(name, [limit, value], Some(1.0))
        }
    }

    pub(crate) fn counting(mut self, counts: String) -> Self {
        self.counts = counts;
        self
    }
}

pub(crate) fn table(lines: &[Line]) -> String {
    let mut text = String::new();
    let mut row = |cells: [&str; 7]| {
        let [name, value, unit, limit, ratio, goal, counts] = cells;
        let _ = writeln!(
            text,
            "{name:<22} {value:>10} {unit:<5} {limit:>10} {ratio:>7} {goal:>6}  {counts}"
        );
    };
    row(["row", "value", "unit", "limit", "ratio", "goal", "one call"]);
    for line in lines {
        let goal = line.goal.map(|goal| format!("{goal:.2}")).unwrap_or_default();
        row([
            &line.name,
            &line.value.to_string(),
            line.unit,
            &line.limit.to_string(),
            &format!("{:.3}", line.ratio),
            &goal,
            &line.counts,
        ]);
    }
    text
}
