//! Every value type and every form of error. The contract of every function is in `wit/world.wit`.

mod failures;
mod values;

wit_bindgen::generate!({ world: "gallery", path: "wit", generate_all });

struct Gallery;

export!(Gallery);
