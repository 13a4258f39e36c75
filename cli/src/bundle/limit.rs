//! Works out the limits of a call from what the deployer and the author ask for.
//!
//! The first of these that sets a limit decides it:
//! 1. `[plugins.NAME.tools.TOOL.limits]` in `toolcell.toml`
//! 2. `[plugins.NAME.limits]` in `toolcell.toml`
//! 3. `[tools.TOOL.limits]` in `plugin.toml`, then `[limits]` in `plugin.toml`: what the author asks
//!    for; more than number 4 allows is refused at build, with the line that would grant it
//! 4. `[limits]` in `toolcell.toml`, then the defaults ([`Limits::default`], raised to what the
//!    component declares; memory up to 256 MiB)
//!
//! Nothing exceeds [`Limits::MAXIMUM`].

use toolcell_host::catalog::Limits;

use super::item::Item;
use crate::component::resource_requirements::ResourceRequirements;
use crate::document::limit::{Limit, Overrides};
use crate::ui::problem::{Problem, Result};

/// Memory left for work where a component's initial memory alone passes the default, in bytes.
const WORKING_MEMORY: u64 = 64 << 20;

/// The largest initial memory that raises a component's own limit, in bytes; more is the deployer's to grant. The
/// largest language runtime that was tried declares 16 MiB.
const DECLARED_MEMORY: u64 = 256 << 20;

/// The limits of one tool, as each party sets them.
pub struct Layers<'a> {
    /// `[plugins.NAME.tools.TOOL.limits]` in `toolcell.toml`.
    pub deployer_tool: &'a Overrides,
    /// `[plugins.NAME.limits]` in `toolcell.toml`.
    pub deployer_plugin: &'a Overrides,
    /// `[limits]` in `toolcell.toml`.
    pub deployer: &'a Overrides,
    /// `[tools.TOOL.limits]` in `plugin.toml`.
    pub author_tool: &'a Overrides,
    /// `[limits]` in `plugin.toml`.
    pub author: &'a Overrides,
    /// The resources that the component declares.
    pub requirements: ResourceRequirements,
}

impl Layers<'_> {
    /// Works out what holds; `plugin` and `subject` are named in errors, `config` is `toolcell.toml`.
    ///
    /// # Errors
    /// The author asks for more than the deployer allows, or the component needs more than it may have.
    pub(crate) fn resolve(&self, config: &str, plugin: &str, subject: Item<'_>) -> Result<Limits> {
        let mut limits = Limits::default();
        for limit in Limit::ALL {
            let value = self.resolve_one(limit).map_err(|TooLow { needed, allowed, advised }| {
                if needed > limit.maximum() {
                    return Problem::refused(
                        config,
                        format!("{subject} of plugin `{plugin}` asks for too much"),
                    )
                    .found(format!("{} = {}", limit.key(), limit.show(needed)))
                    .expected(format!("at most {} = {}", limit.key(), limit.show(limit.maximum())))
                    .next("lower the limit in plugin.toml, and pack the plugin again");
                }
                let line = format!("[plugins.{plugin}.limits]\n{} = {}", limit.key(), limit.show(advised));
                Problem::refused(config, format!("{subject} of plugin `{plugin}` needs a higher limit"))
                    .found(format!("{} = {}", limit.key(), limit.show(allowed)))
                    .expected(format!("{} = {} or more", limit.key(), limit.show(needed)))
                    .next(format!("add to {config}:\n{line}"))
            })?;
            limit.set(&mut limits, value);
        }
        Ok(limits)
    }

    /// The value of one limit, or why it is too low.
    fn resolve_one(&self, limit: Limit) -> std::result::Result<u64, TooLow> {
        let declared = self.declared(limit);
        let allowed = self.deployer.get(limit).unwrap_or_else(|| self.default(limit));
        let explicit = self.deployer_tool.get(limit).or(self.deployer_plugin.get(limit));
        let asked = self.author_tool.get(limit).or(self.author.get(limit));
        let value = match (explicit, asked) {
            (Some(value), _) => value,
            (None, Some(asked)) if asked > allowed => {
                return Err(TooLow { needed: asked, allowed, advised: asked });
            }
            (None, Some(asked)) => asked,
            (None, None) => allowed,
        };
        if value < declared {
            return Err(TooLow { needed: declared, allowed: value, advised: self.working(limit) });
        }
        Ok(value)
    }

    /// Resolves the limits as if the deployer had accepted the author's.
    pub fn asked(&self, limit: Limit) -> u64 {
        let asked = self.author_tool.get(limit).or(self.author.get(limit));
        asked.unwrap_or_else(|| self.default(limit).max(self.working(limit)))
    }

    /// Returns the resources that the component takes before its code runs.
    fn declared(&self, limit: Limit) -> u64 {
        match limit {
            Limit::Memory => self.requirements.memory_bytes,
            Limit::TableElements => self.requirements.table_elements,
            Limit::Instances => self.requirements.instances,
            _ => 0,
        }
    }

    /// The limit that a component gets without anybody asking for it.
    fn default(&self, limit: Limit) -> u64 {
        match limit {
            Limit::Memory => self.working(limit).min(DECLARED_MEMORY),
            _ => self.working(limit),
        }
    }

    /// The default, or as much as a component needs to start and work.
    fn working(&self, limit: Limit) -> u64 {
        let default = limit.of(&Limits::default());
        let declared = self.declared(limit);
        let needed = match limit {
            _ if declared <= default => default,
            Limit::Memory => declared.saturating_add(WORKING_MEMORY),
            _ => declared,
        };
        needed.min(limit.maximum())
    }
}

/// A limit that keeps a tool from working.
struct TooLow {
    /// The least that would do.
    needed: u64,
    /// The value that holds.
    allowed: u64,
    /// The value to write.
    advised: u64,
}
