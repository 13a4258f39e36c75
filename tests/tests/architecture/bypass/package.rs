//! Packages that break a rule.

use super::Texts;

/// Packages, each with its title, the files that differ from the plain package, and the sentence that has to come.
pub(super) const PACKAGES: &[(&str, Texts<'_>, &str)] = &[
    (
        "a child in a folder",
        &[
            ("app/src/protocol.rs", "mod inner;\nuse crate::leaf;\n"),
            ("app/src/protocol/inner.rs", "use super::super::engine;\n"),
        ],
        "app/src/protocol/inner.rs:1: protocol may not import engine because it is pure",
    ),
    (
        "a child of a mod.rs",
        &[
            ("app/src/lib.rs", "mod edge;\nmod service;\nmod engine;\nmod leaf;\nmod protocol;\n"),
            ("app/src/protocol.rs", "#[path = \"deep/inner.rs\"]\nmod inner;\nuse crate::leaf;\n"),
            ("app/src/deep/inner.rs", "mod more;\n"),
            ("app/src/deep/more.rs", "use super::super::super::engine;\n"),
        ],
        "app/src/deep/more.rs:1: protocol may not import engine because it is pure",
    ),
    (
        "a file of another module by #[path]",
        &[
            ("app/src/engine.rs", "mod inner;\nuse wasmtime::Engine;\n"),
            ("app/src/engine/inner.rs", "use crate::engine::Store;\n"),
            ("app/src/protocol.rs", "#[path = \"engine/inner.rs\"]\nmod inner;\nuse crate::leaf;\n"),
        ],
        "app/src/engine/inner.rs:1: protocol may not import engine because it is pure",
    ),
    (
        "a #[path] in an inline module",
        &[
            (
                "app/src/protocol.rs",
                "mod outer {\n    #[path = \"x.rs\"]\n    mod inner;\n}\nuse crate::leaf;\n",
            ),
            ("app/src/protocol/outer/x.rs", "use crate::engine;\n"),
        ],
        "app/src/protocol/outer/x.rs:1: protocol may not import engine because it is pure",
    ),
    (
        "a module whose file is elsewhere",
        &[("app/src/protocol.rs", "#[path = \"../../x.rs\"]\nmod inner;\nuse crate::leaf;\n")],
        "module protocol::inner is in none of [\"x.rs\"]",
    ),
    (
        "a file that a macro brings in",
        &[("app/src/protocol.rs", "include!(\"more.rs\");\nuse crate::leaf;\n")],
        "app/src/protocol.rs:1: may not hide an import: `include!` brings in code from another file",
    ),
    (
        "a file that no module declares",
        &[("app/src/more.rs", "use crate::engine;\n")],
        "app/src/more.rs: is part of no module that app declares",
    ),
    (
        "a macro with a hole for the module",
        &[(
            "app/src/protocol.rs",
            "use crate::leaf;\nmacro_rules! run { ($layer:ident) => { crate::$layer::run() }; }\n",
        )],
        "app/src/protocol.rs:2: may not hide an import: a macro puts a path together from `crate::` and a hole",
    ),
    (
        "a macro with a hole for the crate",
        &[(
            "app/src/protocol.rs",
            "use crate::leaf;\nmacro_rules! run { ($top:tt) => { $top::engine::run() }; }\n",
        )],
        "app/src/protocol.rs:2: may not hide an import: a macro puts a path together from a hole and `::`",
    ),
    (
        "a re-export of another module",
        &[
            ("app/src/edge.rs", "use base::data;\nuse crate::service::Store;\n"),
            ("app/src/service.rs", "use crate::protocol;\npub use crate::engine::Store;\n"),
        ],
        "app/src/edge.rs:2: edge may not import engine because it is thin",
    ),
    (
        "a re-export of a re-export",
        &[
            ("app/src/edge.rs", "use base::data;\nfn f(_: crate::service::Kept) {}\n"),
            (
                "app/src/service.rs",
                "use crate::protocol;\nmod inner {\n    pub use crate::engine::Store;\n}\npub use inner::Store as Kept;\n",
            ),
        ],
        "app/src/edge.rs:2: edge may not import engine because it is thin",
    ),
    (
        "a re-export of everything",
        &[
            ("app/src/edge.rs", "use base::data;\nuse crate::service::Store;\n"),
            ("app/src/service.rs", "use crate::protocol;\npub use crate::engine::*;\n"),
        ],
        "app/src/edge.rs:2: edge may not import engine because it is thin",
    ),
    (
        "a re-export of everything of everything",
        &[
            ("app/src/edge.rs", "use base::data;\nuse crate::service;\nfn f(_: service::Store) {}\n"),
            (
                "app/src/service.rs",
                "use crate::protocol;\npub use inner::*;\nmod inner {\n    pub use crate::engine::*;\n}\n",
            ),
        ],
        "app/src/edge.rs:3: edge may not import engine because it is thin",
    ),
    (
        "a dependency in a module with a glob",
        &[("app/src/protocol.rs", "use crate::leaf::*;\nfn f(_: wasmtime::Engine) {}\n")],
        "app/src/protocol.rs:2: protocol may not import wasmtime because its home is engine",
    ),
    (
        "everything of a module with a re-export",
        &[
            ("app/src/edge.rs", "use base::data;\nuse crate::service::*;\n"),
            ("app/src/service.rs", "use crate::protocol;\npub use crate::engine::Store;\n"),
        ],
        "app/src/edge.rs:2: edge may not import engine because it is thin",
    ),
    (
        "a module re-exported under another name",
        &[
            ("app/src/edge.rs", "use base::data;\nuse crate::service::inside;\nfn f(_: inside::Store) {}\n"),
            ("app/src/service.rs", "use crate::protocol;\npub use crate::engine as inside;\n"),
        ],
        "app/src/edge.rs:2: edge may not import engine because it is thin",
    ),
    (
        "another name for a type",
        &[
            ("app/src/edge.rs", "use base::data;\nfn f(_: crate::service::Kept) {}\n"),
            ("app/src/service.rs", "use crate::protocol;\npub type Kept = crate::engine::Store;\n"),
        ],
        "app/src/edge.rs:2: edge may not import engine because it is thin",
    ),
    (
        "a re-export at the root",
        &[
            (
                "app/src/lib.rs",
                "mod edge;\nmod service;\nmod protocol;\nmod engine;\nmod leaf;\npub use engine::Store;\n",
            ),
            ("app/src/protocol.rs", "use crate::{Store, leaf};\n"),
        ],
        "app/src/protocol.rs:1: protocol may not import engine because it is pure",
    ),
    (
        "code at the root",
        &[
            (
                "app/src/lib.rs",
                "mod edge;\nmod service;\nmod protocol;\nmod engine;\nmod leaf;\npub fn run() {}\n",
            ),
            ("app/src/protocol.rs", "use crate::leaf;\nfn f() { crate::run() }\n"),
        ],
        "app/src/protocol.rs:2: protocol may not import the crate root because it is pure",
    ),
    (
        "a program",
        &[("app/src/main.rs", "use app::edge;\n")],
        "app/src/main.rs: main may not be there because the table of app does not know it",
    ),
    (
        "another package",
        &[("app/src/protocol.rs", "use crate::leaf;\nuse base::data;\n")],
        "app/src/protocol.rs:2: protocol may not import base::data because it is pure",
    ),
    (
        "another module of another package",
        &[("app/src/edge.rs", "use crate::service;\nuse base::{data, sandbox::Cell};\n")],
        "app/src/edge.rs:2: edge may not import base::sandbox because it is thin",
    ),
    (
        "another package under another name",
        &[("app/src/protocol.rs", "extern crate base as floor;\nuse crate::leaf;\nuse floor::data;\n")],
        "app/src/protocol.rs:3: protocol may not import base::data because it is pure",
    ),
    (
        "a new file",
        &[
            (
                "app/src/lib.rs",
                "mod edge;\nmod service;\nmod protocol;\nmod engine;\nmod leaf;\nmod fresh;\n",
            ),
            ("app/src/fresh.rs", ""),
        ],
        "app/src/fresh.rs: fresh may not be there because the table of app does not know it",
    ),
    (
        "a new inline module",
        &[(
            "app/src/lib.rs",
            "mod edge;\nmod service;\nmod protocol;\nmod engine;\nmod leaf;\nmod fresh {}\n",
        )],
        "app/src/lib.rs: fresh may not be there because the table of app does not know it",
    ),
    (
        "a module that went away",
        &[
            ("app/src/lib.rs", "mod edge;\nmod service;\nmod protocol;\nmod engine;\n"),
            ("app/src/leaf.rs", ""),
            ("app/src/protocol.rs", ""),
        ],
        "the table of app has leaf, which does not exist",
    ),
    (
        "a permission that is not used",
        &[("app/src/service.rs", "use crate::protocol;\n")],
        "the table of app lets service import engine, which it does not",
    ),
    (
        "a permission that only tests use",
        &[("app/src/service.rs", "use crate::protocol;\n#[cfg(test)]\nuse crate::engine;\n")],
        "the table of app lets service import engine, which it does not",
    ),
    (
        "a dependency away from home",
        &[("app/src/protocol.rs", "use crate::leaf;\nuse wasmtime::Engine;\n")],
        "app/src/protocol.rs:2: protocol may not import wasmtime because its home is engine",
    ),
    (
        "a dependency in a path",
        &[("app/src/protocol.rs", "use crate::leaf;\nfn f(_: ::wasmtime::Engine) {}\n")],
        "app/src/protocol.rs:2: protocol may not import wasmtime because its home is engine",
    ),
    (
        "a dependency in a group",
        &[("app/src/protocol.rs", "use crate::leaf;\nuse {serde, wasmtime};\n")],
        "app/src/protocol.rs:2: protocol may not import wasmtime because its home is engine",
    ),
    (
        "a dependency under another name",
        &[("app/src/protocol.rs", "extern crate wasmtime as w;\nuse crate::leaf;\nuse w::Engine;\n")],
        "app/src/protocol.rs:1: protocol may not import wasmtime because its home is engine",
    ),
    (
        "a dependency handed on by its home",
        &[
            ("app/src/engine.rs", "pub struct Store;\npub use wasmtime::Engine;\n"),
            ("app/src/service.rs", "use crate::{engine::{Engine, Store}, protocol};\n"),
        ],
        "app/src/service.rs:1: service may not import wasmtime because its home is engine",
    ),
    (
        "a home that is not used",
        &[("app/src/engine.rs", "pub struct Store;\n")],
        "the table of app lets engine import wasmtime, which it does not",
    ),
    (
        "siblings in a circle",
        &[
            ("app/src/service.rs", "mod left;\nmod right;\nuse crate::{engine::Store, protocol};\n"),
            ("app/src/service/left.rs", "pub struct A;\nuse super::right::B;\n"),
            ("app/src/service/right.rs", "pub struct B;\nuse crate::service::left;\nfn f(_: left::A) {}\n"),
        ],
        "app/src/service/left.rs:2: service::left imports service::right and may not because that closes a cycle with \
         app/src/service/right.rs:3: service::right imports service::left",
    ),
    (
        "siblings in a circle through their parent's re-exports",
        &[
            (
                "app/src/service.rs",
                "mod left;\nmod right;\npub use left::A;\npub use right::*;\nuse crate::{engine::Store, protocol};\n",
            ),
            ("app/src/service/left.rs", "pub struct A;\nuse super::B;\n"),
            ("app/src/service/right.rs", "pub struct B;\nfn f(_: super::A) {}\n"),
        ],
        "app/src/service/left.rs:2: service::left imports service::right and may not because that closes a cycle with \
         app/src/service/right.rs:2: service::right imports service::left",
    ),
    (
        "folders in a circle",
        &[
            (
                "app/src/service.rs",
                "mod left {\n    mod a { pub struct A; }\n    mod b { use super::super::right::B; }\n}\n\
                 mod right;\nuse crate::{engine::Store, protocol};\n",
            ),
            ("app/src/service/right.rs", "pub struct B;\nuse super::left::a::A;\n"),
        ],
        "app/src/service.rs:3: service::left imports service::right and may not because that closes a cycle with \
         app/src/service/right.rs:2: service::right imports service::left",
    ),
];
