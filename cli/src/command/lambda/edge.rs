//! The front ends that the emulator has, under the names of `TOOLCELL_EDGES`.

use clap::ValueEnum;
use toolcell_lambda_emulator::{FrontEnd, HeaderLists, InvokeMode};

/// The stage of a REST API, which has none without a name.
const STAGE: &str = "live";

/// A front end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Edge {
    /// Function URL that streams responses
    FunctionUrl,
    /// HTTP API of API Gateway, payload format 2.0
    HttpApi,
    /// REST API of API Gateway, buffered, at the stage `live`
    RestApi,
    /// REST API of API Gateway with response transfer mode STREAM, at the stage `live`
    RestApiStream,
    /// Application Load Balancer with multi-value headers
    Alb,
}

impl Edge {
    /// Returns the name in `TOOLCELL_EDGES`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::FunctionUrl => "function-url",
            Self::HttpApi => "http-api",
            Self::RestApi => "rest-api",
            Self::RestApiStream => "rest-api-stream",
            Self::Alb => "alb",
        }
    }

    pub(super) fn front_end(self) -> FrontEnd {
        match self {
            Self::FunctionUrl => FrontEnd::FunctionUrl,
            Self::HttpApi => FrontEnd::HttpApi { stage: None },
            Self::RestApi | Self::RestApiStream => FrontEnd::RestApi { stage: STAGE.to_owned() },
            Self::Alb => FrontEnd::LoadBalancer(HeaderLists::On),
        }
    }

    pub(super) fn invoke_mode(self) -> InvokeMode {
        match self {
            Self::FunctionUrl | Self::RestApiStream => InvokeMode::ResponseStream,
            Self::HttpApi | Self::RestApi | Self::Alb => InvokeMode::Buffered,
        }
    }
}
