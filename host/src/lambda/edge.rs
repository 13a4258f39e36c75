//! The edges of a function: the ways in which AWS may invoke it, as `TOOLCELL_EDGES` names them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::form::Form;

/// One way in which a function is invoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// A Function URL that streams responses.
    FunctionUrl,
    /// An HTTP API of API Gateway, payload format 2.0.
    HttpApi,
    /// A REST API of API Gateway that waits for the whole response.
    RestApi,
    /// A REST API of API Gateway with the response transfer mode `STREAM`.
    RestApiStream,
    /// A target group of an Application Load Balancer.
    Alb,
    /// A Lambda target of an AgentCore Gateway.
    AgentCore,
    /// `Invoke` with an MCP message as the event.
    Direct,
}

/// The edges that a function accepts events from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edges(Vec<Edge>);

/// The reason why a text names no edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {}", Edges::EXPECTED)]
pub struct NotEdges;

/// The longest time in which an HTTP API waits for a response; nothing extends it.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const HTTP_API_TIMEOUT: Duration = Duration::from_secs(30);

impl Edge {
    /// Every edge, in the order of the documentation.
    pub const ALL: [Self; 7] = [
        Self::FunctionUrl,
        Self::HttpApi,
        Self::RestApi,
        Self::RestApiStream,
        Self::Alb,
        Self::AgentCore,
        Self::Direct,
    ];

    /// Returns the name in `TOOLCELL_EDGES`.
    pub fn name(self) -> &'static str {
        match self {
            Self::FunctionUrl => "function-url",
            Self::HttpApi => "http-api",
            Self::RestApi => "rest-api",
            Self::RestApiStream => "rest-api-stream",
            Self::Alb => "alb",
            Self::AgentCore => "agentcore",
            Self::Direct => "direct",
        }
    }

    /// Returns the longest time that the edge waits for a response, where that is less than any function may run.
    pub(super) fn longest_wait(self) -> Option<Duration> {
        (self == Self::HttpApi).then_some(HTTP_API_TIMEOUT)
    }

    /// Tells whether the edge sends messages: no browser stands behind it, and no header comes with them.
    pub(super) fn takes_messages(self) -> bool {
        matches!(self, Self::AgentCore | Self::Direct)
    }

    /// Tells whether the edge sends events of this form. Both kinds of REST API send the same.
    fn sends(self, form: Form) -> bool {
        match self {
            Self::FunctionUrl => form == Form::FunctionUrl,
            Self::HttpApi => form == Form::HttpApi,
            Self::RestApi | Self::RestApiStream => form == Form::RestApi,
            Self::Alb => matches!(form, Form::Alb(_)),
            Self::AgentCore => form == Form::AgentCore,
            Self::Direct => form == Form::Direct,
        }
    }
}

impl Edges {
    /// What `TOOLCELL_EDGES` may say.
    pub(super) const EXPECTED: &'static str = "names separated by commas, each one of function-url, http-api, rest-api, rest-api-stream, alb, \
         agentcore and direct, and only one of rest-api and rest-api-stream";

    /// Returns the edge that an event of this form comes from, if the function accepts it.
    pub(super) fn accepting(&self, form: Form) -> Option<Edge> {
        self.0.iter().copied().find(|edge| edge.sends(form))
    }

    /// Tells whether some events name no caller.
    pub(super) fn has_invokers(&self) -> bool {
        self.0.iter().any(|edge| matches!(edge, Edge::AgentCore | Edge::Direct))
    }
}

impl Default for Edges {
    fn default() -> Self {
        Self(vec![Edge::FunctionUrl])
    }
}

impl FromStr for Edges {
    type Err = NotEdges;

    fn from_str(text: &str) -> Result<Self, NotEdges> {
        let edge = |name: &str| Edge::ALL.into_iter().find(|edge| edge.name() == name.trim());
        let edges = text.split(',').map(|name| edge(name).ok_or(NotEdges)).collect::<Result<Vec<_>, _>>()?;
        // Their events are the same, and their responses are not.
        if edges.contains(&Edge::RestApi) && edges.contains(&Edge::RestApiStream) {
            return Err(NotEdges);
        }
        Ok(Self(edges))
    }
}

impl fmt::Display for Edges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|edge| edge.name()).collect();
        f.write_str(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edge_is_named_where_a_wrong_name_is_refused() {
        let error = "lattice".parse::<Edges>().unwrap_err().to_string();
        for edge in Edge::ALL {
            assert!(error.contains(edge.name()), "{error}");
            let edges: Edges = edge.name().parse().unwrap();
            assert_eq!(edges.to_string(), edge.name());
        }
    }

    #[test]
    fn a_list_holds_known_names_and_one_kind_of_rest_api() {
        let edges: Edges = "function-url, http-api".parse().unwrap();
        assert_eq!(edges.accepting(Form::FunctionUrl), Some(Edge::FunctionUrl));
        assert_eq!(edges.accepting(Form::HttpApi), Some(Edge::HttpApi));
        assert_eq!(edges.accepting(Form::RestApi), None);
        for wrong in ["", ",", "function-url,", "HTTP-API", "all", "*", "rest-api,rest-api-stream"] {
            assert_eq!(wrong.parse::<Edges>(), Err(NotEdges), "{wrong:?}");
        }
    }

    #[test]
    fn without_a_list_the_function_url_is_the_only_edge() {
        let edges = Edges::default();
        let forms = [Form::HttpApi, Form::RestApi, Form::AgentCore, Form::Direct];
        assert!(forms.into_iter().all(|form| edges.accepting(form).is_none()));
        assert_eq!(edges.accepting(Form::FunctionUrl), Some(Edge::FunctionUrl));
    }
}
