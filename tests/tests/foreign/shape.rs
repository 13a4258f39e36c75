//! A shape of WIT, and the component that is made of it: every function returns zeros, every type is real.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use toolcell_tests::fixture::root;
use wasm_encoder::{
    CodeSection, ConstExpr, Function, GlobalSection, GlobalType, Instruction, MemorySection, MemoryType,
    Module, RawSection, ValType,
};
use wasmparser::{ExternalKind, Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve, SourceMap};

/// The world that hand-written modules and components export, where a shape is not about WIT.
pub(crate) const PLAIN: &str =
    "package a:b;\ninterface tools { run: func(); }\nworld plugin { export tools; }\n";

/// Something that a stranger may bring.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// Its name in the golden file.
    pub(crate) name: String,
    /// The author's WIT.
    pub(crate) wit: String,
    /// What the component is made of.
    pub(crate) source: Source,
}

/// What a component is made of.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// Of the WIT.
    Wit(Encoding),
    /// Of the WIT and this core module.
    Core(String),
    /// Of this text alone.
    Text(String),
    /// Of nothing: these bytes are no component.
    Bytes(Vec<u8>),
}

/// How toolchains turn WIT into a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// As most do.
    Plain,
    /// Each import in the version that the WIT names, as components have them that were put together of several.
    Unmerged,
    /// Versions cut to what decides about compatibility.
    Canonical,
    /// Functions are lifted as async.
    Async,
    /// With what is behind `@unstable`.
    Unstable,
}

impl Shape {
    /// A shape of WIT.
    pub(crate) fn new(name: impl Into<String>, wit: impl Into<String>) -> Self {
        Self { name: name.into(), wit: wit.into(), source: Source::Wit(Encoding::Plain) }
    }

    /// A shape of one interface with these items.
    pub(crate) fn tools(name: impl Into<String>, items: &str) -> Self {
        Self::new(
            name,
            format!("package t:shape;\ninterface tools {{\n{items}\n}}\nworld plugin {{ export tools; }}\n"),
        )
    }

    /// The same, encoded in another way.
    pub(crate) fn encoded(self, encoding: Encoding) -> Self {
        Self { source: Source::Wit(encoding), ..self }
    }

    /// A shape of [`PLAIN`] around a core module that exports `a:b/tools#run`; `fields` are its other fields.
    pub(crate) fn core(name: &str, fields: &str) -> Self {
        let module = format!("(module (func (export \"a:b/tools#run\")) {fields})");
        Self { name: name.into(), wit: PLAIN.into(), source: Source::Core(module) }
    }

