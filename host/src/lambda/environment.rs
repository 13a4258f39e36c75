//! Reads the environment variables of the process, once at start.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>

use std::num::NonZero;
use std::path::PathBuf;

use tracing::Level;

use super::edge::Edges;
use crate::auth::{Anonymous, Identity};
use crate::log::Format;
use crate::s3::Location;

/// Directory of the bundle, in the directory of the program, unless `TOOLCELL_BUNDLE` names another.
const BUNDLE: &str = "bundle";

/// The settings from the environment.
#[derive(Clone, Debug)]
pub struct Environment {
    /// `AWS_LAMBDA_RUNTIME_API`: host and port.
    pub runtime_api: String,
    /// `AWS_LAMBDA_FUNCTION_NAME`
    pub function: String,
    /// `AWS_LAMBDA_MAX_CONCURRENCY`: invocations at a time; 1 but for managed instances.
    pub concurrency: NonZero<u32>,
    /// `AWS_LAMBDA_INITIALIZATION_TYPE`
    pub initialization: Initialization,
    /// The directory of the package's bundle: beside the program, unless `TOOLCELL_BUNDLE` names another.
    pub bundle: PathBuf,
    /// The place of releases, if `TOOLCELL_BUNDLE` names one.
    pub releases: Option<Location>,
    /// `TOOLCELL_METRICS`
    pub metrics: Metrics,
    /// `TOOLCELL_ALLOW_ANONYMOUS`: counts only where the bundle has no `[auth.bearer]`.
    pub anonymous: Anonymous,
    /// `TOOLCELL_AUTH_TYPE`
    pub auth_type: AuthType,
    /// `TOOLCELL_EDGES`: the front ends whose events are served.
    pub edges: Edges,
    /// `TOOLCELL_INVOKER`: who may invoke the function without a front end, on the deployer's word.
    pub invoker: Option<Identity>,
}

/// The `AuthType` of the function's edges: whether AWS checks callers before the invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthType {
    /// `AWS_IAM`: what an event says about its sender is AWS's word.
    AwsIam,
    /// `NONE`, or not set: there is none, and what an event says of its sender is ignored.
    None,
}

/// The initialization type: why the process was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initialization {
    /// To serve, now or soon.
    Ordinary,
    /// To be frozen into a snapshot first.
    SnapStart,
}

/// Tells whether a line of metrics is written for each call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metrics {
    /// `on`, or nothing said.
    On,
    /// `off`
    Off,
}

/// A variable that is missing or says nothing useful.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// The program was not started by Lambda.
    #[error(
        "the environment variable {0} is not set: this program is started by AWS Lambda. Try `toolcell lambda` to run it here"
    )]
    Missing(&'static str),
    /// A variable has a value that it cannot have.
    #[error("the environment variable {name} is {found:?}, expected {expected}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// Its value.
        found: String,
        /// The allowed values.
        expected: &'static str,
    },
}

impl Environment {
    /// Reads the variables that `variable` gives by name; `program` is the program's own path.
    ///
    /// # Errors
    /// A variable that Lambda always sets is missing, or a value is not one of those allowed.
    pub fn read(
        variable: impl Fn(&str) -> Option<String>,
        program: Option<PathBuf>,
    ) -> Result<Self, EnvironmentError> {
        let required = |name| variable(name).ok_or(EnvironmentError::Missing(name));
        let (bundle, releases) = bundle(variable("TOOLCELL_BUNDLE"))?;
        let edges = edges(variable("TOOLCELL_EDGES"))?;
        let beside = || program.and_then(|program| Some(program.parent()?.join(BUNDLE)));
        Ok(Self {
            runtime_api: required("AWS_LAMBDA_RUNTIME_API")?,
            function: required("AWS_LAMBDA_FUNCTION_NAME")?,
            concurrency: concurrency(variable("AWS_LAMBDA_MAX_CONCURRENCY"))?,
            initialization: match variable("AWS_LAMBDA_INITIALIZATION_TYPE").as_deref() {
                Some("snap-start") => Initialization::SnapStart,
                _ => Initialization::Ordinary,
            },
            bundle: bundle.or_else(beside).unwrap_or_else(|| BUNDLE.into()),
            releases,
            metrics: metrics(variable("TOOLCELL_METRICS"))?,
            anonymous: anonymous(variable("TOOLCELL_ALLOW_ANONYMOUS"))?,
            auth_type: auth_type(variable("TOOLCELL_AUTH_TYPE"))?,
            invoker: invoker(variable("TOOLCELL_INVOKER"), &edges)?,
            edges,
        })
    }
}

