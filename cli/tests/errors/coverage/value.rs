//! Evaluates expressions of the source to the texts that they may be.

use std::collections::BTreeMap;

use syn::visit::Visit;
use syn::{Block, Expr, ExprCall, ExprLit, ExprMethodCall, ExprReturn, Lit, LitStr, Macro, Stmt};

use super::source::{Binding, Function, Source};
use super::text::Text;

/// Something that a text may be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    Text(Text),
    /// A parameter of the function or closure around.
    Parameter(usize),
}

impl Value {
    /// Returns what is known of the text.
    pub(super) fn text(self) -> Text {
        match self {
            Self::Text(text) => text,
            Self::Parameter(_) => Text::any(),
        }
    }
}

/// The meaning of names at an expression.
#[derive(Clone)]
pub(super) struct Scope<'a, 's> {
    source: &'s Source<'a>,
    function: &'s Function<'a>,
    parameters: BTreeMap<String, Vec<Value>>,
    /// The number of functions and names that may still be followed.
    depth: usize,
}

/// The number of functions and names that are followed from one expression.
const DEPTH: usize = 8;

/// Methods that leave a text as it is.
const SAME: [&str; 9] =
    ["as_ref", "as_str", "clone", "into", "into_owned", "to_owned", "to_string", "trim", "trim_end"];

/// Functions that leave a text as it is.
const WRAPPED: [&str; 3] = ["Some", "Ok", "from"];

impl<'a, 's> Scope<'a, 's> {
    /// The body of a function, or of a closure in it, whose parameters are left open.
    pub(super) fn new(source: &'s Source<'a>, function: &'s Function<'a>, parameters: &[String]) -> Self {
        let open = |(number, name): (usize, &String)| (name.clone(), vec![Value::Parameter(number)]);
        let parameters = parameters.iter().enumerate().map(open).collect();
        Self { source, function, parameters, depth: DEPTH }
    }

    /// Returns everything that an expression may be.
    pub(super) fn values(&self, expression: &'a Expr) -> Vec<Value> {
        match expression {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => vec![Value::Text(Text::fixed(&text.value()))],
            Expr::Macro(made) => made_by(&made.mac),
            Expr::Reference(inner) => self.values(&inner.expr),
            Expr::Paren(inner) => self.values(&inner.expr),
            Expr::Closure(inner) => self.values(&inner.body),
            Expr::Block(block) => self.of_block(&block.block),
            Expr::If(choice) => {
                let other = choice.else_branch.as_ref().map(|(_, other)| self.values(other));
                [self.of_block(&choice.then_branch), other.unwrap_or_default()].concat()
            }
            Expr::Match(choice) => choice.arms.iter().flat_map(|arm| self.values(&arm.body)).collect(),
            Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => Vec::new(),
            Expr::Path(path) => path.path.get_ident().map_or_else(any, |name| self.named(&name.to_string())),
            Expr::MethodCall(call) => self.of_method(call),
            Expr::Call(call) => self.of_function(call),
            _ => any(),
        }
    }

    fn of_method(&self, call: &'a ExprMethodCall) -> Vec<Value> {
        let method = call.method.to_string();
        let arguments: Vec<_> = call.args.iter().collect();
        match (method.as_str(), arguments.as_slice()) {
            (same, []) if SAME.contains(&same) => self.values(&call.receiver),
            // Letters are changed, not words.
            ("replace", _) => self.values(&call.receiver),
            ("unwrap_or" | "unwrap_or_else" | "unwrap_or_default", _) => {
                let other = arguments.iter().flat_map(|argument| self.values(argument));
                self.values(&call.receiver).into_iter().chain(other).collect()
            }
            ("map_or" | "map_or_else", [default, value]) => {
                [self.values(default), self.values(value)].concat()
            }
            (name, arguments) => self.returned(name, arguments).unwrap_or_else(any),
        }
    }

    fn of_function(&self, call: &'a ExprCall) -> Vec<Value> {
        let Expr::Path(path) = &*call.func else { return any() };
        let name = path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        let arguments: Vec<_> = call.args.iter().collect();
        match arguments.as_slice() {
            [argument] if WRAPPED.contains(&name.as_str()) => self.values(argument),
            arguments => self.returned(&name, arguments).unwrap_or_else(any),
        }
    }

    fn of_block(&self, block: &'a Block) -> Vec<Value> {
        match block.stmts.last() {
            Some(Stmt::Expr(expression, None)) => self.values(expression),
            Some(Stmt::Macro(made)) => made_by(&made.mac),
            _ => Vec::new(),
        }
    }

