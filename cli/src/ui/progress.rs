//! Reports how far a build is.

/// Is told how far a build is; called from the threads that build.
pub trait Progress: Sync {
    /// The component of `plugin` is about to be made from its source.
    fn building(&self, plugin: &str);
    /// `plugin` is about to be compiled: number `at` of `of`, `bytes` long.
    fn compiling(&self, plugin: &str, at: usize, of: usize, bytes: usize);
    /// All plugins are compiled.
    fn compiled(&self);
}

/// Tells nobody.
pub struct Silent;

impl Progress for Silent {
    fn building(&self, _: &str) {}
    fn compiling(&self, _: &str, _: usize, _: usize, _: usize) {}
    fn compiled(&self) {}
}