/// The level and look of the log, from `AWS_LAMBDA_LOG_LEVEL` and `AWS_LAMBDA_LOG_FORMAT`, which the
/// function's logging configuration sets. What they do not say is info and JSON.
pub fn logging(variable: impl Fn(&str) -> Option<String>) -> (Level, Format) {
    let level = match variable("AWS_LAMBDA_LOG_LEVEL").map(|level| level.to_ascii_uppercase()).as_deref() {
        Some("TRACE") => Level::TRACE,
        Some("DEBUG") => Level::DEBUG,
        Some("WARN") => Level::WARN,
        Some("ERROR" | "FATAL") => Level::ERROR,
        _ => Level::INFO,
    };
    let format = match variable("AWS_LAMBDA_LOG_FORMAT").as_deref() {
        Some("Text") => Format::Text,
        _ => Format::Json,
    };
    (level, format)
}

fn concurrency(value: Option<String>) -> Result<NonZero<u32>, EnvironmentError> {
    const MOST: u32 = 1024; // threads and descriptors of an environment
    let Some(found) = value else { return Ok(NonZero::<u32>::MIN) };
    match found.parse::<NonZero<u32>>() {
        Ok(number) if number.get() <= MOST => Ok(number),
        _ => {
            let expected = "a whole number from 1 to 1024";
            Err(EnvironmentError::Invalid { name: "AWS_LAMBDA_MAX_CONCURRENCY", found, expected })
        }
    }
}

/// Reads a directory, or a place of releases.
fn bundle(value: Option<String>) -> Result<(Option<PathBuf>, Option<Location>), EnvironmentError> {
    let Some(found) = value else { return Ok((None, None)) };
    if let Ok(location) = found.parse() {
        return Ok((None, Some(location)));
    }
    if found.is_empty() || found.contains("://") {
        let expected =
            "a directory that `toolcell build` made, such as /opt/bundle, or releases, as s3://BUCKET/PREFIX";
        return Err(EnvironmentError::Invalid { name: "TOOLCELL_BUNDLE", found, expected });
    }
    Ok((Some(found.into()), None))
}

fn metrics(value: Option<String>) -> Result<Metrics, EnvironmentError> {
    match value.as_deref() {
        None | Some("on") => Ok(Metrics::On),
        Some("off") => Ok(Metrics::Off),
        Some(found) => Err(EnvironmentError::Invalid {
            name: "TOOLCELL_METRICS",
            found: found.to_owned(),
            expected: "on or off",
        }),
    }
}

fn anonymous(value: Option<String>) -> Result<Anonymous, EnvironmentError> {
    match value.as_deref() {
        None | Some("false") => Ok(Anonymous::Refused),
        Some("true") => Ok(Anonymous::Allowed),
        Some(found) => Err(EnvironmentError::Invalid {
            name: "TOOLCELL_ALLOW_ANONYMOUS",
            found: found.to_owned(),
            expected: "true or false",
        }),
    }
}

fn auth_type(value: Option<String>) -> Result<AuthType, EnvironmentError> {
    match value.as_deref() {
        Some("AWS_IAM") => Ok(AuthType::AwsIam),
        None | Some("NONE") => Ok(AuthType::None),
        Some(found) => Err(EnvironmentError::Invalid {
            name: "TOOLCELL_AUTH_TYPE",
            found: found.to_owned(),
            expected: "AWS_IAM or NONE",
        }),
    }
}

fn edges(value: Option<String>) -> Result<Edges, EnvironmentError> {
    let Some(found) = value else { return Ok(Edges::default()) };
    let (name, expected) = ("TOOLCELL_EDGES", Edges::EXPECTED);
    found.parse().map_err(|_| EnvironmentError::Invalid { name, found, expected })
}

