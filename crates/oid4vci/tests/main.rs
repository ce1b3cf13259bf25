//! Both sides of an issuance together, and the examples of the specification.

mod examples;
mod issuance;
