//! Models the front ends of a function, which turn HTTP requests into events.

use crate::identifier;

/// A front end of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrontEnd {
    /// A Function URL.
    FunctionUrl,
    /// An HTTP API with payload format 2.0.
    HttpApi {
        /// The stage; `None` is `$default`, which is not a part of the path.
        stage: Option<String>,
    },
    /// A REST API with a proxy integration; the function's [`InvokeMode`](crate::InvokeMode) is its response transfer mode.
    RestApi {
        /// The stage, the first part of each path.
        stage: String,
    },
    /// An Application Load Balancer.
    LoadBalancer(HeaderLists),
}

/// Tells whether a target group has multi-value headers turned on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderLists {
    /// It has: headers are lists of values, in both directions.
    On,
    /// It has not.
    Off,
}

impl FrontEnd {
    /// Returns the stage that is the first part of each path.
    pub(crate) fn stage(&self) -> Option<&str> {
        match self {
            Self::HttpApi { stage } => stage.as_deref(),
            Self::RestApi { stage } => Some(stage),
            Self::FunctionUrl | Self::LoadBalancer(_) => None,
        }
    }

    /// Returns a domain as AWS gives one.
    pub(crate) fn domain(&self, region: &str) -> String {
        let id = identifier::url();
        match self {
            Self::FunctionUrl => format!("{id}.lambda-url.{region}.on.aws"),
            Self::HttpApi { .. } | Self::RestApi { .. } => format!("{id}.execute-api.{region}.amazonaws.com"),
            Self::LoadBalancer(_) => format!("{id}.{region}.elb.amazonaws.com"),
        }
    }

    /// Reports whether a path is below the stage.
    pub(crate) fn has(&self, path: &str) -> bool {
        let Some(stage) = self.stage() else { return true };
        let rest = path.strip_prefix('/').and_then(|path| path.strip_prefix(stage));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Returns the most bytes of a request's body and of a response's document; `None` where Lambda's own limit is lower.
    pub(crate) fn most_bytes(&self) -> Option<usize> {
        matches!(self, Self::LoadBalancer(_)).then_some(crate::limit::LOAD_BALANCER_BYTES)
    }

    /// Reports whether headers that it sets itself reach the client under another name.
    pub(crate) fn remaps_headers(&self) -> bool {
        matches!(self, Self::FunctionUrl | Self::RestApi { .. })
    }
}
