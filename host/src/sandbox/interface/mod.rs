//! Lists the interfaces that a plugin may import, and links each.
//!
//! A component gets exactly the interfaces that it imports. Each is the real interface, but closed: the grants
//! decide, call by call, what the guest can do with it. So a Python or JavaScript component runs even if its
//! runtime imports sockets that it never uses. Any other import is refused by name, first by `toolcell build` and
//! again by the host.

mod ask;
mod call;
mod config;
mod filesystem;
mod http;
mod io_error;
mod keyvalue;
mod network;
mod notification;
mod random;

use std::collections::BTreeSet;

use wasmtime::Engine;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, HasData, HasSelf, Linker, ResourceTable};
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView as _};
use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random as secure};
use wasmtime_wasi::p2::bindings::{cli, clocks, sockets};
use wasmtime_wasi::random::{WasiRandom, WasiRandomView as _};
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView as _};
use wasmtime_wasi_io::bindings::wasi::io;

use super::store_data::StoreData;

/// Adds an interface to a linker.
#[derive(Clone, Copy, Debug)]
enum Link {
    /// All of it, under the name that the component imports.
    Whole(fn(&mut Linker<StoreData>, &str) -> wasmtime::Result<()>),
    /// The part that the component imports, in the form that it imports.
    Imported(fn(&mut Linker<StoreData>, Import<'_>) -> wasmtime::Result<()>),
}

/// An interface as a component imports it.
#[derive(Clone, Copy)]
struct Import<'i> {
    /// Its name, with the version.
    name: &'i str,
    item: &'i ComponentItem,
    engine: &'i Engine,
}

/// An interface that plugins may import.
#[derive(Debug)]
struct Interface {
    name: &'static str,
    version: Versions,
    link: Link,
}

/// The versions of an interface that can be linked.
#[derive(Clone, Copy, Debug)]
enum Versions {
    /// Every release of WASI 0.2: each only adds to the one before.
    Wasi02,
    /// Every release of our own 0.1.
    Plugin01,
    /// Exactly these drafts.
    Drafts(&'static [&'static str]),
}

/// The reason why a component's import cannot be linked.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// WASI 0.3, or another async interface.
    #[error(
        "import `{import}` is not supported: components must be built for WASI 0.2 \
         (Rust: target wasm32-wasip2; QuickJS: --backend-qjs-disable-async)"
    )]
    Wasi03 {
        /// The name of the import.
        import: String,
    },
    /// A known interface in another version.
    #[error("import `{import}` is not supported in this version; supported: {supported}")]
    Version {
        /// The name of the import.
        import: String,
        /// The versions that are supported.
        supported: String,
    },
    /// An interface that this host does not know, or a plain function.
    #[error(
        "import `{import}` is not supported; build the component without it, or compose it with a \
         component that exports it (docs/plugin-interface.md lists what can be imported)"
    )]
    Unknown {
        /// The name of the import.
        import: String,
    },
}

const KEYVALUE: Versions = Versions::Drafts(&[keyvalue::DRAFT, keyvalue::DRAFT2]);

