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
    /// Returns the name in `TOOLCELL_EDGES`, which is that on the command line.
    pub(super) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use toolcell_host::lambda::Edges;

    use super::*;

    #[test]
    fn a_function_knows_the_name_of_every_front_end() {
        for edge in Edge::value_variants() {
            let edges: Edges = edge.name().parse().unwrap();
            assert_eq!(edges.to_string(), edge.name());
        }
    }
}
