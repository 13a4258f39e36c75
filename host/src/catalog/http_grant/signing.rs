//! Holds how the host signs the requests of a rule for AWS, with credentials that no plugin sees.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::host::Host;
use super::text_form;

/// The host signs each request of a rule, with credentials of a role that it assumes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    /// The service, as signatures name it.
    pub service: AwsService,
    /// The region.
    pub region: AwsRegion,
    /// The role whose credentials sign.
    pub role: RoleArn,
    /// What the credentials may do at most.
    pub policy: SessionPolicy,
}

/// The name of a service in signatures, such as `s3` or `execute-api`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AwsService(String);

/// The name of a region, such as `eu-central-1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AwsRegion(String);

/// The ARN of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoleArn(String);

/// A session policy: JSON without spaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SessionPolicy(String);

/// The reason why requests cannot be signed so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// The text is not the name of a service.
    #[error("is not the name of a service in signatures")]
    Service,
    /// The text is not the name of a region.
    #[error("is not the name of a region")]
    Region,
    /// The text is not the ARN of a role.
    #[error("is not the ARN of a role")]
    Role,
    /// The text is not JSON.
    #[error("is not JSON: {0}")]
    NotJson(String),
    /// The JSON is not a policy.
    #[error("is not a policy: it has no `Statement`")]
    NotPolicy,
    /// STS takes no policy as long as this one.
    #[error(
        "is longer than the {} characters that STS takes, without spaces between its parts",
        SessionPolicy::MAX_CHARS
    )]
    LongPolicy,
}

/// The longest name of a service or a region, in bytes.
const MAX_NAME_BYTES: usize = 40;

/// The longest ARN, in bytes.
const MAX_ARN_BYTES: usize = 2048;

/// The ends of AWS's host names, each for the regions that begin with a text.
const DOMAINS: [(&str, Option<&str>); 5] = [
    (".amazonaws.com.cn", Some("cn-")),
    (".api.amazonwebservices.com.cn", Some("cn-")),
    (".amazonaws.com", None),
    (".api.aws", None),
    (".on.aws", None),
];

/// Names in hosts of services that have another name in signatures.
const ALIASES: [(&str, &str); 14] = [
    ("appsync-api", "appsync"),
    ("bedrock-agent", "bedrock"),
    ("bedrock-agent-runtime", "bedrock"),
    ("bedrock-runtime", "bedrock"),
    ("email", "ses"),
    ("lambda-url", "lambda"),
    ("models-v2-lex", "lex"),
    ("personalize-events", "personalize"),
    ("personalize-runtime", "personalize"),
    ("runtime-v2-lex", "lex"),
    ("s3-accesspoint", "s3"),
    ("s3-control", "s3"),
    ("stream-logs", "logs"),
    ("transcribestreaming", "transcribe"),
];

/// The region of services whose hosts name none.
const GLOBAL_REGION: &str = "us-east-1";

impl Signing {
    /// Tells whether signatures for this service and region are meant for a host: `SERVICE.REGION.amazonaws.com`, with at
    /// most one label in front, and the other forms that AWS has.
    ///
    /// Source: <https://docs.aws.amazon.com/general/latest/gr/rande.html>
    pub fn fits(&self, host: &Host) -> bool {
        let Host::Name(name) = host else { return false };
        let region = self.region.as_str();
        let is_china = region.starts_with("cn-");
        let ending = |(ending, start): &(&str, Option<&str>)| {
            name.strip_suffix(ending).filter(|_| start.is_some() == is_china)
        };
        let Some(rest) = DOMAINS.iter().find_map(ending) else { return false };
        let labels: Vec<_> = rest.split('.').collect();
        match &labels[..] {
            [before @ .., service, "vpce"] if *service == region => {
                matches!(before, [.., endpoint, service] if endpoint.starts_with("vpce-") && self.is_named(service))
            }
            [before @ .., service, "dualstack", last] if *last == region => {
                before.len() <= 1 && self.is_named(service)
            }
            [before @ .., service, last] if *last == region => before.len() <= 1 && self.is_named(service),
            [_, middle, service] if *middle == region => self.is_named(service),
            [before @ .., service] => region == GLOBAL_REGION && before.len() <= 1 && self.is_named(service),
            [] => false,
        }
    }

    /// Tells whether the role is in the same partition of AWS as the region.
    pub fn fits_partition(&self) -> bool {
        self.role.partition() == self.partition()
    }

