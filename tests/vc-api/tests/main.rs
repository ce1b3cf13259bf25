//! The adapter as a process, asked over HTTP as the public suites ask it.

#[cfg(test)]
mod credentials;
#[cfg(test)]
mod presentations;
#[cfg(test)]
mod running;
#[cfg(test)]
mod statuses;
#[cfg(test)]
mod suite_inputs;
