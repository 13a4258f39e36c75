//! Corrects what toolchains get wrong in the outermost part of a component: its imports, exports and types.
//!
//! componentize-qjs puts a component around its own (with wac). There, a type of the world that consists of another
//! one is not made of that, but of a copy that has no name, which no component may import or export. Here, such a copy
//! becomes the type with the name. And a toolchain that cannot tell two interfaces of one name apart is given a WIT
//! with other names: here, their imports and exports get the right ones.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, ReencodeComponent};
use wasm_encoder::{
    Component, ComponentExportSection, ComponentImportSection, ComponentSectionId, ComponentTypeSection,
    Encode as _, RawSection,
};
use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentOuterAliasKind, ComponentType, ComponentTypeRef, Parser,
    TypeBounds,
};

/// Corrects a component. `names` are wrong names of interfaces and the right ones.
///
/// # Errors
/// The bytes are no component.
pub fn correct(component: &[u8], names: &BTreeMap<String, String>) -> Result<Vec<u8>, String> {
    let mut outermost =
        Outermost { names, depth: 0, types: 0, definitions: HashMap::new(), named: HashMap::new() };
    let mut corrected = Component::new();
    outermost
        .parse_component(&mut corrected, Parser::new(0), component)
        .map_err(|error| error.to_string())?;
    Ok(corrected.finish())
}

/// The outermost part of a component as it is read.
struct Outermost<'a> {
    names: &'a BTreeMap<String, String>,
    /// How many types of interfaces or components are being read.
    depth: u32,
    /// How many types there are so far.
    types: u32,
    /// The first type that is defined so.
    definitions: HashMap<Vec<u8>, u32>,
    /// Types without a name, and the imported or exported type that each stands for.
    named: HashMap<u32, u32>,
}

impl Outermost<'_> {
    /// Notes that the next type is a name for another one.
    fn name(&mut self, ty: u32) {
        self.named.entry(ty).or_insert(self.types);
        self.types += 1;
    }

    /// Notes a definition. If there is one like it that has a name, it stands for that.
    fn define(&mut self, definition: Vec<u8>) {
        let first = *self.definitions.entry(definition).or_insert(self.types);
        if let Some(named) = self.named.get(&first).copied() {
            self.named.insert(self.types, named);
        }
        self.types += 1;
    }
}

impl Reencode for Outermost<'_> {
    type Error = Infallible;
}

