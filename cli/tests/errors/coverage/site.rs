//! Finds every place in the source that makes an error, and what the source says of its texts.
//!
//! A function or closure that passes a parameter on as a text is a constructor too: the places that call it count, with
//! the texts that they hand over. Both ways of an `if` and all arms of a `match` count.

use std::collections::{BTreeMap, BTreeSet};

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Expr, Local};

use super::printed::Printed;
use super::source::{self, Function, Source};
use super::text::Text;
use super::value::{self, Scope, Value};

/// A place that makes an error, or adds to one that was made elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Site {
    /// `file:line`.
    pub(super) place: String,
    /// The texts for what is wrong, found, expected and next; a part without texts comes from elsewhere.
    pub(super) parts: [Vec<Text>; 4],
}

impl Site {
    /// Tells whether a part of a printed error may come from here.
    pub(super) fn fits(&self, part: usize, printed: &Printed) -> bool {
        let texts = &self.parts[part];
        texts.is_empty() || texts.iter().any(|text| printed.has(part, text))
    }
}

/// The parts of an error by the names that methods have for them; what is wrong is said first.
pub(super) const PARTS: [&str; 4] = ["wrong", "found", "expected", "next"];

/// Functions that start an error, each with two arguments: where, and what is wrong.
const CONSTRUCTORS: [&str; 3] = ["refused", "missing", "internal"];

/// The texts of a constructor, with its own parameters in them.
type Parts = [Vec<Value>; 4];

/// Constructors by the number of their function.
type Constructors = BTreeMap<usize, BTreeSet<Parts>>;

/// Finds every place.
pub(super) fn all(source: &Source<'_>) -> BTreeSet<Site> {
    let mut sites = BTreeSet::new();
    let mut constructors = Constructors::new();
    // Constructors call constructors: each round finds the callers of those of the round before.
    loop {
        let before: usize = constructors.values().map(BTreeSet::len).sum();
        for (number, function) in source.functions.iter().enumerate() {
            let mut walk = Walk::new(source, function, &constructors);
            walk.visit_block(function.body);
            for (line, parts) in walk.made {
                sites.extend(site(format!("{}:{line}", function.file.display()), &parts));
                if takes_parameters(&parts) {
                    constructors.entry(number).or_default().insert(parts);
                }
            }
        }
        if constructors.values().map(BTreeSet::len).sum::<usize>() == before {
            return sites;
        }
    }
}

/// Returns a place for an error, unless its callers say what is wrong.
fn site(place: String, parts: &Parts) -> Option<Site> {
    let by_caller = parts[0].iter().any(|value| matches!(value, Value::Parameter(_)));
    let parts = parts.clone().map(|values| values.into_iter().map(Value::text).collect());
    (!by_caller).then_some(Site { place, parts })
}

fn takes_parameters(parts: &Parts) -> bool {
    parts.iter().flatten().any(|value| matches!(value, Value::Parameter(_)))
}

/// Looks through the body of a function or closure.
struct Walk<'a, 's> {
    source: &'s Source<'a>,
    function: &'s Function<'a>,
    scope: Scope<'a, 's>,
    constructors: &'s Constructors,
    /// Closures of this body that make errors, by the name that `let` gives them.
    closures: BTreeMap<String, Vec<Parts>>,
    /// Errors that are made, each with its line.
    made: Vec<(usize, Parts)>,
}

impl<'a, 's> Walk<'a, 's> {
    fn new(source: &'s Source<'a>, function: &'s Function<'a>, constructors: &'s Constructors) -> Self {
        let scope = Scope::new(source, function, &function.parameters);
        Self { source, function, scope, constructors, closures: BTreeMap::new(), made: Vec::new() }
    }

    /// Returns what the constructor says that an expression calls; it may be one of several.
    fn constructed(&self, expression: &'a Expr) -> Vec<Parts> {
        match expression {
            Expr::Paren(inner) => self.constructed(&inner.expr),
            Expr::Call(call) => {
                let Expr::Path(path) = &*call.func else { return Vec::new() };
                let names: Vec<_> =
                    path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
                let arguments: Vec<_> = call.args.iter().collect();
                match names.as_slice() {
                    [.., ty, name] if ty == "Problem" && CONSTRUCTORS.contains(&name.as_str()) => {
                        vec![[self.scope.values(arguments[1]), Vec::new(), Vec::new(), Vec::new()]]
                    }
                    [name] if self.closures.contains_key(name) => {
                        self.filled(&self.closures[name], &arguments)
                    }
                    [.., name] => self.called(name, &arguments),
                    [] => Vec::new(),
                }
            }
            Expr::MethodCall(call) => {
                self.called(&call.method.to_string(), &call.args.iter().collect::<Vec<_>>())
            }
            _ => Vec::new(),
        }
    }

