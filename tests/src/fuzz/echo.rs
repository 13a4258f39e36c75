//! WIT types and JSON with a guest: a value goes into a component's memory and comes out again.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use toolcell_host::codec::guest::{Budgets, CallError, Plan, call};
use toolcell_host::codec::{AnswerForm, Encoded, ResultBody, Type, schema};
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, Store};

use super::choices::Choices;
use super::json::accepts;
use super::validator::is_valid;
use super::wit_type::{PADDING, any_type, echo_component, function, padded_type};
use super::wit_value::{Sample, is_same};

const AMPLE: Budgets = Budgets { input_bytes: 1 << 20, output_bytes: 1 << 20, answer: AnswerForm::Content };

/// Components that a thread keeps compiled.
const KEPT: usize = 256;

thread_local! {
    static COMPILED: RefCell<HashMap<String, Component>> = RefCell::default();
    static RUNTIME: tokio::runtime::Runtime =
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
}

/// Reads a type and a value. A value of the type goes through the guest and comes back the same. Whatever else the schema
/// accepts comes back, and the same from then on; so does what the decoder accepts beyond it. The rest is refused in a line.
pub fn echo(data: &[u8]) {
    let mut choices = Choices::new(data);
    let ty = any_type(&mut choices);
    let Sample { json, is_plain } = Sample::new(&mut choices, &ty);
    let text = json.to_string();
    let padded = padded_type(&ty);
    let subject = function(&padded, padded.clone());
    let plan = Arc::new(Plan::new(subject.check().expect("a plain function")));
    let component = compiled(&ty);
    let send = |value: &str| {
        let numbers: String = (1..=PADDING).map(|number| format!(",{number}")).collect();
        sent(&component, &plan, &format!("{{\"x\":[{value}{numbers}]}}"))
    };
    let accepted = accepts(&schema::input(&function(&ty, Type::Bool)), &text);
    match send(&text) {
        Ok(result) => {
            let first = inner(&result, &schema::output(&subject));
            let returned: Value = serde_json::from_str(&first).expect("a result is JSON");
            assert!(!is_plain || is_same(&ty, &json, &returned), "{first} came back for {text} of {ty:?}");
            let second = send(&first).unwrap_or_else(|error| panic!("{first} is refused: {error}"));
            assert_eq!(inner(&second, &None), first, "{ty:?}");
        }
        Err(CallError::Argument(error)) => {
            assert!(!is_plain, "a value is refused: {text} for {ty:?}: {error}");
            assert_eq!(error.to_string().lines().count(), 1, "{error}");
            assert!(accepted != Some(true), "the schema accepts what is refused: {text} for {ty:?}: {error}");
        }
        Err(other) => panic!("{text} for {ty:?}: {other:?}"),
    }
}

fn sent(component: &Component, plan: &Arc<Plan>, arguments: &str) -> Result<Encoded, CallError> {
    RUNTIME.with(|runtime| {
        runtime.block_on(async {
            let mut store = Store::new(engine(), ());
            let instance = Linker::new(engine()).instantiate_async(&mut store, component).await;
            let instance = instance.expect("it imports nothing");
            let func = instance.get_func(&mut store, "echo").expect("it exports echo");
            let timed = call(&mut store, func, plan, arguments.to_owned().into(), AMPLE).await?;
            Ok(timed.encoded)
        })
    })
}

/// Returns the JSON of the value in `{"result": [VALUE, 1, 2, ...]}`, after checking it against the schema.
fn inner(result: &Encoded, schema: &Option<Value>) -> String {
    let ResultBody::Json(json) = &result.body else { panic!("a tuple is JSON: {result:?}") };
    let text = std::str::from_utf8(json).expect("JSON is UTF-8");
    if let Some(schema) = schema {
        let document = serde_json::from_str(text).expect("a result is JSON");
        assert!(is_valid(schema, &document), "the output schema refuses {text}");
    }
    let numbers: String = (1..=PADDING).map(|number| format!(",{number}")).collect();
    let inner =
        text.strip_prefix("{\"result\":[").and_then(|rest| rest.strip_suffix(&format!("{numbers}]}}")));
    inner.unwrap_or_else(|| panic!("not what went in: {text}")).to_owned()
}

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(&Config::new()).expect("the engine's own settings"))
}

fn compiled(ty: &Type) -> Component {
    COMPILED.with_borrow_mut(|compiled| {
        if compiled.len() >= KEPT {
            compiled.clear();
        }
        let compile = || Component::new(engine(), echo_component(ty)).expect("the component is valid");
        compiled.entry(format!("{ty:?}")).or_insert_with(compile).clone()
    })
}