    /// A component that exports what [`PLAIN`] does; `fields` come first.
    pub(crate) fn text(name: &str, fields: &str) -> Self {
        let text = format!(
            "(component {fields}
               (core module $plain (func (export \"run\")))
               (core instance $plain (instantiate $plain))
               (func $run (canon lift (core func $plain \"run\")))
               (component $wrap (import \"run\" (func $run)) (export \"run\" (func $run)))
               (instance $tools (instantiate $wrap (with \"run\" (func $run))))
               (export \"a:b/tools\" (instance $tools)))"
        );
        Self { name: name.into(), wit: PLAIN.into(), source: Source::Text(text) }
    }

    /// The component.
    ///
    /// # Errors
    /// No toolchain makes such a component.
    pub(crate) fn component(&self) -> Result<Vec<u8>> {
        match &self.source {
            Source::Wit(encoding) => of_wit(&self.wit, *encoding),
            Source::Core(text) => encode(&self.wit, Encoding::Plain, Some(wat::parse_str(text)?)),
            Source::Text(text) => Ok(wat::parse_str(text)?),
            Source::Bytes(bytes) => Ok(bytes.clone()),
        }
    }
}

/// Tells whether WIT needs the files of `toolcell:plugin`.
pub(crate) fn uses_contract(wit: &str) -> bool {
    wit.contains("toolcell:plugin/")
}

/// The files of `toolcell:plugin`.
pub(crate) fn contract() -> Vec<(String, String)> {
    let files = std::fs::read_dir(root().join("wit")).expect("the repository has a WIT package");
    let files = files.map(|entry| entry.expect("a folder can be listed").path());
    let wit = files.filter(|file| file.extension().is_some_and(|ending| ending == "wit"));
    let named = |file: std::path::PathBuf| {
        let name = file.file_name().expect("a file has a name").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(&file).expect("WIT is text"))
    };
    wit.map(named).collect()
}

fn of_wit(wit: &str, encoding: Encoding) -> Result<Vec<u8>> {
    encode(wit, encoding, None)
}

fn encode(wit: &str, encoding: Encoding, module: Option<Vec<u8>>) -> Result<Vec<u8>> {
    let mut resolve = Resolve { all_features: encoding == Encoding::Unstable, ..Resolve::default() };
    if uses_contract(wit) && !wit.contains("package toolcell:plugin@0.1.0") {
        let mut sources = SourceMap::new();
        contract().iter().for_each(|(file, text)| sources.push_str(file, text));
        resolve.push_group(sources.parse().map_err(|(_, error)| error)?)?;
    }
    let package = resolve.push_str(Path::new("shape.wit"), wit).context("the WIT is wrong")?;
    let world = resolve.select_world(&[package], None)?;
    let abi = if encoding == Encoding::Async { LiftLowerAbi::AsyncCallback } else { LiftLowerAbi::Sync };
    let dummy = || {
        let module = wit_component::dummy_module(&resolve, world, ManglingAndAbi::Legacy(abi));
        if encoding == Encoding::Async { Ok(module) } else { answering(&module) }
    };
    let mut module = module.map_or_else(dummy, Ok)?;
    let utf8 = StringEncoding::UTF8;
    wit_component::embed_component_metadata(&mut module, &resolve, world, utf8, false)?;
    let mut encoder = ComponentEncoder::default();
    encoder.merge_imports_based_on_semver(encoding != Encoding::Unmerged);
    encoder.emit_canonical_names(encoding == Encoding::Canonical);
    encoder.module(&module)?.encode()
}

/// Gives a dummy module functions that return zeros instead of trapping, a memory of zeros for results in it, and an
/// allocator for arguments.
fn answering(dummy: &[u8]) -> Result<Vec<u8>> {
    let functions = Functions::read(dummy)?;
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(dummy) {
        let payload = payload?;
        match &payload {
            Payload::MemorySection(_) => {
                module.section(&memory());
                module.section(&bump());
            }
            Payload::CodeSectionStart { .. } => {
                module.section(&functions.code()?);
            }
            payload => {
                if let Some((id, range)) = payload.as_section() {
                    let data = &dummy[range.start as usize..range.end as usize];
                    module.section(&RawSection { id, data });
                }
            }
        }
    }
    Ok(module.finish())
}

/// Bytes that stay zero: every result that travels by pointer is read here.
const ZEROS: i32 = 1 << 20;

fn memory() -> MemorySection {
    let mut section = MemorySection::new();
    let minimum = ZEROS as u64 / 65_536 + 1;
    section.memory(MemoryType {
        minimum,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    section
}

/// The address of the next argument.
fn bump() -> GlobalSection {
    let mut section = GlobalSection::new();
    let ty = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
    section.global(ty, &ConstExpr::i32_const(ZEROS));
    section
}

/// The functions of a dummy module.
#[derive(Default)]
struct Functions {
    /// The results of each type.
    types: Vec<Vec<wasmparser::ValType>>,
    /// The types of the module's own functions.
    defined: Vec<u32>,
    imported: u32,
    realloc: Option<u32>,
}

impl Functions {
    fn read(module: &[u8]) -> Result<Self> {
        let mut read = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(types) => {
                    for ty in types.into_iter_err_on_gc_types() {
                        read.types.push(ty?.results().to_vec());
                    }
                }
                Payload::ImportSection(imports) => {
                    read.imported = imports.into_imports().count() as u32;
                }
                Payload::FunctionSection(functions) => {
                    read.defined = functions.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export?;
                        if export.kind == ExternalKind::Func && export.name == "cabi_realloc" {
                            read.realloc = Some(export.index);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(read)
    }

    fn code(&self) -> Result<CodeSection> {
        let mut section = CodeSection::new();
        for (at, ty) in self.defined.iter().enumerate() {
            let is_realloc = self.realloc == Some(self.imported + at as u32);
            let body = if is_realloc { allocate() } else { zeros(&self.types[*ty as usize])? };
            section.function(&body);
        }
        Ok(section)
    }
}

fn zeros(results: &[wasmparser::ValType]) -> Result<Function> {
    let mut body = Function::new([]);
    for result in results {
        match result {
            wasmparser::ValType::I32 => body.instruction(&Instruction::I32Const(0)),
            wasmparser::ValType::I64 => body.instruction(&Instruction::I64Const(0)),
            wasmparser::ValType::F32 => body.instruction(&Instruction::F32Const(0.0.into())),
            wasmparser::ValType::F64 => body.instruction(&Instruction::F64Const(0.0.into())),
            other => bail!("a result of type {other}"),
        };
    }
    body.instruction(&Instruction::End);
    Ok(body)
}

/// `cabi_realloc(old, old-size, align, size)`: takes the next `size` bytes, aligned to 16, and grows the memory by as
/// many pages as that may need.
fn allocate() -> Function {
    let mut body = Function::new([(1, ValType::I32)]);
    let own = 4;
    for instruction in [
        Instruction::GlobalGet(0),
        Instruction::LocalTee(own),
        Instruction::LocalGet(3),
        Instruction::I32Add,
        Instruction::I32Const(15),
        Instruction::I32Add,
        Instruction::I32Const(-16),
        Instruction::I32And,
        Instruction::GlobalSet(0),
        Instruction::LocalGet(3),
        Instruction::I32Const(65_536 * 2 - 1),
        Instruction::I32Add,
        Instruction::I32Const(16),
        Instruction::I32ShrU,
        Instruction::MemoryGrow(0),
        Instruction::Drop,
        Instruction::LocalGet(own),
        Instruction::End,
    ] {
        body.instruction(&instruction);
    }
    body
}