    fn called(&self, name: &str, arguments: &[&'a Expr]) -> Vec<Parts> {
        let functions = self.source.called(self.function.file, name, arguments.len());
        let constructors = functions.into_iter().filter_map(|number| self.constructors.get(&number));
        let parts: Vec<_> = constructors.flatten().cloned().collect();
        self.filled(&parts, arguments)
    }

    /// Puts arguments in the place of parameters.
    fn filled(&self, constructors: &[Parts], arguments: &[&'a Expr]) -> Vec<Parts> {
        let fill = |part: &str, value: Value| match value {
            Value::Parameter(number) => self.said(part, arguments[number]),
            text @ Value::Text(_) => vec![text],
        };
        let filled = |mut parts: Parts| {
            for (values, part) in parts.iter_mut().zip(PARTS) {
                *values = std::mem::take(values).into_iter().flat_map(|value| fill(part, value)).collect();
            }
            parts
        };
        constructors.iter().cloned().map(filled).collect()
    }

    /// Returns what an expression says as a part of an error. What was found is data, unless the place spells it.
    fn said(&self, part: &str, expression: &'a Expr) -> Vec<Value> {
        match part {
            "found" => vec![value::spelled(expression)],
            _ => self.scope.values(expression),
        }
    }
}

impl<'a> Visit<'a> for Walk<'a, '_> {
    fn visit_local(&mut self, local: &'a Local) {
        let closure = local.init.as_ref().and_then(|init| match &*init.expr {
            Expr::Closure(closure) => Some(closure),
            _ => None,
        });
        let (Some(closure), Some(name)) = (closure, source::name(&local.pat)) else {
            return visit::visit_local(self, local);
        };
        let parameters: Vec<_> =
            closure.inputs.iter().map(|input| source::name(input).unwrap_or_default()).collect();
        let mut inner = Walk::new(self.source, self.function, self.constructors);
        inner.scope = Scope::new(self.source, self.function, &parameters);
        inner.closures.clone_from(&self.closures);
        inner.visit_expr(&closure.body);
        let (constructors, others): (Vec<_>, Vec<_>) =
            inner.made.into_iter().partition(|(_, parts)| takes_parameters(parts));
        // What the closure says itself counts even if it is never called by its name.
        let own =
            constructors.iter().filter_map(|(line, parts)| Some((*line, site(String::new(), parts)?.parts)));
        let own =
            own.map(|(line, parts)| (line, parts.map(|texts| texts.into_iter().map(Value::Text).collect())));
        self.made.extend(own.chain(others));
        self.closures.insert(name, constructors.into_iter().map(|(_, parts)| parts).collect());
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        let mut said: Vec<(usize, &'a Expr)> = Vec::new();
        let mut root = expression;
        while let Expr::MethodCall(call) = root
            && let Some(part) = PARTS.iter().position(|name| call.method == name)
            && call.args.len() == 1
        {
            said.push((part, &call.args[0]));
            root = &call.receiver;
        }
        let made = self.constructed(root);
        if !made.is_empty() || (!said.is_empty() && !is_finding(root)) {
            let mut parts = together(made);
            for (part, argument) in &said {
                parts[*part] = self.said(PARTS[*part], argument);
            }
            self.made.push((root.span().start().line, parts));
        }
        said.iter().for_each(|(_, argument)| self.visit_expr(argument));
        visit::visit_expr(self, root);
    }
}

/// Merges the texts of constructors of which any may be called.
fn together(constructors: Vec<Parts>) -> Parts {
    let mut all = Parts::default();
    for parts in constructors {
        all.iter_mut().zip(parts).for_each(|(all, part)| all.extend(part));
    }
    all
}

/// Tells whether an expression makes a finding of `toolcell check`, which says what is next in the same words.
fn is_finding(expression: &Expr) -> bool {
    let Expr::Call(call) = expression else { return false };
    matches!(&*call.func, Expr::Path(path) if path.path.segments.iter().any(|segment| segment.ident == "Finding"))
}