    /// Returns the partition of the region.
    pub fn partition(&self) -> &'static str {
        match self.region.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            region if region.starts_with("eusc-") => "aws-eusc",
            _ => "aws",
        }
    }

    /// Returns a host that fits.
    pub fn example_host(&self) -> String {
        let (service, region) = (&self.service, &self.region);
        let end = if region.as_str().starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let label = ALIASES.iter().find(|(_, signed)| *signed == service.as_str()).map(|(label, _)| *label);
        match service.as_str() {
            "lambda" => format!("ID.lambda-url.{region}.on.aws"),
            "execute-api" => format!("ID.execute-api.{region}.{end}"),
            "s3" => format!("BUCKET.s3.{region}.{end}"),
            name => format!("{}.{region}.{end}", label.unwrap_or(name)),
        }
    }

    /// Tells whether a label of a host stands for the service.
    fn is_named(&self, label: &str) -> bool {
        let label = label.strip_suffix("-fips").unwrap_or(label);
        let alias = ALIASES.iter().find(|(alias, _)| *alias == label);
        label == self.service.as_str() || alias.is_some_and(|(_, signed)| *signed == self.service.as_str())
    }
}

impl SessionPolicy {
    /// The longest policy that STS takes, in characters.
    pub const MAX_CHARS: usize = 2048;

    /// Returns the JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AwsService {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AwsRegion {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl RoleArn {
    /// Returns the ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn partition(&self) -> &str {
        self.0.split(':').nth(1).unwrap_or_default()
    }
}

impl FromStr for AwsService {
    type Err = SigningError;

    fn from_str(text: &str) -> Result<Self, SigningError> {
        if is_name(text) { Ok(Self(text.to_owned())) } else { Err(SigningError::Service) }
    }
}

impl FromStr for AwsRegion {
    type Err = SigningError;

    fn from_str(text: &str) -> Result<Self, SigningError> {
        let ends_with_number = text.rsplit_once('-').is_some_and(|(_, number)| number.parse::<u8>().is_ok());
        match is_name(text) && ends_with_number {
            true => Ok(Self(text.to_owned())),
            false => Err(SigningError::Region),
        }
    }
}

fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=MAX_NAME_BYTES).contains(&text.len())
        && text.bytes().all(is_plain)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

impl FromStr for RoleArn {
    type Err = SigningError;

    fn from_str(text: &str) -> Result<Self, SigningError> {
        let parts: Vec<_> = text.splitn(6, ':').collect();
        let ["arn", partition, "iam", "", account, role] = parts[..] else { return Err(SigningError::Role) };
        let is_partition = partition == "aws" || partition.starts_with("aws-") && is_name(partition);
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-/".contains(&byte);
        let name = role.strip_prefix("role/").unwrap_or_default();
        let is_role = !name.is_empty() && !name.ends_with('/') && name.bytes().all(is_plain);
        match is_partition && is_account && is_role && text.len() <= MAX_ARN_BYTES {
            true => Ok(Self(text.to_owned())),
            false => Err(SigningError::Role),
        }
    }
}

impl FromStr for SessionPolicy {
    type Err = SigningError;

    fn from_str(text: &str) -> Result<Self, SigningError> {
        let json: serde_json::Value =
            serde_json::from_str(text).map_err(|error| SigningError::NotJson(error.to_string()))?;
        let has_statement = |json: &serde_json::Value| match json.get("Statement")? {
            serde_json::Value::Array(statements) => {
                statements.iter().all(serde_json::Value::is_object).then_some(statements.len())
            }
            serde_json::Value::Object(_) => Some(1),
            _ => None,
        };
        if has_statement(&json).is_none_or(|statements| statements == 0) {
            return Err(SigningError::NotPolicy);
        }
        let policy = json.to_string();
        match policy.chars().count() <= Self::MAX_CHARS {
            true => Ok(Self(policy)),
            false => Err(SigningError::LongPolicy),
        }
    }
}

