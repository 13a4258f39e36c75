//! Every way in which AWS invokes a function: which events are served, which are refused by name, and who is believed
//! about their sender.

mod events;
mod front_ends;