impl ReencodeComponent for Outermost<'_> {
    fn push_depth(&mut self) {
        self.depth += 1;
    }

    fn pop_depth(&mut self) {
        self.depth -= 1;
    }

    fn component_type_index(&mut self, ty: u32) -> u32 {
        match self.named.get(&ty) {
            Some(named) if self.depth == 0 => *named,
            _ => ty,
        }
    }

    fn parse_component_submodule(
        &mut self,
        component: &mut Component,
        _: Parser,
        module: &[u8],
    ) -> Result<(), Error<Infallible>> {
        component.section(&RawSection { id: ComponentSectionId::CoreModule.into(), data: module });
        Ok(())
    }

    fn parse_component_subcomponent(
        &mut self,
        component: &mut Component,
        _: Parser,
        inner: &[u8],
        _: &[u8],
    ) -> Result<(), Error<Infallible>> {
        component.section(&RawSection { id: ComponentSectionId::Component.into(), data: inner });
        Ok(())
    }

    fn parse_component_type_section(
        &mut self,
        types: &mut ComponentTypeSection,
        section: wasmparser::ComponentTypeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for ty in section {
            let ty = ty?;
            let is_value = matches!(ty, ComponentType::Defined(_));
            let mut alone = ComponentTypeSection::new();
            self.parse_component_type(alone.ty(), ty.clone())?;
            self.parse_component_type(types.ty(), ty)?;
            let mut definition = Vec::new();
            alone.encode(&mut definition);
            if is_value {
                self.define(definition);
            } else {
                self.types += 1;
            }
        }
        Ok(())
    }

    fn parse_component_import_section(
        &mut self,
        imports: &mut ComponentImportSection,
        section: wasmparser::ComponentImportSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for import in section {
            let import = import?;
            let ty = match import.ty {
                // A type gets its name here: it is what was defined for it, and stands for nothing else.
                ComponentTypeRef::Type(TypeBounds::Eq(of)) => {
                    self.name(of);
                    wasm_encoder::ComponentTypeRef::Type(wasm_encoder::TypeBounds::Eq(of))
                }
                ComponentTypeRef::Type(TypeBounds::SubResource) => {
                    self.types += 1;
                    self.component_type_ref(import.ty)?
                }
                _ => self.component_type_ref(import.ty)?,
            };
            match self.names.get(import.name.name) {
                Some(right) => imports.import(right.as_str(), ty),
                None => imports.import(import.name, ty),
            };
        }
        Ok(())
    }

    fn parse_component_export_section(
        &mut self,
        exports: &mut ComponentExportSection,
        section: wasmparser::ComponentExportSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for export in section {
            let export = export?;
            let ty = export.ty.map(|ty| self.component_type_ref(ty)).transpose()?;
            match self.names.get(export.name.name) {
                Some(right) => exports.export(right.as_str(), export.kind.into(), export.index, ty),
                None => exports.export(export.name, export.kind.into(), export.index, ty),
            };
            if export.kind == ComponentExternalKind::Type {
                self.name(export.index);
            }
        }
        Ok(())
    }

    fn parse_component_alias_section(
        &mut self,
        aliases: &mut wasm_encoder::ComponentAliasSection,
        section: wasmparser::ComponentAliasSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for alias in section {
            let alias = alias?;
            let is_type = match &alias {
                ComponentAlias::InstanceExport { kind, .. } => *kind == ComponentExternalKind::Type,
                ComponentAlias::Outer { kind, .. } => *kind == ComponentOuterAliasKind::Type,
                ComponentAlias::CoreInstanceExport { .. } => false,
            };
            aliases.alias(self.component_alias(alias)?);
            self.types += u32::from(is_type);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corrected(text: &str, names: &BTreeMap<String, String>) -> Vec<u8> {
        let component = wat::parse_str(text).unwrap();
        correct(&component, names).unwrap()
    }

    fn validate(component: &[u8]) -> wasmparser::Result<()> {
        wasmparser::Validator::new().validate_all(component).map(drop)
    }

    /// A component as componentize-qjs builds it from a record in a record.
    const COPIED: &str = r#"(component
        (type (record (field "a" u32)))
        (import "inner" (type (eq 0)))
        (type (record (field "a" u32)))
        (type (record (field "i" 2)))
        (import "outer" (type (eq 3)))
        (type (record (field "a" u32)))
        (type (record (field "i" 5)))
        (type (list 6))
        (type (variant (case "all" 7) (case "one" 5)))
        (import "some" (type (eq 8)))
        (import "f" (func (param "x" 9)))
    )"#;

    #[test]
    fn a_copy_of_a_named_type_becomes_that_type() {
        let component = wat::parse_str(COPIED).unwrap();
        assert!(validate(&component).unwrap_err().to_string().contains("not valid to be used as import"));
        validate(&correct(&component, &BTreeMap::new()).unwrap()).unwrap();
    }

    #[test]
    fn what_is_right_stays_as_it_is() {
        let right = r#"(component
            (type (instance (type (record (field "a" u32))) (export "r" (type (eq 0)))))
            (import "a:b/c" (instance (type 0)))
            (alias export 0 "r" (type))
            (type (list 1))
            (component (type (record (field "a" u32))))
            (core module)
            (export "a:b/d" (instance 0))
        )"#;
        assert_eq!(corrected(right, &BTreeMap::new()), wat::parse_str(right).unwrap());
    }

    #[test]
    fn imports_and_exports_get_their_right_names() {
        let text = |name: &str| {
            format!(
                r#"(component
                    (import "{name}" (instance (export "f" (func))))
                    (import "a:b/tools-xx" (instance))
                    (export "{name}" (instance 0))
                )"#
            )
        };
        let names = BTreeMap::from([("a:b/tools-x".to_owned(), "a:b/tools".to_owned())]);
        assert_eq!(corrected(&text("a:b/tools-x"), &names), wat::parse_str(text("a:b/tools")).unwrap());
    }
}