    /// Returns what a name stands for.
    fn named(&self, name: &str) -> Vec<Value> {
        if let Some(values) = self.parameters.get(name) {
            return values.clone();
        }
        let constant = self.source.constants.get(name).copied().map(Binding::Value);
        let bindings =
            self.function.locals.get(name).cloned().unwrap_or_else(|| constant.into_iter().collect());
        let Some(deeper) = self.deeper().filter(|_| !bindings.is_empty()) else {
            return vec![Value::Text(Text::any())];
        };
        let of = |binding| match binding {
            Binding::Value(expression) => deeper.values(expression),
            Binding::Element(expression, at) => deeper.element(expression, at),
        };
        bindings.into_iter().flat_map(of).collect()
    }

    /// Returns what one value of a tuple may be.
    fn element(&self, expression: &'a Expr, at: usize) -> Vec<Value> {
        let of_block = |block: &'a Block| match block.stmts.last() {
            Some(Stmt::Expr(expression, None)) => self.element(expression, at),
            _ => Vec::new(),
        };
        match expression {
            Expr::Tuple(tuple) => self.values(&tuple.elems[at]),
            Expr::Paren(inner) => self.element(&inner.expr, at),
            Expr::Block(block) => of_block(&block.block),
            Expr::If(choice) => {
                let other = choice.else_branch.as_ref().map(|(_, other)| self.element(other, at));
                [of_block(&choice.then_branch), other.unwrap_or_default()].concat()
            }
            Expr::Match(choice) => choice.arms.iter().flat_map(|arm| self.element(&arm.body, at)).collect(),
            Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => Vec::new(),
            _ => vec![Value::Text(Text::any())],
        }
    }

    /// Returns what a function of the source returns, if that is a text.
    fn returned(&self, name: &str, arguments: &[&'a Expr]) -> Option<Vec<Value>> {
        let mut values = Vec::new();
        for number in self.source.called(self.function.file, name, arguments.len()) {
            let function = &self.source.functions[number];
            let mut inner = self.deeper().filter(|_| function.is_text)?;
            let given = function.parameters.iter().zip(arguments);
            inner.parameters = given.map(|(name, argument)| (name.clone(), self.values(argument))).collect();
            inner.function = function;
            values.extend(inner.of_block(function.body));
            let mut returns = Returns(Vec::new());
            returns.visit_block(function.body);
            values.extend(returns.0.into_iter().flat_map(|expression| inner.values(expression)));
        }
        let elsewhere = |value| match value {
            Value::Text(text) => Value::Text(text.elsewhere()),
            parameter @ Value::Parameter(_) => parameter,
        };
        (!values.is_empty()).then(|| values.into_iter().map(elsewhere).collect())
    }

    fn deeper(&self) -> Option<Self> {
        Some(Self { depth: self.depth.checked_sub(1)?, ..self.clone() })
    }
}

/// Returns a text that may be any.
fn any() -> Vec<Value> {
    vec![Value::Text(Text::any())]
}

/// Returns the text that an expression spells itself; every other may be any.
pub(super) fn spelled(expression: &Expr) -> Value {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Value::Text(Text::fixed(&text.value())),
        Expr::Macro(made) => made_by(&made.mac).pop().unwrap_or(Value::Text(Text::any())),
        Expr::MethodCall(call) if SAME.contains(&call.method.to_string().as_str()) => spelled(&call.receiver),
        _ => Value::Text(Text::any()),
    }
}

/// Returns the text that a macro makes; one that ends the program makes none.
fn made_by(made: &Macro) -> Vec<Value> {
    let name = made.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
    let text =
        made.tokens.clone().into_iter().next().and_then(|token| syn::parse2::<LitStr>(token.into()).ok());
    match (name.as_str(), text) {
        ("panic" | "unreachable", _) => Vec::new(),
        ("format", Some(text)) => vec![Value::Text(Text::format(&text.value()))],
        _ => vec![Value::Text(Text::any())],
    }
}

/// The expressions that a function returns before its end.
struct Returns<'a>(Vec<&'a Expr>);

impl<'a> Visit<'a> for Returns<'a> {
    fn visit_expr_return(&mut self, early: &'a ExprReturn) {
        self.0.extend(early.expr.as_deref());
    }

    fn visit_expr_closure(&mut self, _: &'a syn::ExprClosure) {}
}
