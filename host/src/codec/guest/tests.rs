//! The way through linear memory against the way through `Val`, and against hostile guests.

mod agreement;
mod defaults;
mod echo;
mod flat;
mod hostile;
mod limit;
mod misfit;
mod random;
mod speed;
