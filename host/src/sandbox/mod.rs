//! Isolates each call in a store of its own: interfaces linked from grants, limits armed, everything dropped
//! at the end.
//!
//! Three lifetimes, three types: [`Sandbox`] lives as long as the process and holds the engines and the
//! thread that advances their epochs; [`LoadedPlugin`] lives as long as its plugin and holds what is the same
//! for every call; [`StoreData`] lives for one call, inside the store that [`LoadedPlugin::call`] makes and drops.
//! The caller translates arguments and results.

mod attribution;
mod call;
mod call_info;
mod denial;
pub mod engine;
mod escaped;
mod event;
mod failure;
mod grant;
mod guest_log;
mod holder;
mod interface;
mod keyvalue;
mod limit;
mod limiter;
mod open_files;
mod outbound;
mod plugin;
mod replay;
mod slots;
mod store_data;
mod suspend;

pub use attribution::Attribution;
pub use call::{CallResult, CallSetup, Interrupt, Run, Usage};
pub use call_info::CallInfo;
pub use denial::Denial;
pub use engine::{Allocation, Sandbox};
pub use event::{Event, Listener, Subscription};
pub use failure::{Crash, GuestFailure};
pub use grant::{GrantError, GrantRoots};
pub use interface::{ImportError, check_import, interfaces, names_types_only};
pub use keyvalue::{CommitError, KeyvalueError};
pub use limit::Limit;
pub use outbound::{HttpUsage, Network, NetworkError, RuleUsage, is_injectable, tape};
pub use plugin::{LinkedFunction, LoadError, LoadedPlugin, check_imports};
pub use store_data::StoreData;
pub use suspend::Suspend;
