//! Names the events that no edge of a server sends, for the operator who finds one in the log.

use super::members::Members;

/// The name of an event that has a member of this name.
const BY_MEMBER: [(&str, &str); 19] = [
    ("detail-type", "an event of EventBridge"),
    ("awslogs", "an event of CloudWatch Logs"),
    ("alarmData", "an event of a CloudWatch alarm"),
    ("triggerSource", "an event of a Cognito user pool"),
    ("methodArn", "a request to authorize a call of API Gateway"),
    ("authorizationToken", "a request to authorize a call of API Gateway"),
    ("routeArn", "a request to authorize a call of API Gateway"),
    ("StackId", "a request of a CloudFormation custom resource"),
    ("CodePipeline.job", "an event of CodePipeline"),
    ("invokingEvent", "an event of AWS Config"),
    ("deliveryStreamArn", "an event of Data Firehose"),
    ("invocationSchemaVersion", "an event of S3 Batch Operations"),
    ("actionGroup", "an event of a Bedrock agent"),
    ("sessionState", "an event of Lex"),
    ("currentIntent", "an event of Lex"),
    ("fieldName", "an event of AppSync"),
    ("raw_path", "an event of VPC Lattice"),
    ("warmer", "a warm-up ping"),
    ("ping", "a warm-up ping"),
];

/// The name of a list of records, by the source of the first.
const BY_SOURCE: [(&str, &str); 9] = [
    ("aws:sqs", "an event of SQS"),
    ("aws:sns", "an event of SNS"),
    ("aws:s3", "an event of S3"),
    ("aws:ses", "an event of SES"),
    ("aws:dynamodb", "an event of a DynamoDB stream"),
    ("aws:kinesis", "an event of a Kinesis stream"),
    ("aws:codecommit", "an event of CodeCommit"),
    ("aws:kafka", "an event of Kafka"),
    ("aws:mq", "an event of Amazon MQ"),
];

/// The name of an event whose context has a member of this name.
const BY_CONTEXT: [(&str, &str); 3] = [
    ("connectionId", "an event of a WebSocket API"),
    ("serviceArn", "an event of VPC Lattice"),
    ("serviceNetworkArn", "an event of VPC Lattice"),
];

const UNKNOWN: &str = "an event of no known form";

/// Names an event as well as it can.
pub(super) fn name(members: &Members<'_>) -> &'static str {
    if members.is_empty() {
        return "an empty event";
    }
    find(members).unwrap_or(UNKNOWN)
}

/// Tells whether an event is known to be something else than a request to this server.
pub(super) fn is_known(members: &Members<'_>) -> bool {
    find(members).is_some()
}

fn find(members: &Members<'_>) -> Option<&'static str> {
    let by = |table: &[(&str, &'static str)], has: &dyn Fn(&str) -> bool| {
        table.iter().find(|(name, _)| has(name)).map(|(_, what)| *what)
    };
    if let Some(what) = by(&BY_MEMBER, &|name| members.has(name)) {
        return Some(what);
    }
    if let Some(request) = members.object("requestContext")
        && let Some(what) = by(&BY_CONTEXT, &|name| request.has(name))
    {
        return Some(what);
    }
    if members.has("Records") {
        return Some(records(members.first("Records").as_ref()));
    }
    let source = members.text("eventSource").or_else(|| members.text("source"))?;
    if source == "serverless-plugin-warmup" {
        return Some("a warm-up ping");
    }
    by(&BY_SOURCE, &|name| *source == *name || (name == "aws:kafka" && source == "SelfManagedKafka"))
}

/// Names a list of records by its first one.
fn records(first: Option<&Members<'_>>) -> &'static str {
    let Some(first) = first else { return "a list of records" };
    if first.has("cf") {
        return "an event of CloudFront (Lambda@Edge)";
    }
    let source = first.text("eventSource").or_else(|| first.text("EventSource")).unwrap_or_default();
    let found = BY_SOURCE.iter().find(|(name, _)| *source == **name);
    found.map_or("a list of records", |(_, what)| *what)
}
