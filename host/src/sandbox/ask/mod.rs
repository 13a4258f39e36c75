//! `toolcell:plugin/ask` and `memo`: questions in the middle of a call.
//!
//! A question whose answer is known returns it; any other ends the call with a [`Halt`], which is the error that
//! unwinds the guest. What was asked and answered stands in the call's [`Dialogue`].

mod content;
mod field;
mod form;
mod question;
mod sample;

use wasmtime::StoreContextMut;
use wasmtime::component::Linker;

use super::about::Questions;
use super::state::State;
use crate::dialogue::{Asking, Dialogue, Refusal};

use field::Field;
use question::{Answer, FormQuestion, Question, UrlQuestion};
use sample::SampleRequest;

/// Longest key of a question and name of a field, in bytes.
const MAX_KEY_BYTES: usize = 64;

/// Why a call ends at a question.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Halt {
    /// The client is to answer first.
    #[error("the call waits for answers")]
    Asks(Box<Asking>),
    /// The client did not declare that it can be asked this.
    #[error("the client cannot be asked")]
    Lacks(Questions),
    /// Nobody can be asked on the way that the call came.
    #[error("nobody can be asked")]
    Unanswerable,
    /// An answer does not fit its question; says where, what was found and what was expected.
    #[error("{0}")]
    Unfit(String),
    /// The guest asked what cannot be asked; the text is for its author.
    #[error("the tool asked in a way that is not allowed: {0}")]
    Misused(String),
}

impl From<Refusal> for Halt {
    fn from(refusal: Refusal) -> Self {
        Self::Misused(refusal.to_string())
    }
}

/// Adds `toolcell:plugin/ask`.
pub(super) fn link(linker: &mut Linker<State>, import: &str) -> wasmtime::Result<()> {
    let mut ask = linker.instance(import)?;
    ask.func_wrap("form", |store, (key, message, fields): (String, String, Vec<Field>)| {
        let Answer::Form(answer) = one(store, key, Question::Form(FormQuestion { message, fields }))? else {
            return Err(other_kind());
        };
        Ok((answer,))
    })?;
    ask.func_wrap("url", |store, (key, message, url): (String, String, String)| {
        let Answer::Url(answer) = one(store, key, Question::Url(UrlQuestion { message, url }))? else {
            return Err(other_kind());
        };
        Ok((answer,))
    })?;
    ask.func_wrap("sample", |store, (key, request): (String, SampleRequest)| {
        let Answer::Sample(answer) = one(store, key, Question::Sample(request))? else {
            return Err(other_kind());
        };
        Ok((answer,))
    })?;
    ask.func_wrap("roots", |store, (key,): (String,)| {
        let Answer::Roots(answer) = one(store, key, Question::Roots)? else { return Err(other_kind()) };
        Ok((answer,))
    })?;
    ask.func_wrap("all", |mut store: StoreContextMut<'_, State>, (questions,): (Vec<(String, Question)>,)| {
        let answers = store.data_mut().ask(&questions)?;
        Ok((answers,))
    })
}

/// Adds `toolcell:plugin/memo`.
pub(super) fn link_memo(linker: &mut Linker<State>, import: &str) -> wasmtime::Result<()> {
    let mut memo = linker.instance(import)?;
    memo.func_wrap("get", |mut store: StoreContextMut<'_, State>, (key,): (String,)| {
        Ok((store.data_mut().dialogue().memo(&key).map(str::to_owned),))
    })?;
    memo.func_wrap("set", |mut store: StoreContextMut<'_, State>, (key, value): (String, String)| {
        store
            .data_mut()
            .dialogue()
            .keep(key, value)
            .map_err(|refusal| wasmtime::Error::new(Halt::from(refusal)))
    })
}

fn one(mut store: StoreContextMut<'_, State>, key: String, question: Question) -> wasmtime::Result<Answer> {
    let answers = store.data_mut().ask(&[(key, question)])?;
    answers.into_iter().next().ok_or_else(other_kind)
}

/// A question is always answered in its own kind.
fn other_kind() -> wasmtime::Error {
    wasmtime::Error::msg("an answer is not of its question's kind")
}

impl State {
    /// Answers all of `questions`, or ends the call.
    fn ask(&mut self, questions: &[(String, Question)]) -> wasmtime::Result<Vec<Answer>> {
        let can = self.about().questions;
        let answers = ask(self.dialogue(), can, questions).map_err(wasmtime::Error::new)?;
        if let Some(latest_ms) = answers.iter().map(|(_, at_ms)| *at_ms).max() {
            self.clock().advance(latest_ms);
        }
        Ok(answers.into_iter().map(|(answer, _)| answer).collect())
    }
}

/// The answers, each with the moment it came, or why the call ends.
fn ask(
    dialogue: &mut Dialogue,
    can: Option<Questions>,
    questions: &[(String, Question)],
) -> Result<Vec<(Answer, u64)>, Halt> {
    let mut answers = Vec::with_capacity(questions.len());
    let mut lacking = Questions::default();
    for (key, question) in questions {
        check_name("the key", key)?;
        let request = question.request().map_err(Halt::Misused)?;
        match dialogue.answer(key, &request) {
            Some(answered) => {
                let path = format!("params.inputResponses['{key}']");
                let answer = question.read(&answered.response, &path).map_err(Halt::Unfit)?;
                answers.push((answer, answered.at_ms));
            }
            None => {
                lacking = lacking.with(question.kind().without(can.unwrap_or_default()));
                dialogue.ask(key, request);
            }
        }
    }
    if answers.len() == questions.len() {
        return Ok(answers);
    }
    if can.is_none() {
        return Err(Halt::Unanswerable);
    }
    if lacking != Questions::default() {
        return Err(Halt::Lacks(lacking));
    }
    Err(Halt::Asks(Box::new(dialogue.end()?)))
}

/// Checks the key of a question, or the name of a field.
fn check_name(what: &str, name: &str) -> Result<(), Halt> {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if (1..=MAX_KEY_BYTES).contains(&name.len()) && name.bytes().all(is_legal) {
        return Ok(());
    }
    let shown: String = name.chars().take(MAX_KEY_BYTES).collect();
    Err(Halt::Misused(format!(
        "{what} {shown:?} is not 1 to {MAX_KEY_BYTES} characters of A-Z a-z 0-9 _ . -"
    )))
}

#[cfg(test)]
mod tests;
