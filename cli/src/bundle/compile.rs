//! Compiles components ahead of time, for a named CPU baseline and never for the machine at hand.

use std::hash::{Hash as _, Hasher};

use sha2::{Digest as _, Sha256};
use toolcell_host::catalog;
use toolcell_host::digest::Digest;
use toolcell_host::sandbox::engine;
use wasmtime::{Config, Engine};

use crate::component::merge;
use crate::ui::problem::{Problem, Result};

/// The target processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// 64-bit x86 with AVX2 (x86-64-v3): every x86 Lambda function.
    X86_64,
    /// 64-bit Arm with large-system extensions, half floats and dot products: Graviton2 and later.
    Aarch64,
}

impl Target {
    /// The baseline for machines of this kind; not this machine's own features.
    ///
    /// # Errors
    /// This machine is of neither kind.
    pub fn host() -> Result<Self> {
        match std::env::consts::ARCH {
            "x86_64" => Ok(Target::X86_64),
            "aarch64" => Ok(Target::Aarch64),
            other => Err(Problem::refused("--target host", "is not a supported target")
                .found(other)
                .expected("x86_64 or aarch64")
                .next("pass one of them with --target")),
        }
    }

    /// The target triple.
    pub fn triple(self) -> &'static str {
        match self {
            Target::X86_64 => "x86_64-unknown-linux-gnu",
            Target::Aarch64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// The baseline's name in the catalog.
    pub fn cpu(self) -> &'static str {
        match self {
            Target::X86_64 => "x86-64-v3",
            Target::Aarch64 => "lse+fp16+dotprod",
        }
    }

    /// The Cranelift flags that make the baseline.
    fn flags(self) -> &'static [&'static str] {
        match self {
            Target::X86_64 => &["x86-64-v3"],
            Target::Aarch64 => &["has_lse", "has_fp16", "has_dotprod"],
        }
    }
}

/// Compiles for one target.
pub struct Compiler {
    engine: Engine,
    target: Target,
}

impl Compiler {
    /// Sets a compiler up.
    ///
    /// # Errors
    /// The engine refuses its own configuration: a mistake in this program.
    pub fn new(target: Target) -> Result<Self> {
        let internal = |error: wasmtime::Error| {
            Problem::internal("compiler", "cannot be set up")
                .found(format!("{error:#}"))
                .expected("an engine configuration that works")
                .next("report this: it is a bug in toolcell")
        };
        let mut config = engine::config();
        config.target(target.triple()).map_err(internal)?;
        config.cranelift_nan_canonicalization(true);
        baseline(&mut config, target);
        let engine = Engine::new(&config).map_err(internal)?;
        Ok(Self { engine, target })
    }

    /// Describes the engine for the catalog.
    pub fn describe(&self) -> catalog::EngineInfo {
        engine::describe(self.target.triple(), self.target.cpu())
    }

    /// Names what [`Compiler::compile`] would make of a component, without making it.
    pub fn key(&self, component: &Digest) -> Digest {
        let mut hasher = KeyHasher(Sha256::new());
        component.0.hash(&mut hasher);
        self.target.triple().hash(&mut hasher);
        self.target.cpu().hash(&mut hasher);
        engine::configuration_version().hash(&mut hasher);
        merge::VERSION.hash(&mut hasher);
        self.engine.precompile_compatibility_hash().hash(&mut hasher);
        Digest(hasher.0.finalize().into())
    }

    /// Compiles a component, with the modules that a toolchain has linked as one; the same bytes give the same machine
    /// code.
    ///
    /// # Errors
    /// The component uses a feature that the engine has switched off, or is not valid.
    pub fn compile(&self, file: &str, component: &[u8]) -> Result<Vec<u8>> {
        let merged = merge::merge(component);
        self.engine.precompile_component(merged.as_deref().unwrap_or(component)).map_err(|error| {
            Problem::refused(file, "cannot be compiled")
                .found(format!("{error:#}"))
                .expected("a WASI 0.2 component that uses only standardized WebAssembly features")
                .next("build it again with the options in docs/writing-a-plugin.md")
        })
    }
}

/// A hasher of the standard library's kind that gives 256 bits, the same in every process.
struct KeyHasher(Sha256);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        u64::from_le_bytes(digest[..8].try_into().expect("eight bytes"))
    }
}

#[allow(unsafe_code, reason = "wasmtime has no safe way to name a CPU baseline")]
fn baseline(config: &mut Config, target: Target) {
    for flag in target.flags() {
        // SAFETY: the flags only say which instructions of the target's CPU may be used. wasmtime stores
        // them in the code and refuses at load what the machine does not have.
        unsafe { config.cranelift_flag_enable(flag) };
    }
}
