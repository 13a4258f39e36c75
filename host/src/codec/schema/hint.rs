//! Says in words what an input schema says in keywords, or cannot say.
//!
//! Converters drop keywords that the API of their model does not know; descriptions reach every model. The words are
//! those of the errors.

use crate::codec::describe;
use crate::codec::error::excerpt;
use crate::codec::plan::{Param, Type};
use crate::codec::rule::Rule;

/// The most items of a tuple that a description lists.
const LISTED_ITEMS: usize = 12;

/// Describes the values of a type, if its `type` and `enum` alone do not.
pub(super) fn of(ty: &Type, rule: &Rule) -> Option<String> {
    let words = describe::value(ty, rule).0;
    match ty {
        Type::Tuple(types) => Some(sentence(&format!("{words}{}", order(types)))),
        Type::Char | Type::Bytes | Type::F32 | Type::F64 => Some(sentence(&words)),
        Type::S8 | Type::U8 | Type::S16 | Type::U16 | Type::S32 | Type::U32 | Type::S64 | Type::U64 => {
            Some(sentence(&words))
        }
        Type::String => rule.narrows_text().then(|| sentence(&words)),
        Type::List(_) => rule.narrows_items().then(|| sentence(&words)),
        _ => None,
    }
}

/// Lists the items of a tuple that are not all alike: not every converter keeps which is where.
fn order(types: &[Type]) -> String {
    if types.iter().all(|ty| *ty == types[0]) {
        return String::new();
    }
    let words = |ty| describe::value(ty, &Rule::default()).0;
    let mut each: Vec<_> = types.iter().take(LISTED_ITEMS).map(words).collect();
    if types.len() > LISTED_ITEMS {
        each.push("and so on".into());
    }
    format!(": {}", each.join("; "))
}

/// Says what an argument is if it is left out.
pub(super) fn default(param: &Param) -> Option<String> {
    let default = param.default.as_deref().filter(|raw| raw.get() != "null")?;
    let default = format!("Default: {}.", excerpt(default.get()));
    let is_nullable = matches!(param.ty, Type::Option(_)) && param.header.is_none();
    Some(if is_nullable { format!("{default} Null means no value.") } else { default })
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_tuple_is_not_listed_to_its_end() {
        let types: Vec<_> = (0..20).map(|at| if at == 0 { Type::Bool } else { Type::String }).collect();
        let words = of(&Type::Tuple(types), &Rule::default()).unwrap();
        assert!(words.starts_with("An array of 20 items: true or false; a string; "), "{words}");
        assert!(words.ends_with("; a string; and so on."), "{words}");
        assert_eq!(words.matches("a string").count(), LISTED_ITEMS - 1);
    }
}
