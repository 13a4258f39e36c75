//! Streams an answer: the events of a running call, then its response.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, Sleep, sleep};

use super::call_task::{CallOver, CallTask, Running};
use super::catch_panic::Panicked;
use crate::protocol::{ProgressToken, Rejection, notification, sse};
use crate::sandbox::Event;

/// Writes the events of one call.
#[derive(Debug)]
pub(super) struct Notifier {
    /// The token of progress notifications; without one, none are sent.
    pub(super) token: Option<ProgressToken>,
    /// The plugin, as the `logger` of its messages.
    pub(super) logger: String,
    /// The response to the request if making it panics.
    pub(super) panicked: Rejection,
}

/// The events of a call, then its response. Dropping it ends the call; not reading it does not even delay the call.
pub(super) struct EventStream {
    call: Option<CallTask>,
    events: Option<Receiver<Event>>,
    notifier: Notifier,
    /// Something that is to be sent before anything is polled.
    ready: Option<Bytes>,
    response: Option<Bytes>,
    /// The time after which a comment is sent, so that nothing on the way takes the stream for dead.
    heartbeat: Duration,
    silence: Pin<Box<Sleep>>,
}

impl std::fmt::Debug for EventStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventStream").field("is_running", &self.call.is_some()).finish_non_exhaustive()
    }
}

impl EventStream {
    /// Starts the task of a call that is still running; `first` is an event that it already sent. A comment follows each
    /// silence of `heartbeat`.
    pub(super) fn new(
        call: Running,
        events: Option<Receiver<Event>>,
        notifier: Notifier,
        first: Option<Event>,
        heartbeat: Duration,
    ) -> Self {
        let ready = Some(first.and_then(|event| notifier.write(event)).unwrap_or(sse::KEEP_ALIVE));
        let silence = Box::pin(sleep(heartbeat));
        let call = Some(CallTask::spawn(call));
        Self { call, events, notifier, ready, response: None, heartbeat, silence }
    }

    /// Returns what tells the end of the call, once.
    pub(super) fn take_call_over(&mut self) -> Option<CallOver> {
        self.call.as_mut()?.take_over()
    }

    /// Polls the next bytes of the stream. If making them panics, the response says so and ends the stream: an answer
    /// that just stops would look whole to a client behind Lambda.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match catch_unwind(AssertUnwindSafe(|| self.poll_stream(context))) {
            Ok(poll) => poll,
            Err(_) => {
                (self.call, self.events, self.ready, self.response) = (None, None, None, None);
                Poll::Ready(Some(sse::event(&self.notifier.panicked.body())))
            }
        }
    }

    fn poll_stream(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(bytes) = self.ready.take() {
            return Poll::Ready(Some(self.spoke(bytes)));
        }
        loop {
            if let Some(bytes) = self.poll_event(context) {
                return Poll::Ready(Some(self.spoke(bytes)));
            }
            let Some(call) = &mut self.call else { break };
            match Pin::new(call).poll(context) {
                // Its last events may have come meanwhile: they go first.
                Poll::Ready(ended) => {
                    let response = match ended {
                        Ok(answered) => answered.unwrap_or_else(|rejection| rejection.body()),
                        Err(Panicked) => self.notifier.panicked.body(),
                    };
                    (self.call, self.response) = (None, Some(response));
                }
                Poll::Pending => return self.poll_silence(context),
            }
        }
        Poll::Ready(self.response.take().map(|response| sse::event(&response)))
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Option<Bytes> {
        loop {
            match self.events.as_mut()?.poll_recv(context) {
                Poll::Ready(Some(event)) => {
                    if let Some(bytes) = self.notifier.write(event) {
                        return Some(bytes);
                    }
                }
                Poll::Ready(None) => self.events = None,
                Poll::Pending => return None,
            }
        }
    }

    fn poll_silence(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match self.silence.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Some(self.spoke(sse::KEEP_ALIVE))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn spoke(&mut self, bytes: Bytes) -> Bytes {
        self.silence.as_mut().reset(Instant::now() + self.heartbeat);
        bytes
    }
}

impl Notifier {
    /// Makes a notifier of an answer without events; `panicked` as in the field.
    pub(super) fn silent(panicked: Rejection) -> Self {
        Self { token: None, logger: String::new(), panicked }
    }

    /// The event as a notification; none where the client did not ask for its kind.
    fn write(&self, event: Event) -> Option<Bytes> {
        let message = match event {
            Event::Progress { progress, total, message } => {
                let report = notification::Progress { progress, total, message: message.as_deref() };
                notification::progress(self.token.as_ref()?, &report)?
            }
            Event::Log { level, message, fields } => {
                notification::message(level, Some(&self.logger), &data(message, fields))
            }
        };
        Some(sse::event(&message))
    }
}

/// The message alone where it has no fields, else an object.
fn data(message: String, fields: Vec<(String, String)>) -> Vec<u8> {
    if fields.is_empty() {
        return serde_json::Value::String(message).to_string().into_bytes();
    }
    let mut object: serde_json::Map<_, _> =
        fields.into_iter().map(|(name, value)| (name, value.into())).collect();
    object.insert("message".to_owned(), message.into());
    serde_json::Value::Object(object).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use serde_json::value::RawValue;
    use tokio::sync::mpsc;

    use super::*;
    use crate::protocol::{Fault, Head, Id, Revision};

    #[tokio::test]
    async fn a_stream_whose_making_panics_ends_with_an_error_under_its_requests_id() {
        let id = RawValue::from_string("7".to_owned()).unwrap();
        let head = Head { id: Id::parse(&id).unwrap(), revision: Revision::MODERN };
        let (_events, receiver) = mpsc::channel(1);
        #[allow(clippy::unreachable, reason = "the test wants a panic")]
        let call: Running = Box::pin(async { unreachable!("on purpose") });
        let notifier = Notifier::silent(Rejection::new(Fault::Internal, &head));
        let mut stream = EventStream::new(call, Some(receiver), notifier, None, Duration::from_secs(5));
        let mut sent = Vec::new();
        while let Some(bytes) = poll_fn(|context| stream.poll_next(context)).await {
            sent.push(String::from_utf8(bytes.to_vec()).unwrap());
        }
        assert_eq!(sent.len(), 2, "a comment, then the end: {sent:?}");
        assert!(sent[1].contains(r#""id":7,"error":{"code":-32603"#), "{sent:?}");
    }
}
