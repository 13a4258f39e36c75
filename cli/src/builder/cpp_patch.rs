//! Patches what wit-bindgen 0.63 gets wrong in C++.
//!
//! - A list is lowered where it lies: elements are overwritten with their form in the canonical ABI while they are
//!   still read, and a variant in C++ is laid out differently. Here a list gets memory of its own.
//! - `std` and `wit` are looked up from within the namespaces of interfaces, which may have these names.
//! - The payload of an option or a result is moved out, which a constant argument of an import does not allow. Here it
//!   is looked at where it is.
//!
//! What a list was lowered from is not freed; the call's memory is about to go as a whole.

/// The generator's source, patched.
pub(super) fn source(generated: &str) -> String {
    let lines: Vec<&str> = generated.lines().collect();
    let patched = lines.iter().enumerate().map(|(at, line)| {
        let patched = list(&lines[at..]).or_else(|| payload(line));
        rooted(&patched.unwrap_or_else(|| (*line).to_owned())) + "\n"
    });
    patched.collect()
}

/// A line in which `std::` and `wit::` begin at the root, but for the function that it defines: `::` in front of that
/// would go on with the type of the result.
fn rooted(line: &str) -> String {
    let is_comment = line.trim_start().starts_with("//");
    let defined = defined(line);
    let mut rooted = String::with_capacity(line.len());
    for (at, letter) in line.char_indices() {
        let names = !is_comment
            && defined != Some(at)
            && ["std::", "wit::"].iter().any(|name| line[at..].starts_with(name));
        if names && !line[..at].ends_with(|before: char| before.is_alphanumeric() || "_:".contains(before)) {
            rooted.push_str("::");
        }
        rooted.push(letter);
    }
    rooted
}

/// Finds the beginning of a function's name in the first line of its definition.
fn defined(line: &str) -> Option<usize> {
    let is_outermost = line.starts_with(|first: char| !first.is_whitespace());
    let (head, _) = line.split_once('(').filter(|_| is_outermost && line.ends_with(')'))?;
    head.rfind(' ').map(|space| space + 1)
}

/// The line that says where a list is lowered to, if the loop that lowers it follows.
fn list(lines: &[&str]) -> Option<String> {
    let [address, _, head, base, ..] = lines else { return None };
    let (number, _) = address.trim_start().strip_prefix("auto _ptr")?.split_once(" = ")?;
    head.trim_start().strip_prefix(&format!("for (size_t i = 0; i < _len{number}; "))?;
    let size = base.trim().strip_prefix(&format!("auto _base = _ptr{number} + i * "))?.strip_suffix(';')?;
    let memory = format!("cabi_realloc(nullptr, 0, alignof(uint64_t), _vec{number}.size() * {size})");
    Some(format!("auto _ptr{number} = (uint8_t*) {memory};"))
}

/// The line that takes the payload of an option or a result.
fn payload(line: &str) -> Option<String> {
    let (declared, value) = line.trim().split_once(" = ")?;
    let name = declared.rsplit(' ').next().filter(|name| name.starts_with("payload"))?;
    let moved =
        value.contains("std::move(") && (value.ends_with(".value();") || value.ends_with(".error();"));
    moved.then(|| format!("auto&& {name} = {}", value.replacen("std::move", "", 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_lowered_into_memory_of_its_own() {
        let generated = "
            auto&& _vec8 = result3;
            auto _ptr8 = (uint8_t*)(_vec8.data());
            auto _len8 = (size_t)(_vec8.size());
            for (size_t i = 0; i < _len8; ++i) {
              auto _base = _ptr8 + i * (3*sizeof(void*));";
        let patched = source(generated);
        assert!(
            patched.contains(
                "auto _ptr8 = (uint8_t*) cabi_realloc(nullptr, 0, alignof(uint64_t), _vec8.size() * (3*sizeof(void*)));"
            ),
            "{patched}"
        );
        assert!(!patched.contains(".data()"), "{patched}");
    }

    #[test]
    fn text_and_lists_of_numbers_stay_where_they_are() {
        let generated = "auto _ptr7 = (uint8_t*)(_vec7.data());\nauto _len7 = (size_t)(_vec7.size());\nuse(_ptr7);\nend();\n";
        assert_eq!(source(generated), generated);
    }

    #[test]
    fn payloads_are_looked_at_in_their_place() {
        let patched = |line: &str| source(line).trim_end().to_owned();
        let option = "  content::Annotations payload119 = (std::move((payload104).annotations)).value();";
        assert_eq!(patched(option), "auto&& payload119 = (((payload104).annotations)).value();");
        let result = "Failure payload3 = std::move(result0).error();";
        assert_eq!(patched(result), "auto&& payload3 = (result0).error();");
        let other = "auto _e2 = std::move(option1);";
        assert_eq!(patched(other), "auto _e2 = ::std::move(option1);");
    }

    #[test]
    fn std_and_wit_begin_at_the_root() {
        for (generated, expected) in [
            (
                "std::span<wit::string const> f(wit::vector<std::byte> a);",
                "::std::span<::wit::string const> f(::wit::vector<::std::byte> a);",
            ),
            ("a::std::b c_std::d ::std::e std; wit", "a::std::b c_std::d ::std::e std; wit"),
            ("  /// as std::move does", "  /// as std::move does"),
            ("std::span<int> std::Ask(wit::string a)", "::std::span<int> std::Ask(::wit::string a)"),
            ("  return std::Ask(std::move(a));", "  return ::std::Ask(::std::move(a));"),
        ] {
            assert_eq!(source(generated).trim_end_matches('\n'), expected);
        }
    }
}
