//! Reads the parts of a component that define or use something of the core, one by one.

use wasmparser::{
    BinaryReader, CanonicalFunction, ComponentAlias, ComponentAliasSectionReader,
    ComponentCanonicalSectionReader, ComponentExportSectionReader, ComponentExternalKind,
    ComponentImportSectionReader, ComponentInstance, ComponentInstanceSectionReader, ComponentOuterAliasKind,
    ComponentType, ComponentTypeRef, ComponentTypeSectionReader, CustomSectionReader, Instance,
    InstanceSectionReader,
};

use super::{Attempt, Section, Unmergeable};

/// The section with names of core items, which have other indices after the merge.
const NAMES: &str = "component-name";

/// A part of a component.
pub(super) enum Item<'a> {
    /// A section that defines and uses nothing of the core.
    Other(&'a Section<'a>),
    /// A core module.
    Module(&'a [u8]),
    /// A core instance.
    Instance(Instance<'a>),
    /// An alias, of the core or not.
    Alias(ComponentAlias<'a>),
    /// A function that crosses the boundary of the component.
    Canonical(CanonicalFunction),
}

/// Reads all parts.
///
/// # Errors
/// The component uses core modules, or functions of the core, in a way that is unknown here.
pub(super) fn read<'a>(sections: &'a [Section<'a>]) -> Attempt<Vec<Item<'a>>> {
    let mut items = Vec::new();
    for section in sections {
        let reader = BinaryReader::new(&section.content, 0);
        match section.id {
            1 => items.push(Item::Module(&section.content)),
            2 => {
                for instance in InstanceSectionReader::new(reader)? {
                    items.push(Item::Instance(instance?));
                }
            }
            6 => {
                for alias in ComponentAliasSectionReader::new(reader)? {
                    items.push(Item::Alias(known_alias(alias?)?));
                }
            }
            8 => {
                for function in ComponentCanonicalSectionReader::new(reader)? {
                    items.push(Item::Canonical(known_function(function?)?));
                }
            }
            0 if CustomSectionReader::new(reader)?.name() == NAMES => {}
            id => {
                if names_core(id, BinaryReader::new(&section.content, 0))? {
                    return Err(Unmergeable);
                }
                items.push(Item::Other(section));
            }
        }
    }
    Ok(items)
}

/// Refuses an alias of a core module or a core type, which would need another index.
fn known_alias(alias: ComponentAlias<'_>) -> Attempt<ComponentAlias<'_>> {
    match alias {
        ComponentAlias::InstanceExport { kind: ComponentExternalKind::Module, .. }
        | ComponentAlias::Outer {
            kind: ComponentOuterAliasKind::CoreModule | ComponentOuterAliasKind::CoreType,
            ..
        } => Err(Unmergeable),
        known => Ok(known),
    }
}

/// Refuses the functions of asynchronous components.
fn known_function(function: CanonicalFunction) -> Attempt<CanonicalFunction> {
    match function {
        CanonicalFunction::Lift { .. }
        | CanonicalFunction::Lower { .. }
        | CanonicalFunction::ResourceNew { .. }
        | CanonicalFunction::ResourceDrop { .. }
        | CanonicalFunction::ResourceRep { .. } => Ok(function),
        _ => Err(Unmergeable),
    }
}

/// Tells whether a section defines or uses something of the core.
fn names_core(id: u8, reader: BinaryReader<'_>) -> Attempt<bool> {
    let is_module = |kind| kind == ComponentExternalKind::Module;
    Ok(match id {
        0 | 4 => false,
        5 => {
            ComponentInstanceSectionReader::new(reader)?.into_iter().try_fold(false, |found, instance| {
                Ok::<_, Unmergeable>(
                    found
                        | match instance? {
                            ComponentInstance::Instantiate { args, .. } => {
                                args.iter().any(|arg| is_module(arg.kind))
                            }
                            ComponentInstance::FromExports(exports) => {
                                exports.iter().any(|export| is_module(export.kind))
                            }
                        },
                )
            })?
        }
        7 => ComponentTypeSectionReader::new(reader)?.into_iter().try_fold(false, |found, ty| {
            Ok::<_, Unmergeable>(found | matches!(ty?, ComponentType::Resource { dtor: Some(_), .. }))
        })?,
        10 => ComponentImportSectionReader::new(reader)?.into_iter().try_fold(false, |found, import| {
            Ok::<_, Unmergeable>(found | matches!(import?.ty, ComponentTypeRef::Module(_)))
        })?,
        11 => ComponentExportSectionReader::new(reader)?
            .into_iter()
            .try_fold(false, |found, export| Ok::<_, Unmergeable>(found | is_module(export?.kind)))?,
        _ => true,
    })
}
