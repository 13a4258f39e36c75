//! Every value type of WIT, in and out. The contract of every function is in `../wit/world.wit`.

mod compute;
mod echo;

wit_bindgen::generate!({ world: "type-matrix", path: "../wit" });

struct TypeMatrix;

export!(TypeMatrix);