/// Reads whom an invocation without a front end comes from.
fn invoker(value: Option<String>, edges: &Edges) -> Result<Option<Identity>, EnvironmentError> {
    let Some(found) = value else { return Ok(None) };
    match found.parse() {
        Ok(identity) if edges.has_invokers() => Ok(Some(identity)),
        _ => {
            let expected = "the ARN of a role or user, such as arn:aws:iam::123456789012:role/Agent, and only with agentcore or \
                            direct in TOOLCELL_EDGES";
            Err(EnvironmentError::Invalid { name: "TOOLCELL_INVOKER", found, expected })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAMBDA: [(&str, &str); 2] =
        [("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"), ("AWS_LAMBDA_FUNCTION_NAME", "tools")];

    fn read(more: &[(&str, &str)]) -> Result<Environment, EnvironmentError> {
        let all: Vec<_> = LAMBDA.iter().chain(more).collect();
        let value =
            |name: &str| all.iter().rfind(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
        Environment::read(value, Some("/var/task/bootstrap".into()))
    }

    #[test]
    fn the_bundle_is_beside_the_program_unless_a_variable_names_it() {
        assert_eq!(read(&[]).unwrap().bundle, PathBuf::from("/var/task/bundle"));
        assert_eq!(read(&[("TOOLCELL_BUNDLE", "/opt/bundle")]).unwrap().bundle, PathBuf::from("/opt/bundle"));
    }

    #[test]
    fn releases_are_followed_from_a_place_in_s3_and_the_package_stays_beside_the_program() {
        let environment = read(&[("TOOLCELL_BUNDLE", "s3://bucket/prefix")]).unwrap();
        assert_eq!(environment.releases.unwrap().to_string(), "s3://bucket/prefix");
        assert_eq!(environment.bundle, PathBuf::from("/var/task/bundle"));
        assert!(read(&[]).unwrap().releases.is_none());
    }

    #[test]
    fn values_that_mean_nothing_are_refused_by_name() {
        for (name, value) in [
            ("TOOLCELL_BUNDLE", ""),
            ("TOOLCELL_BUNDLE", "https://example.com/bundle"),
            ("TOOLCELL_BUNDLE", "s3://"),
            ("TOOLCELL_BUNDLE", "s3://Bucket/prefix"),
            ("TOOLCELL_METRICS", "yes"),
            ("TOOLCELL_ALLOW_ANONYMOUS", "yes"),
            ("TOOLCELL_AUTH_TYPE", "iam"),
            ("TOOLCELL_EDGES", ""),
            ("TOOLCELL_EDGES", "function-url,lattice"),
            ("TOOLCELL_EDGES", "rest-api,rest-api-stream"),
            ("TOOLCELL_INVOKER", "arn:aws:iam::123456789012:role/Agent"),
            ("AWS_LAMBDA_MAX_CONCURRENCY", "0"),
            ("AWS_LAMBDA_MAX_CONCURRENCY", "many"),
        ] {
            let error = read(&[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(&format!("{value:?}")), "{error}");
        }
    }

    #[test]
    fn anonymous_callers_are_refused_unless_a_variable_allows_them() {
        let of = |more: &[(&str, &str)]| read(more).unwrap().anonymous;
        assert_eq!(of(&[]), Anonymous::Refused);
        assert_eq!(of(&[("TOOLCELL_ALLOW_ANONYMOUS", "false")]), Anonymous::Refused);
        assert_eq!(of(&[("TOOLCELL_ALLOW_ANONYMOUS", "true")]), Anonymous::Allowed);
    }

    #[test]
    fn an_invoker_is_a_role_or_user_of_a_function_that_is_invoked_without_a_front_end() {
        let of = |edges, invoker| read(&[("TOOLCELL_EDGES", edges), ("TOOLCELL_INVOKER", invoker)]);
        let role = "arn:aws:iam::123456789012:role/Agent";
        for edges in ["direct", "agentcore", "function-url,agentcore"] {
            assert_eq!(of(edges, role).unwrap().invoker.unwrap().as_str(), role);
            for wrong in ["", "*", "me", "arn:aws:iam::123456789012:role/*"] {
                assert!(of(edges, wrong).is_err(), "{wrong}");
            }
        }
        assert!(of("function-url,http-api,rest-api,alb", role).is_err(), "it would have no effect");
        assert_eq!(read(&[]).unwrap().invoker, None);
        assert_eq!(read(&[]).unwrap().edges, Edges::default());
    }

    #[test]
    fn outside_of_lambda_the_program_says_what_to_run() {
        let error = Environment::read(|_| None, None).unwrap_err().to_string();
        assert!(error.contains("AWS_LAMBDA_RUNTIME_API") && error.contains("toolcell lambda"), "{error}");
    }

    #[test]
    fn the_log_is_as_the_function_configures_it() {
        let of = |value: Option<&str>| logging(|_| value.map(str::to_owned));
        assert_eq!(of(None), (Level::INFO, Format::Json));
        assert_eq!(of(Some("debug")).0, Level::DEBUG);
        assert_eq!(of(Some("FATAL")).0, Level::ERROR);
        assert_eq!(of(Some("Text")).1, Format::Text);
    }
}
