//! Counts calls, and answers of users that are good for one call: both in the state store.

use std::sync::Arc;

use super::Service;
use super::answer::Answer;
use super::request::PluginRequest;
use crate::call::now_ms;
use crate::digest::Digest;
use crate::protocol::Fault;
use crate::protocol::render::{CallToolResult, Content, Outcome};
use crate::rounds::{MAX_AGE_MS, MAX_SKEW_MS};
use crate::state_store::bucket::Caller;
use crate::state_store::{Condition, Increment, Partition, Put, StateError, StateStore, Value};

/// The partition of answers that were used.
const ANSWERS: &str = "policy/answers";

/// The start of the partitions of counts.
const CALLS: &str = "policy/calls";

const MINUTE_MS: u64 = 60_000;

/// The time for which an answer that was used is remembered: for as long as a state with it opens, whatever clock sealed
/// that.
const ANSWER_TTL_MS: u64 = MAX_AGE_MS + MAX_SKEW_MS;

impl Service {
    /// Counts a call of a caller, and refuses it if there were too many in this minute; callers without a name are
    /// counted together. `counted` is the plugin, and the tool if the plugin's tools are counted one by one.
    ///
    /// # Errors
    /// The answer to a call that does not run.
    pub(super) async fn count_call(
        &self,
        request: &PluginRequest<'_>,
        counted: (&str, Option<&str>),
        tool: &str,
        per_minute: Option<u32>,
    ) -> Result<(), Answer> {
        let Some(per_minute) = per_minute else { return Ok(()) };
        let now_ms = now_ms();
        let counted = match self.runner.state_store() {
            Some(store) => {
                let partition = Partition { name: calls(counted, request), quota: None };
                let minute = (now_ms / MINUTE_MS).to_string();
                let increment = Increment { delta: 1, ttl_ms: Some(2 * MINUTE_MS) };
                store.increment(&partition, &minute, increment).await
            }
            None => Err(StateError::Unavailable("there is no store".to_owned())),
        };
        match counted {
            Ok(count) if count <= i64::from(per_minute) => Ok(()),
            Ok(_) => {
                let seconds = (MINUTE_MS - now_ms % MINUTE_MS).div_ceil(1_000);
                let whose =
                    if request.principal.name().is_some() { "each caller" } else { "all anonymous callers" };
                let reason =
                    format!("too many calls: {per_minute} a minute for {whose}; call again in {seconds} s");
                Err(self.refuse_call(request, tool, "calls-per-minute", &reason))
            }
            // Whoever cannot count must not let everything pass.
            Err(error) => {
                tracing::error!(tool, %error, "calls cannot be counted");
                Err(request.refuse(Fault::Unavailable))
            }
        }
    }

    /// Answers a call that a policy refuses with a result for the model, and says so in the log.
    pub(super) fn refuse_call(
        &self,
        request: &PluginRequest<'_>,
        tool: &str,
        rule: &'static str,
        reason: &str,
    ) -> Answer {
        let id = request.context().request_id.as_deref();
        tracing::info!(request = id, principal = request.principal.name(), tool, rule, reason, "refused");
        let content = Content::Text(reason);
        let called = CallToolResult { outcome: Outcome::Failure, content, meta: None, challenge: None };
        Answer::Json(self.renderer.call_tool(&request.head, &called))
    }
}

/// Names the partition of a caller's calls of a tool.
fn calls((plugin, tool): (&str, Option<&str>), request: &PluginRequest<'_>) -> String {
    let (issuer, subject) = request.principal.issuer_and_subject();
    let caller = Caller { kind: request.principal.kind().name(), issuer, subject };
    let tool = Digest::of_parts("toolcell tool", [plugin.as_bytes(), tool.unwrap_or_default().as_bytes()]);
    format!("{CALLS}/{tool}/{}", caller.digest())
}

/// Uses a token up: true the first time, false later.
///
/// # Errors
/// Fails with the store's error, or with `None` if there is no store.
pub(super) async fn spend(
    store: Option<&Arc<dyn StateStore>>,
    token: &str,
) -> Result<bool, Option<StateError>> {
    let store = store.ok_or(None)?;
    let partition = Partition { name: ANSWERS.to_owned(), quota: None };
    let name = Digest::of(token.as_bytes()).to_string();
    let put = Put { value: Value::Number(1), condition: Condition::Absent, ttl_ms: Some(ANSWER_TTL_MS) };
    match store.put(&partition, &name, put).await {
        Ok(()) => Ok(true),
        Err(StateError::Conflict) => Ok(false),
        Err(error) => Err(Some(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::clock::Clock;
    use crate::state_store::Memory;

    #[tokio::test]
    async fn an_answer_that_was_used_is_remembered_while_any_clock_still_takes_it() {
        let time = Arc::new(Mutex::new(UNIX_EPOCH + Duration::from_secs(1 << 30)));
        let pass = |ms: u64| *time.lock().unwrap() += Duration::from_millis(ms);
        let clock = Clock::new({
            let time = Arc::clone(&time);
            move || *time.lock().unwrap()
        });
        let store: Arc<dyn StateStore> = Arc::new(Memory::new(clock));
        assert!(spend(Some(&store), "token").await.unwrap());
        pass(MAX_AGE_MS + MAX_SKEW_MS - 1);
        assert!(!spend(Some(&store), "token").await.unwrap());
        assert!(spend(Some(&store), "another token").await.unwrap());
        pass(1);
        assert!(spend(Some(&store), "token").await.unwrap(), "it is not kept for ever");
        assert!(matches!(spend(None, "token").await, Err(None)));
    }
}
