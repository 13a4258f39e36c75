//! Links `toolcell:plugin/ask` and `memo`: questions during a call.
//!
//! A question returns its answer if it is known; otherwise it ends the call with a [`Suspend`], the error that
//! unwinds the guest. The call's [`Rounds`] hold questions and answers.

mod content;
mod field;
mod form;
mod name;
mod question;
mod response;
mod sample;

use std::collections::HashSet;

use wasmtime::StoreContextMut;
use wasmtime::component::Linker;

use crate::mcp::QuestionKinds;
use crate::rounds::{AskError, Rounds};
use crate::sandbox::store_data::StoreData;
use crate::sandbox::suspend::Suspend;

use field::Field;
use question::{Answer, FormQuestion, Question, UrlQuestion};
use sample::SampleRequest;

/// Adds `toolcell:plugin/ask`.
pub(super) fn link(linker: &mut Linker<StoreData>, import: &str) -> wasmtime::Result<()> {
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
    ask.func_wrap(
        "all",
        |mut store: StoreContextMut<'_, StoreData>, (questions,): (Vec<(String, Question)>,)| {
            let answers = store.data_mut().ask(&questions)?;
            Ok((answers,))
        },
    )
}

/// Adds `toolcell:plugin/memo`.
pub(super) fn link_memo(linker: &mut Linker<StoreData>, import: &str) -> wasmtime::Result<()> {
    let mut memo = linker.instance(import)?;
    memo.func_wrap("get", |mut store: StoreContextMut<'_, StoreData>, (key,): (String,)| {
        Ok((store.data_mut().rounds().memo(&key).map(str::to_owned),))
    })?;
    memo.func_wrap("set", |mut store: StoreContextMut<'_, StoreData>, (key, value): (String, String)| {
        let state = store.data_mut();
        state.rounds().keep(key, value).map_err(|error| wasmtime::Error::new(Suspend::from(error)))?;
        state.sender().guard();
        Ok(())
    })
}

fn one(
    mut store: StoreContextMut<'_, StoreData>,
    key: String,
    question: Question,
) -> wasmtime::Result<Answer> {
    let answers = store.data_mut().ask(&[(key, question)])?;
    answers.into_iter().next().ok_or_else(other_kind)
}

/// The error for an answer of another kind than its question, which cannot happen.
fn other_kind() -> wasmtime::Error {
    wasmtime::Error::msg("an answer is not of its question's kind")
}

impl StoreData {
    /// Answers all of `questions`, or ends the call.
    fn ask(&mut self, questions: &[(String, Question)]) -> wasmtime::Result<Vec<Answer>> {
        let (can, limit_bytes) = (self.info().questions, self.output_bytes());
        let answers = ask(self.rounds(), can, questions, limit_bytes).map_err(wasmtime::Error::new)?;
        if let Some(latest_ms) = answers.iter().map(|(_, at_ms)| *at_ms).max() {
            self.clock().advance(latest_ms);
        }
        Ok(answers.into_iter().map(|(answer, _)| answer).collect())
    }
}

/// Returns the answers, each with its time, or the reason why the call ends; the questions of a round may take
/// `limit_bytes` in all.
fn ask(
    rounds: &mut Rounds,
    can: Option<QuestionKinds>,
    questions: &[(String, Question)],
    limit_bytes: usize,
) -> Result<Vec<(Answer, u64)>, Suspend> {
    let (mut keys, mut answers) = (HashSet::new(), Vec::new());
    let mut lacking = QuestionKinds::default();
    for (key, question) in questions {
        name::check("the key", key).map_err(Suspend::Misused)?;
        // Each answer is copied out of the state, so a key that occurs often would multiply it.
        if !keys.insert(key) {
            return Err(AskError::SameKey.into());
        }
        let request = question.request(limit_bytes).map_err(Suspend::Misused)?;
        match rounds.answer(key, &request) {
            Some(answered) => {
                let path = format!("params.inputResponses['{key}']");
                let answer = question.read(&answered.response, &path).map_err(Suspend::Unfit)?;
                answers.push((answer, answered.at_ms));
            }
            None => {
                lacking = lacking.with(question.kind().without(can.unwrap_or_default()));
                rounds.ask(key, request, limit_bytes)?;
            }
        }
    }
    if answers.len() == questions.len() {
        return Ok(answers);
    }
    if can.is_none() {
        return Err(Suspend::Unanswerable);
    }
    if lacking != QuestionKinds::default() {
        return Err(Suspend::MissingCapability(lacking));
    }
    Err(Suspend::Asks(Box::new(rounds.end()?)))
}

#[cfg(test)]
mod tests;