impl fmt::Display for AwsService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for AwsRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SessionPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_form!(AwsService, SigningError);
text_form!(AwsRegion, SigningError);
text_form!(RoleArn, SigningError);
text_form!(SessionPolicy, SigningError);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{GrantedHeader, HeaderClass, HeaderError, HttpGrant};

    fn signing(service: &str, region: &str) -> Signing {
        Signing {
            service: service.parse().unwrap(),
            region: region.parse().unwrap(),
            role: "arn:aws:iam::123456789012:role/reports".parse().unwrap(),
            policy: r#"{"Statement": [{"Effect": "Allow"}]}"#.parse().unwrap(),
        }
    }

    #[test]
    fn a_host_names_service_and_region_in_a_form_of_aws() {
        for (service, region, host) in [
            ("s3", "eu-central-1", "s3.eu-central-1.amazonaws.com"),
            ("s3", "eu-central-1", "reports.s3.eu-central-1.amazonaws.com"),
            ("s3", "eu-central-1", "reports.s3.dualstack.eu-central-1.amazonaws.com"),
            ("s3", "eu-central-1", "s3.dualstack.eu-central-1.amazonaws.com"),
            ("s3", "us-gov-west-1", "reports.s3-fips.us-gov-west-1.amazonaws.com"),
            ("s3", "us-gov-west-1", "reports.s3-fips.dualstack.us-gov-west-1.amazonaws.com"),
            ("s3", "us-east-1", "reports.s3.amazonaws.com"),
            ("s3", "cn-north-1", "reports.s3.cn-north-1.amazonaws.com.cn"),
            ("s3", "eu-central-1", "point-123456789012.s3-accesspoint.eu-central-1.amazonaws.com"),
            ("s3", "eu-west-1", "bucket.vpce-1a-2b.s3.eu-west-1.vpce.amazonaws.com"),
            ("dynamodb", "eu-central-1", "dynamodb.eu-central-1.amazonaws.com"),
            ("dynamodb", "eu-central-1", "streams.dynamodb.eu-central-1.amazonaws.com"),
            ("lambda", "eu-central-1", "lambda.eu-central-1.amazonaws.com"),
            ("lambda", "eu-central-1", "lambda.eu-central-1.api.aws"),
            ("lambda", "eu-central-1", "abc123.lambda-url.eu-central-1.on.aws"),
            ("execute-api", "eu-central-1", "abc123.execute-api.eu-central-1.amazonaws.com"),
            ("bedrock", "us-west-2", "bedrock-runtime.us-west-2.amazonaws.com"),
            ("sagemaker", "us-west-2", "runtime.sagemaker.us-west-2.amazonaws.com"),
            ("ses", "eu-west-1", "email.eu-west-1.amazonaws.com"),
            ("es", "eu-west-1", "search-a-b.eu-west-1.es.amazonaws.com"),
            ("aoss", "eu-west-1", "a1b2.eu-west-1.aoss.amazonaws.com"),
            ("iam", "us-east-1", "iam.amazonaws.com"),
            ("vpc-lattice-svcs", "eu-west-1", "a-1b.vpc-lattice-svcs.eu-west-1.on.aws"),
        ] {
            assert!(signing(service, region).fits(&host.parse().unwrap()), "{service} {region} {host}");
        }
    }

    #[test]
    fn a_host_of_another_service_region_or_owner_does_not_fit() {
        for (service, region, host) in [
            ("s3", "eu-central-1", "s3.eu-west-1.amazonaws.com"),
            ("s3", "eu-central-1", "dynamodb.eu-central-1.amazonaws.com"),
            ("s3", "eu-central-1", "reports.s3.amazonaws.com"),
            ("s3", "eu-central-1", "a.b.s3.eu-central-1.amazonaws.com"),
            ("s3", "eu-central-1", "s3.eu-central-1.amazonaws.com.cn"),
            ("s3", "cn-north-1", "s3.cn-north-1.amazonaws.com"),
            ("s3", "eu-central-1", "s3.eu-central-1.amazonaws.com.evil.example"),
            ("s3", "eu-central-1", "s3.eu-central-1.evilamazonaws.com"),
            ("s3", "eu-central-1", "s3.eu-central-1.example.com"),
            ("s3", "eu-central-1", "eu-central-1.amazonaws.com"),
            ("s3", "eu-central-1", "localhost"),
            ("s3", "eu-central-1", "10.0.0.1"),
            ("s3", "eu-central-1", "reports.s3-website.eu-central-1.amazonaws.com"),
            ("lambda", "eu-central-1", "abc.execute-api.eu-central-1.amazonaws.com"),
            ("dynamodb", "us-east-1", "s3.amazonaws.com"),
            ("s3", "us-east-1", "x.y.s3.amazonaws.com"),
            ("s3", "eu-west-1", "bucket.s3.eu-west-1.vpce.amazonaws.com"),
        ] {
            assert!(!signing(service, region).fits(&host.parse().unwrap()), "{service} {region} {host}");
        }
    }

    #[test]
    fn the_example_of_a_host_fits() {
        for service in ["s3", "lambda", "execute-api", "dynamodb", "ses", "bedrock"] {
            for region in ["eu-central-1", "us-east-1"] {
                let signing = signing(service, region);
                let example = signing.example_host().to_ascii_lowercase();
                assert!(signing.fits(&example.parse().unwrap()), "{example}");
            }
        }
    }

    #[test]
    fn a_rule_that_signs_lies_within_one_with_the_same_signature_alone() {
        let rule = |sign: Option<Signing>| HttpGrant {
            sign,
            ..HttpGrant::new("s3.eu-central-1.amazonaws.com".parse().unwrap())
        };
        let same = || Some(signing("s3", "eu-central-1"));
        let most = rule(same());
        assert!(rule(same()).is_within(&most) && rule(None).is_within(&most));
        let policy = r#"{"Statement":[{"Effect":"Deny"}]}"#.parse().unwrap();
        let other = Some(Signing { policy, ..signing("s3", "eu-central-1") });
        assert!(!rule(other).is_within(&most), "another policy");
        assert!(!rule(same()).is_within(&rule(None)));
        assert!(rule(same()).has_credential_of(&most) && !rule(None).has_credential_of(&most));
    }

    #[test]
    fn headers_of_a_signature_are_the_hosts_and_others_of_aws_take_a_grant() {
        for name in ["authorization", "x-amz-date", "x_amz_security_token", "x-amz-content-sha256", "host"] {
            assert_eq!(HeaderClass::of_signed(name), HeaderClass::Never, "{name}");
        }
        for name in ["x-amz-target", "x_amz_acl", "x-amz-meta-a", "x-forwarded-for"] {
            assert_eq!(HeaderClass::of_signed(name), HeaderClass::ByGrant, "{name}");
        }
        for name in ["content-type", "x-amzn-trace-id", "range", "content-length"] {
            assert_eq!(HeaderClass::of_signed(name), HeaderClass::Free, "{name}");
        }
        assert!("x-amz-target".parse::<GrantedHeader>().unwrap().is_of_aws());
        assert!(!"via".parse::<GrantedHeader>().unwrap().is_of_aws());
        assert_eq!("x-amz-date".parse::<GrantedHeader>(), Err(HeaderError::Signature));
        assert_eq!("authorization".parse::<GrantedHeader>(), Err(HeaderError::Free));
    }

    #[test]
    fn a_role_belongs_to_the_partition_of_the_region() {
        let role = |arn: &str, region| Signing { role: arn.parse().unwrap(), ..signing("s3", region) };
        assert!(signing("s3", "eu-central-1").fits_partition());
        assert!(role("arn:aws-cn:iam::123456789012:role/a", "cn-north-1").fits_partition());
        assert!(!role("arn:aws-cn:iam::123456789012:role/a", "eu-central-1").fits_partition());
        assert!(!signing("s3", "us-gov-west-1").fits_partition());
    }

    #[test]
    fn names_and_arns_have_one_form() {
        for region in ["", "eu", "eu-central", "EU-central-1", "eu.central-1", "-1", "eu-central-1-"] {
            assert_eq!(region.parse::<AwsRegion>(), Err(SigningError::Region), "{region}");
        }
        for service in ["", "S3", "s3/", "s_3", "-s3"] {
            assert_eq!(service.parse::<AwsService>(), Err(SigningError::Service), "{service}");
        }
        for arn in
            ["arn:aws:iam::123456789012:role/a", "arn:aws-us-gov:iam::123456789012:role/path/a.b+c=d,e@f_g-h"]
        {
            assert!(arn.parse::<RoleArn>().is_ok(), "{arn}");
        }
        for arn in [
            "",
            "reports",
            "arn:aws:iam::123456789012:user/a",
            "arn:aws:iam::12345678901:role/a",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:role/a/",
            "arn:aws:iam::123456789012:role/a b",
            "arn:aws:iam::123456789012:role/*",
            "arn:aws:sts::123456789012:assumed-role/a/b",
            "arn:aws:iam:eu-central-1:123456789012:role/a",
            "arn:evil:iam::123456789012:role/a",
        ] {
            assert_eq!(arn.parse::<RoleArn>(), Err(SigningError::Role), "{arn}");
        }
    }

    #[test]
    fn a_policy_is_json_with_statements_and_short_enough() {
        let policy: SessionPolicy =
            "{\n \"Version\": \"2012-10-17\", \"Statement\": [{}]\n}".parse().unwrap();
        assert_eq!(policy.as_str(), r#"{"Version":"2012-10-17","Statement":[{}]}"#);
        assert!(r#"{"Statement":{"Effect":"Allow"}}"#.parse::<SessionPolicy>().is_ok());
        for text in ["[]", "{}", "1", r#"{"Statement":[]}"#, r#"{"Statement":"x"}"#, r#"{"Statement":[1]}"#] {
            assert_eq!(text.parse::<SessionPolicy>(), Err(SigningError::NotPolicy), "{text}");
        }
        assert!(matches!("{".parse::<SessionPolicy>(), Err(SigningError::NotJson(_))));
        let long = |sid: usize| format!(r#"{{"Statement":[{{"Sid":"{}"}}]}}"#, "x".repeat(sid));
        let rest = long(0).len();
        assert!(long(SessionPolicy::MAX_CHARS - rest).parse::<SessionPolicy>().is_ok());
        assert_eq!(
            long(SessionPolicy::MAX_CHARS - rest + 1).parse::<SessionPolicy>(),
            Err(SigningError::LongPolicy)
        );
    }
}