/// Every interface that plugins may import, with the versions of each.
const INTERFACES: &[Interface] = &[
    wasi("wasi:cli/environment", |l, _| {
        cli::environment::add_to_linker::<StoreData, WasiCli>(l, StoreData::cli)
    }),
    wasi("wasi:cli/exit", |l, _| cli::exit::add_to_linker::<StoreData, WasiCli>(l, StoreData::cli)),
    wasi("wasi:cli/stderr", |l, _| cli::stderr::add_to_linker::<StoreData, WasiCli>(l, StoreData::cli)),
    wasi("wasi:cli/stdin", |l, _| cli::stdin::add_to_linker::<StoreData, WasiCli>(l, StoreData::cli)),
    wasi("wasi:cli/stdout", |l, _| cli::stdout::add_to_linker::<StoreData, WasiCli>(l, StoreData::cli)),
    wasi("wasi:cli/terminal-input", |l, _| {
        cli::terminal_input::add_to_linker::<StoreData, WasiCli>(l, StoreData::cli)
    }),
    wasi("wasi:cli/terminal-output", |l, _| {
        cli::terminal_output::add_to_linker::<StoreData, WasiCli>(l, StoreData::cli)
    }),
    wasi("wasi:cli/terminal-stderr", |l, _| {
        cli::terminal_stderr::add_to_linker::<StoreData, WasiCli>(l, StoreData::cli)
    }),
    wasi("wasi:cli/terminal-stdin", |l, _| {
        cli::terminal_stdin::add_to_linker::<StoreData, WasiCli>(l, StoreData::cli)
    }),
    wasi("wasi:cli/terminal-stdout", |l, _| {
        cli::terminal_stdout::add_to_linker::<StoreData, WasiCli>(l, StoreData::cli)
    }),
    wasi("wasi:clocks/monotonic-clock", |l, _| {
        clocks::monotonic_clock::add_to_linker::<StoreData, WasiClocks>(l, StoreData::clocks)
    }),
    wasi("wasi:clocks/wall-clock", |l, _| {
        clocks::wall_clock::add_to_linker::<StoreData, WasiClocks>(l, StoreData::clocks)
    }),
    wasi("wasi:filesystem/preopens", |l, _| filesystem::link_preopens(l)),
    wasi("wasi:filesystem/types", |l, _| filesystem::link_types(l)),
    wasi("wasi:http/outgoing-handler", |l, _| http::link_outgoing_handler(l)),
    wasi("wasi:http/types", |l, _| http::link_types(l)),
    wasi("wasi:io/error", |l, _| io_error::link(l)),
    wasi("wasi:io/poll", |l, _| io::poll::add_to_linker::<StoreData, Io>(l, StoreData::table)),
    wasi("wasi:io/streams", |l, _| io::streams::add_to_linker::<StoreData, Io>(l, StoreData::table)),
    wasi("wasi:random/insecure", |l, _| {
        insecure::add_to_linker::<StoreData, HasSelf<StoreData>>(l, |state| state)
    }),
    wasi("wasi:random/insecure-seed", |l, _| {
        insecure_seed::add_to_linker::<StoreData, WasiRandom>(l, StoreData::random)
    }),
    wasi("wasi:random/random", |l, _| {
        secure::add_to_linker::<StoreData, HasSelf<StoreData>>(l, |state| state)
    }),
    wasi("wasi:sockets/instance-network", |l, _| {
        sockets::instance_network::add_to_linker::<StoreData, WasiSockets>(l, StoreData::sockets)
    }),
    wasi("wasi:sockets/ip-name-lookup", |l, _| {
        sockets::ip_name_lookup::add_to_linker::<StoreData, HasSelf<StoreData>>(l, |state| state)
    }),
    wasi("wasi:sockets/network", |l, _| {
        let options = sockets::network::LinkOptions::default();
        sockets::network::add_to_linker::<StoreData, WasiSockets>(l, &options, StoreData::sockets)
    }),
    Interface {
        name: "wasi:sockets/tcp",
        version: Versions::Wasi02,
        link: Link::Imported(network::link_tcp),
    },
    wasi("wasi:sockets/tcp-create-socket", |l, _| {
        sockets::tcp_create_socket::add_to_linker::<StoreData, HasSelf<StoreData>>(l, |state| state)
    }),
    Interface {
        name: "wasi:sockets/udp",
        version: Versions::Wasi02,
        link: Link::Imported(network::link_udp),
    },
    wasi("wasi:sockets/udp-create-socket", |l, _| {
        sockets::udp_create_socket::add_to_linker::<StoreData, HasSelf<StoreData>>(l, |state| state)
    }),
    Interface {
        name: "wasi:config/store",
        version: Versions::Drafts(&["0.2.0-rc.1", "0.2.0-draft", "0.2.0-draft-2024-09-27"]),
        link: Link::Whole(config::link),
    },
    Interface { name: "wasi:keyvalue/atomics", version: KEYVALUE, link: Link::Whole(keyvalue::link_atomics) },
    Interface { name: "wasi:keyvalue/batch", version: KEYVALUE, link: Link::Imported(keyvalue::link_batch) },
    Interface { name: "wasi:keyvalue/store", version: KEYVALUE, link: Link::Whole(keyvalue::link_store) },
    Interface { name: "toolcell:plugin/ask", version: Versions::Plugin01, link: Link::Whole(ask::link) },
    Interface { name: "toolcell:plugin/call", version: Versions::Plugin01, link: Link::Whole(call::link) },
    Interface {
        name: "toolcell:plugin/log",
        version: Versions::Plugin01,
        link: Link::Whole(notification::link_log),
    },
    Interface {
        name: "toolcell:plugin/memo",
        version: Versions::Plugin01,
        link: Link::Whole(ask::link_memo),
    },
    Interface {
        name: "toolcell:plugin/progress",
        version: Versions::Plugin01,
        link: Link::Whole(notification::link_progress),
    },
];

/// Names the interfaces that plugins may import, with their versions, for people.
pub fn interfaces() -> impl Iterator<Item = String> {
    INTERFACES.iter().flat_map(|interface| {
        interface.version.names().map(|version| format!("{}@{version}", interface.name))
    })
}

/// Checks that an import, named as in the component (`wasi:cli/environment@0.2.6`), can be linked.
///
/// # Errors
///
/// The import, and what to do about it.
pub fn check_import(import: &str) -> Result<(), ImportError> {
    find(import).map(|_| ())
}

/// Links what `component` imports, and nothing else.
///
/// # Errors
///
/// The first import that no interface satisfies.
pub(super) fn link(engine: &Engine, component: &Component) -> Result<Linker<StoreData>, LinkError> {
    let mut linker = Linker::new(engine);
    let mut linked = BTreeSet::new();
    for (import, item) in component.component_type().imports(engine) {
        // An interface that only names types needs nothing from the host.
        if names_types_only(engine, &item.ty) {
            continue;
        }
        let interface = find(import)?;
        match interface.link {
            // A component that was put together of several may import an interface of WASI in two releases. wasmtime
            // defines it once, in the release that it has, and finds it under the names of the others.
            Link::Whole(_)
                if matches!(interface.version, Versions::Wasi02) && !linked.insert(interface.name) => {}
            Link::Whole(link) => link(&mut linker, import)?,
            Link::Imported(link) => link(&mut linker, Import { name: import, item: &item.ty, engine })?,
        }
    }
    Ok(linker)
}

