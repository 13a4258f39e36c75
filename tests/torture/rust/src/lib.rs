//! Every value type of WIT, in and out. The contract of every function is in `../wit/world.wit`.

mod compute;
mod echo;

wit_bindgen::generate!({ world: "torture", path: "../wit" });

struct Torture;

export!(Torture);
