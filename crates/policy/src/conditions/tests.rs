//! Conditions against the interpreter that CEL comes with, and the solver against brute force.

mod by_brute_force;
pub(crate) mod generate;
mod interpreter;
mod refusals;