/// The reason why a component could not be linked.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinkError {
    #[error(transparent)]
    ImportError(#[from] ImportError),
    #[error("{0:#}")]
    Engine(#[from] wasmtime::Error),
}

/// Tells whether an import only names types, so that nobody has to provide it.
pub fn names_types_only(engine: &Engine, item: &ComponentItem) -> bool {
    match item {
        ComponentItem::ComponentInstance(instance) => {
            instance.exports(engine).all(|(_, export)| matches!(export.ty, ComponentItem::Type(_)))
        }
        item => matches!(item, ComponentItem::Type(_)),
    }
}

const fn wasi(
    name: &'static str,
    link: fn(&mut Linker<StoreData>, &str) -> wasmtime::Result<()>,
) -> Interface {
    Interface { name, version: Versions::Wasi02, link: Link::Whole(link) }
}

fn find(import: &str) -> Result<&'static Interface, ImportError> {
    let owned = || import.to_owned();
    let (name, version) = import.split_once('@').unwrap_or((import, ""));
    let Some(interface) = INTERFACES.iter().find(|interface| interface.name == name) else {
        return Err(match name.starts_with("wasi:") && version.starts_with("0.3.") {
            true => ImportError::Wasi03 { import: owned() },
            false => ImportError::Unknown { import: owned() },
        });
    };
    if interface.version.accepts(version) {
        return Ok(interface);
    }
    if name.starts_with("wasi:") && version.starts_with("0.3.") {
        return Err(ImportError::Wasi03 { import: owned() });
    }
    let supported = interface.version.names().collect::<Vec<_>>().join(", ");
    Err(ImportError::Version { import: owned(), supported })
}

impl Versions {
    fn accepts(self, version: &str) -> bool {
        let release_of = |series: &str| {
            version
                .strip_prefix(series)
                .is_some_and(|patch| !patch.is_empty() && patch.bytes().all(|b| b.is_ascii_digit()))
        };
        match self {
            Versions::Wasi02 => release_of("0.2."),
            Versions::Plugin01 => release_of("0.1."),
            Versions::Drafts(drafts) => drafts.contains(&version),
        }
    }

    fn names(self) -> impl Iterator<Item = &'static str> {
        let names: &[&str] = match self {
            Versions::Wasi02 => &["0.2"],
            Versions::Plugin01 => &["0.1"],
            Versions::Drafts(drafts) => drafts,
        };
        names.iter().copied()
    }
}

/// Gives `wasi:io` the table of resources, all that it needs.
struct Io;

impl HasData for Io {
    type Data<'a> = &'a mut ResourceTable;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_release_of_wasi_02_is_accepted_and_nothing_beside_it() {
        for version in ["0.2.0", "0.2.6", "0.2.12", "0.2.99"] {
            assert_eq!(check_import(&format!("wasi:io/poll@{version}")), Ok(()), "{version}");
        }
        for version in ["0.2.0-rc-2023-11-10", "0.2", "0.2.", "1.0.0", ""] {
            let import = format!("wasi:io/poll@{version}");
            let refused = check_import(&import).unwrap_err();
            assert!(matches!(refused, ImportError::Version { .. }), "{version}: {refused:?}");
        }
    }

    #[test]
    fn a_refusal_names_the_import_and_what_to_do() {
        let wasi03 = check_import("wasi:cli/stdout@0.3.0").unwrap_err().to_string();
        assert!(wasi03.contains("`wasi:cli/stdout@0.3.0`") && wasi03.contains("wasm32-wasip2"), "{wasi03}");
        let unknown = check_import("acme:secrets/vault@1.0.0").unwrap_err().to_string();
        assert!(unknown.contains("`acme:secrets/vault@1.0.0`") && unknown.contains("compose"), "{unknown}");
        let draft = check_import("wasi:config/store@0.2.0").unwrap_err().to_string();
        assert!(draft.contains("0.2.0-rc.1"), "{draft}");
    }

    #[test]
    fn the_list_is_sorted_and_holds_no_name_twice() {
        let names: Vec<_> = INTERFACES.iter().map(|interface| interface.name).collect();
        let first_draft = names.iter().position(|name| *name == "wasi:config/store").unwrap();
        let first_own = names.iter().position(|name| name.starts_with("toolcell:")).unwrap();
        let (wasi, drafts, ours) =
            (&names[..first_draft], &names[first_draft..first_own], &names[first_own..]);
        assert!(wasi.is_sorted_by(|a, b| a < b), "not in alphabetical order: {wasi:?}");
        assert!(drafts.is_sorted_by(|a, b| a < b), "not in alphabetical order: {drafts:?}");
        assert!(ours.is_sorted_by(|a, b| a < b), "not in alphabetical order: {ours:?}");
    }
}
