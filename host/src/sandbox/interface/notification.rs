//! Links `toolcell:plugin/progress` and `log`: what a plugin may report while it runs.

use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Lift, Linker};

use crate::mcp;
use crate::sandbox::store_data::StoreData;

/// `level`
#[derive(Clone, Copy, Debug, ComponentType, Lift)]
#[component(enum)]
#[expect(dead_code, reason = "guests make values of it")]
#[repr(u8)]
enum Level {
    #[component(name = "debug")]
    Debug,
    #[component(name = "info")]
    Info,
    #[component(name = "notice")]
    Notice,
    #[component(name = "warning")]
    Warning,
    #[component(name = "error")]
    Error,
    #[component(name = "critical")]
    Critical,
    #[component(name = "alert")]
    Alert,
    #[component(name = "emergency")]
    Emergency,
}

/// Parameters of `progress.report`.
type ReportParams = (f64, Option<f64>, Option<String>);

/// Parameters of `log.write`.
type WriteParams = (Level, String, Vec<(String, String)>);

/// Adds `toolcell:plugin/progress`.
pub(super) fn link_progress(linker: &mut Linker<StoreData>, import: &str) -> wasmtime::Result<()> {
    linker.instance(import)?.func_wrap_async(
        "report",
        |mut store: StoreContextMut<'_, StoreData>, (progress, total, message): ReportParams| {
            Box::new(async move {
                let state = store.data_mut();
                if state.rounds().is_news() {
                    state.events().progress(progress, total, message).await;
                }
                Ok(())
            })
        },
    )
}

/// Adds `toolcell:plugin/log`.
pub(super) fn link_log(linker: &mut Linker<StoreData>, import: &str) -> wasmtime::Result<()> {
    linker.instance(import)?.func_wrap_async(
        "write",
        |mut store: StoreContextMut<'_, StoreData>, (level, message, fields): WriteParams| {
            Box::new(async move {
                let state = store.data_mut();
                if !state.rounds().is_news() {
                    return Ok(());
                }
                let level = mcp::Level::ALL[level as usize]; // both are in the order of RFC 5424
                state.log().message(level, &message, &fields);
                state.events().log(level, message, fields).await;
                Ok(())
            })
        },
    )
}
