//! The way through linear memory against the way through `Val`, and against hostile guests.

mod agreement;
mod canonical;
mod defaults;
mod echo;
mod flat;
mod hostile;
mod limit;
mod plan_mismatch;
mod random;
mod speed;
