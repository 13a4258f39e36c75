"""Tests the rendered template.yaml: its callers, the function's permissions, and the parameters that are refused."""

from __future__ import annotations

import json
import unittest
from itertools import product

from stack import TEMPLATE, Refused, Stack, stack

SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:toolcell-AbCdEf"
EXTENSION = "arn:aws:lambda:eu-central-1:187925254637:layer:AWS-Parameters-and-Secrets-Lambda-Extension:12"
ROLE = "arn:aws:iam::111122223333:role/reports"
PARAMETER = "arn:aws:ssm:eu-central-1:111122223333:parameter/prod/key"
BUNDLE = "arn:aws:lambda:eu-central-1:111122223333:layer:toolcell-bundle:3"
PRINCIPALS = '{"principals":{}}'

PUBLIC = {"AuthType": "NONE"}
ANONYMOUS = {**PUBLIC, "AllowAnonymous": "true"}
BUNDLE_TOKENS = {**PUBLIC, "BearerTokens": "bundle"}
ENVIRONMENT_TOKENS = {**PUBLIC, "BearerTokens": "environment", "Principals": PRINCIPALS}
SECRET_TOKENS = {
    **PUBLIC,
    "BearerTokens": "secret",
    "PrincipalsSecretArn": SECRET,
    "SecretsExtensionLayerArn": EXTENSION,
}
FETCHED_STATE_KEY = {"StateKey": "secret", "SecretsExtensionLayerArn": EXTENSION}
RELEASES = {"PluginBucket": "example-plugins", "PluginPrefix": "team/tools"}
KEY = "ed25519:MCowBQYDK2VwAyEA"
READY = {"ProvisionedConcurrency": "2", "Release": "2026-11-23"}
EVERY_WAY_IN = [{}, ANONYMOUS, BUNDLE_TOKENS, ENVIRONMENT_TOKENS, SECRET_TOKENS]


def statements(rendered: Stack) -> list[dict]:
    """Returns every statement of the function's role, from every kind of policy."""
    role = rendered.only("AWS::IAM::Role")
    return [statement for policy in role["Policies"] for statement in policy["PolicyDocument"]["Statement"]]


def environment(rendered: Stack) -> dict[str, str]:
    """Returns the function's environment variables."""
    return rendered.only("AWS::Lambda::Function")["Environment"]["Variables"]


class WhoMayCall(unittest.TestCase):
    def test_one_url_streams_and_asks_for_a_signature_unless_said_otherwise(self):
        url = stack().only("AWS::Lambda::Url")
        self.assertEqual(url["AuthType"], "AWS_IAM")
        self.assertEqual(url["InvokeMode"], "RESPONSE_STREAM")
        self.assertEqual(url["TargetFunctionArn"], {"Ref": "Alias"})

    def test_a_signed_url_has_no_public_permission(self):
        self.assertEqual(stack().of_type("AWS::Lambda::Permission"), [])

    def test_a_url_that_is_not_served_is_not_public(self):
        for edge in ["http-api", "rest-api", "rest-api-stream", "alb", "agentcore", "direct"]:
            for ways in [ANONYMOUS, BUNDLE_TOKENS]:
                self.assertEqual(stack(**ways, Edges=edge).of_type("AWS::Lambda::Permission"), [], edge)
            both = stack(**BUNDLE_TOKENS, Edges=f"{edge},function-url")
            self.assertEqual(len(both.of_type("AWS::Lambda::Permission")), 2, edge)

    def test_a_public_url_has_exactly_the_two_permissions_that_it_needs(self):
        function = {"Ref": "Alias"}
        for ways in [ANONYMOUS, BUNDLE_TOKENS, ENVIRONMENT_TOKENS, SECRET_TOKENS]:
            self.assertCountEqual(
                stack(**ways).of_type("AWS::Lambda::Permission"),
                [
                    {
                        "FunctionName": function,
                        "Principal": "*",
                        "Action": "lambda:InvokeFunctionUrl",
                        "FunctionUrlAuthType": "NONE",
                    },
                    {
                        "FunctionName": function,
                        "Principal": "*",
                        "Action": "lambda:InvokeFunction",
                        "InvokedViaFunctionUrl": True,
                    },
                ],
            )

    def test_the_function_serves_its_url_unless_other_front_ends_are_named(self):
        for ways in EVERY_WAY_IN:
            self.assertEqual(environment(stack(**ways))["TOOLCELL_EDGES"], "function-url")
            self.assertNotIn("TOOLCELL_INVOKER", environment(stack(**ways)))
        variables = environment(stack(Edges="function-url,agentcore", Invoker=ROLE))
        self.assertEqual(variables["TOOLCELL_EDGES"], "function-url,agentcore")
        self.assertEqual(variables["TOOLCELL_INVOKER"], ROLE)
        for wrong in [{"Edges": ""}, {"Edges": "function-url,lattice"}, {"Edges": "http-api,"}, {"Invoker": "*"}]:
            self.assertRaises(Refused, stack, **wrong)

    def test_the_function_lets_in_anonymous_callers_only_where_it_is_said(self):
        for ways in EVERY_WAY_IN:
            expected = "true" if ways is ANONYMOUS else "false"
            self.assertEqual(environment(stack(**ways))["TOOLCELL_ALLOW_ANONYMOUS"], expected)

    def test_the_function_believes_events_about_their_sender_only_behind_iam(self):
        for ways in EVERY_WAY_IN:
            expected = ways.get("AuthType", "AWS_IAM")
            self.assertEqual(environment(stack(**ways))["TOOLCELL_AUTH_TYPE"], expected)

    def test_principals_reach_the_function_only_where_they_come_from_the_environment(self):
        self.assertEqual(environment(stack(**ENVIRONMENT_TOKENS))["TOOLCELL_PRINCIPALS"], PRINCIPALS)
        for ways in [{}, ANONYMOUS, BUNDLE_TOKENS, SECRET_TOKENS]:
            self.assertNotIn("TOOLCELL_PRINCIPALS", environment(stack(**ways)))


class Rules(unittest.TestCase):
    def refuses(self, words: str, **parameters: str) -> None:
        with self.assertRaises(Refused) as refused:
            stack(**parameters)
        self.assertTrue(any(words in text for text in refused.exception.sentences), refused.exception)

    def test_a_public_url_without_tokens_and_without_consent_is_refused(self):
        self.refuses("AuthType=NONE makes the URL public", **PUBLIC)

    def test_consent_to_anonymous_callers_of_a_signed_url_is_refused(self):
        self.refuses("AllowAnonymous=true has no effect", AllowAnonymous="true")

    def test_anonymous_callers_beside_tokens_are_refused(self):
        self.refuses("contradict each other", **BUNDLE_TOKENS, AllowAnonymous="true")

    def test_tokens_for_a_signed_url_are_refused(self):
        self.refuses("BearerTokens needs AuthType=NONE", BearerTokens="bundle")

    def test_access_tokens_need_a_public_url_and_exclude_anonymous_callers(self):
        stack(**PUBLIC, AccessTokens="bundle")
        stack(**BUNDLE_TOKENS, AccessTokens="bundle")
        self.refuses("AccessTokens needs AuthType=NONE", AccessTokens="bundle")
        self.refuses("sign in nowhere", **ANONYMOUS, AccessTokens="bundle")

    def test_tokens_from_an_environment_that_holds_none_are_refused(self):
        self.refuses("needs Principals", **PUBLIC, BearerTokens="environment")

    def test_principals_that_the_function_does_not_read_are_refused(self):
        self.refuses("Principals has an effect only", **BUNDLE_TOKENS, Principals=PRINCIPALS)

    def test_tokens_from_a_secret_need_its_arn_and_the_extension(self):
        for missing in ["PrincipalsSecretArn", "SecretsExtensionLayerArn"]:
            self.refuses(f"needs {missing}", **{**SECRET_TOKENS, missing: ""})

    def test_a_secret_that_the_function_does_not_read_is_refused(self):
        for key, value in [("PrincipalsSecretArn", SECRET), ("SecretsExtensionLayerArn", EXTENSION)]:
            self.refuses(f"{key} has an effect only with BearerTokens=secret", **BUNDLE_TOKENS, **{key: value})

    def test_secrets_of_plugins_need_the_extension_and_it_needs_them(self):
        for parameters in [{"PluginSecretArns": SECRET}, {"PluginParameterArns": PARAMETER}]:
            self.refuses("need SecretsExtensionLayerArn", **parameters)
            stack(**parameters, SecretsExtensionLayerArn=EXTENSION)

    def test_a_state_key_that_is_fetched_needs_the_extension(self):
        self.refuses("StateKey=secret needs SecretsExtensionLayerArn", StateKey="secret")

    def test_a_state_key_that_is_fetched_is_no_reason_to_name_the_secret_of_principals(self):
        self.refuses("PrincipalsSecretArn has an effect only", **FETCHED_STATE_KEY, PrincipalsSecretArn=SECRET)

    def test_ready_environments_need_a_release_and_tokens_that_can_be_revoked(self):
        self.refuses("needs Release", ProvisionedConcurrency="2")
        self.refuses("a revoked token would stay valid", **ENVIRONMENT_TOKENS, **READY)

    def test_of_all_combinations_exactly_the_sensible_ones_are_accepted(self):
        accepted = []
        choices = {
            "AuthType": ["AWS_IAM", "NONE"],
            "BearerTokens": ["none", "bundle", "environment", "secret"],
            "AllowAnonymous": ["false", "true"],
            "Principals": ["", PRINCIPALS],
            "PrincipalsSecretArn": ["", SECRET],
            "SecretsExtensionLayerArn": ["", EXTENSION],
            "StateKey": ["environment", "secret", "none"],
        }
        for values in product(*choices.values()):
            given = dict(zip(choices, values, strict=True))
            try:
                stack(**given)
            except Refused:
                continue
            accepted.append(given)
        nothing = {name: values[0] for name, values in choices.items()}
        keys = [{}, {"StateKey": "none"}, FETCHED_STATE_KEY]
        self.assertCountEqual(accepted, [{**nothing, **ways, **key} for ways in EVERY_WAY_IN for key in keys])

    def test_every_way_in_can_have_ready_environments_but_tokens_of_the_environment(self):
        for ways in [{}, ANONYMOUS, BUNDLE_TOKENS, SECRET_TOKENS]:
            stack(**ways, **READY)

    def test_releases_beside_a_bundle_in_a_layer_are_refused(self):
        self.refuses("contradict each other", **RELEASES, BundleLayerArn=BUNDLE)

    def test_settings_of_releases_that_the_function_does_not_read_are_refused(self):
        for name, value in {"ReleaseKeys": KEY, "LowestSerial": "7"}.items():
            self.refuses(f"{name} has an effect only with PluginBucket", **{name: value})
            stack(**RELEASES, **{name: value})

    def test_values_of_another_form_are_refused(self):
        for name, value in {
            "AuthType": "none",
            "AllowAnonymous": "yes",
            "StateKey": "generate",
            "Architecture": "aarch64",
            "PrincipalsSecretArn": "toolcell",
            "SecretsExtensionLayerArn": BUNDLE,
            "BundleLayerArn": "bundle",
            "PluginBucket": "Plugins",
            "PluginPrefix": "team/*",
            "ReleaseKeys": "ed25519",
            "LowestSerial": "0",
            "MemorySize": "64",
            "Timeout": "901",
            "ReservedConcurrency": "-1",
            "ProvisionedConcurrency": "0",
            "Release": "a release",
            "LogRetentionDays": "8",
        }.items():
            self.refuses(f"{name}: {value!r} is not allowed", **{name: value})


class WhatTheFunctionMayDo(unittest.TestCase):
    LOG = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": {
            "Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:"
            "log-group:${LogGroup}:log-stream:*"
        },
    }

    def test_it_may_write_its_own_log_and_nothing_else(self):
        for ways in [{}, ANONYMOUS, BUNDLE_TOKENS, ENVIRONMENT_TOKENS, {**READY, "BundleLayerArn": BUNDLE}]:
            self.assertEqual(statements(stack(**ways)), [self.LOG])

    def test_it_may_read_the_one_secret_where_there_is_one(self):
        read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": SECRET}
        self.assertEqual(statements(stack(**SECRET_TOKENS)), [self.LOG, read])

    def test_it_may_read_the_state_key_only_where_it_fetches_it(self):
        read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": {"Ref": "StateKeySecret"}}
        self.assertEqual(statements(stack(**FETCHED_STATE_KEY)), [self.LOG, read])
        principals = {**read, "Resource": SECRET}
        self.assertEqual(statements(stack(**SECRET_TOKENS, StateKey="secret")), [self.LOG, principals, read])
        self.assertEqual(statements(stack(StateKey="none")), [self.LOG])

    def test_it_may_read_the_secrets_of_plugins_that_are_named(self):
        plugins = {"PluginSecretArns": f"{SECRET},{SECRET}2", "SecretsExtensionLayerArn": EXTENSION}
        self.assertEqual(
            statements(stack(**plugins, PluginParameterArns=PARAMETER)),
            [
                self.LOG,
                {
                    "Effect": "Allow",
                    "Action": "secretsmanager:GetSecretValue",
                    "Resource": {"Fn::Split": [",", f"{SECRET},{SECRET}2"]},
                },
                {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": {"Fn::Split": [",", PARAMETER]}},
            ],
        )

    def test_it_may_assume_the_roles_that_are_named_and_no_others(self):
        roles = f"{ROLE},{ROLE}2"
        assume = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": {"Fn::Split": [",", roles]}}
        self.assertEqual(statements(stack(SignRoleArns=roles)), [self.LOG, assume])
        self.assertEqual(stack().outputs["RoleArn"]["Value"], {"Fn::GetAtt": ["Role", "Arn"]})
        for wrong in ["*", "arn:aws:iam::111122223333:role/*", "arn:aws:iam::111122223333:user/ann", f"{ROLE},", "x"]:
            with self.assertRaisesRegex(Refused, "SignRoleArns: .* is not allowed"):
                stack(SignRoleArns=wrong)

    def test_nobody_but_lambda_assumes_its_role(self):
        trust = stack(SignRoleArns=ROLE).only("AWS::IAM::Role")["AssumeRolePolicyDocument"]["Statement"]
        lambda_alone = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        self.assertEqual(trust, [lambda_alone])

    def test_it_may_read_the_releases_and_nothing_else_of_their_bucket(self):
        resource = "arn:${AWS::Partition}:s3:::${PluginBucket}/${PluginPrefix}/*"
        read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": {"Fn::Sub": resource}}
        self.assertEqual(statements(stack(**RELEASES)), [self.LOG, read])
        self.assertEqual(statements(stack(PluginPrefix="team/tools")), [self.LOG])

    def test_it_may_keep_state_in_its_own_table_and_nothing_else_there(self):
        rendered = stack(PluginState="table")
        (keep,) = [statement for statement in statements(rendered) if statement != self.LOG]
        operations = ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"]
        self.assertEqual(keep["Action"], [f"dynamodb:{operation}" for operation in operations])
        self.assertEqual(keep["Resource"], {"Fn::GetAtt": ["StateTable", "Arn"]})
        keys = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["kv/*", "size/kv/*", "policy/*"]}}
        self.assertEqual(keep["Condition"], keys)
        self.assertEqual(environment(rendered)["TOOLCELL_STATE_TABLE"], {"Ref": "StateTable"})
        self.assertEqual(statements(stack(PluginState="none")), [self.LOG])

    def test_the_table_is_paid_by_request_forgets_what_has_expired_and_outlives_the_stack(self):
        rendered = stack(PluginState="table")
        table = rendered.only("AWS::DynamoDB::Table")
        self.assertEqual(table["BillingMode"], "PAY_PER_REQUEST")
        self.assertEqual(table["TimeToLiveSpecification"], {"AttributeName": "e", "Enabled": True})
        self.assertEqual([key["AttributeName"] for key in table["KeySchema"]], ["pk", "sk"])
        resource = rendered.resources["StateTable"]
        self.assertEqual((resource["DeletionPolicy"], resource["UpdateReplacePolicy"]), ("Retain", "Retain"))
        without = stack()
        self.assertEqual(without.of_type("AWS::DynamoDB::Table"), [])
        self.assertNotIn("TOOLCELL_STATE_TABLE", environment(without))

    def test_it_may_write_traces_only_where_tracing_is_on(self):
        trace = {
            "Effect": "Allow",
            "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
            "Resource": "*",
        }
        self.assertEqual(statements(stack(Tracing="Active")), [self.LOG, trace])

    def test_there_is_one_role_without_policies_of_others_and_only_lambda_takes_it(self):
        role = stack().only("AWS::IAM::Role")
        self.assertNotIn("ManagedPolicyArns", role)
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        self.assertEqual(trust["Principal"], {"Service": "lambda.amazonaws.com"})
        self.assertEqual(stack().only("AWS::Lambda::Function")["Role"], {"Fn::GetAtt": ["Role", "Arn"]})


class WhatTheFunctionSealsWith(unittest.TestCase):
    RESOLVED = {"Fn::Sub": "{{resolve:secretsmanager:${StateKeySecret}}}"}

    def test_a_stack_makes_itself_a_key_of_64_letters_and_digits(self):
        for key in [{}, FETCHED_STATE_KEY]:
            secret = stack(**key).only("AWS::SecretsManager::Secret")
            generated = {"PasswordLength": 64, "ExcludePunctuation": True}
            self.assertEqual(secret["GenerateSecretString"], generated)

    def test_the_function_is_given_the_key_or_told_where_it_is_and_never_both(self):
        given = environment(stack())
        self.assertEqual(given["TOOLCELL_STATE_KEYS"], self.RESOLVED)
        self.assertNotIn("TOOLCELL_STATE_KEYS_SECRET", given)
        told = environment(stack(**FETCHED_STATE_KEY))
        self.assertEqual(told["TOOLCELL_STATE_KEYS_SECRET"], {"Ref": "StateKeySecret"})
        self.assertNotIn("TOOLCELL_STATE_KEYS", told)

    def test_a_key_that_is_fetched_comes_with_the_extension_and_one_that_is_given_without(self):
        self.assertEqual(stack(**FETCHED_STATE_KEY).only("AWS::Lambda::Function")["Layers"], [EXTENSION])
        self.assertEqual(stack().only("AWS::Lambda::Function")["Layers"], [])

    def test_a_stack_that_wants_no_key_has_none(self):
        without = stack(StateKey="none")
        self.assertEqual(without.of_type("AWS::SecretsManager::Secret"), [])
        self.assertFalse([name for name in environment(without) if "STATE_KEYS" in name])
        self.assertNotIn("StateKeySecretArn", without.outputs)

    def test_the_outputs_name_the_secret_so_that_its_key_can_be_replaced(self):
        self.assertEqual(stack().outputs["StateKeySecretArn"]["Value"], {"Ref": "StateKeySecret"})


class WhatTheFunctionIs(unittest.TestCase):
    def test_it_is_a_custom_runtime_of_amazon_linux_2023(self):
        function = stack(Architecture="arm64").only("AWS::Lambda::Function")
        self.assertEqual(function["Runtime"], "provided.al2023")
        self.assertEqual(function["Handler"], "bootstrap")
        self.assertEqual(function["Architectures"], ["arm64"])

    def test_the_bundle_is_in_the_package_or_in_a_layer(self):
        self.assertNotIn("TOOLCELL_BUNDLE", environment(stack()))
        self.assertEqual(stack().only("AWS::Lambda::Function")["Layers"], [])
        rendered = stack(BundleLayerArn=BUNDLE)
        self.assertEqual(environment(rendered)["TOOLCELL_BUNDLE"], "/opt/bundle")
        self.assertEqual(rendered.only("AWS::Lambda::Function")["Layers"], [BUNDLE])
        both = stack(BundleLayerArn=BUNDLE, **SECRET_TOKENS)
        self.assertEqual(both.only("AWS::Lambda::Function")["Layers"], [BUNDLE, EXTENSION])

    def test_releases_are_read_from_the_bucket_with_the_keys_that_are_given(self):
        given = environment(stack(**RELEASES, ReleaseKeys=KEY, LowestSerial="7"))
        self.assertEqual(given["TOOLCELL_BUNDLE"], {"Fn::Sub": "s3://${PluginBucket}/${PluginPrefix}"})
        self.assertEqual((given["TOOLCELL_RELEASE_KEYS"], given["TOOLCELL_LOWEST_SERIAL"]), (KEY, "7"))
        for rendered in [environment(stack()), environment(stack(**RELEASES))]:
            self.assertNotIn("TOOLCELL_RELEASE_KEYS", rendered)
            self.assertNotIn("TOOLCELL_LOWEST_SERIAL", rendered)

    def test_reserved_concurrency_is_set_only_where_it_is_given(self):
        self.assertNotIn("ReservedConcurrentExecutions", stack().only("AWS::Lambda::Function"))
        limited = stack(ReservedConcurrency="0").only("AWS::Lambda::Function")
        self.assertEqual(limited["ReservedConcurrentExecutions"], "0")

    def test_the_url_serves_what_was_deployed_last_unless_environments_are_kept_ready(self):
        self.assertEqual(stack().of_type("AWS::Lambda::Version"), [])
        alias = stack().only("AWS::Lambda::Alias")
        self.assertEqual(alias["FunctionVersion"], "$LATEST")
        self.assertNotIn("ProvisionedConcurrencyConfig", alias)

    def test_ready_environments_serve_the_version_of_a_release(self):
        ready = stack(**READY)
        alias = ready.only("AWS::Lambda::Alias")
        self.assertEqual(alias["FunctionVersion"], {"Fn::GetAtt": ["Version", "Version"]})
        self.assertEqual(alias["ProvisionedConcurrencyConfig"], {"ProvisionedConcurrentExecutions": "2"})
        self.assertEqual(ready.only("AWS::Lambda::Version")["Description"], READY["Release"])
        # CloudFormation fails to publish a version of a function that did not change.
        self.assertIn("${Release}", ready.only("AWS::Lambda::Function")["Description"]["Fn::Sub"])


class WhatIsSeen(unittest.TestCase):
    def test_log_lines_are_json_in_a_log_group_of_its_own_that_forgets(self):
        rendered = stack(LogLevel="WARN", LogRetentionDays="7")
        self.assertEqual(rendered.only("AWS::Logs::LogGroup")["RetentionInDays"], "7")
        logging = rendered.only("AWS::Lambda::Function")["LoggingConfig"]
        self.assertEqual(logging["LogGroup"], {"Ref": "LogGroup"})
        self.assertEqual(logging["LogFormat"], "JSON")
        self.assertEqual(logging["ApplicationLogLevel"], "WARN")

    def test_metrics_can_be_switched_off(self):
        self.assertEqual(environment(stack())["TOOLCELL_METRICS"], "on")
        self.assertEqual(environment(stack(Metrics="off"))["TOOLCELL_METRICS"], "off")

    def test_traces_are_passed_through_unless_said_otherwise(self):
        for mode in ["PassThrough", "Active"]:
            function = stack(Tracing=mode).only("AWS::Lambda::Function")
            self.assertEqual(function["TracingConfig"], {"Mode": mode})
        self.assertEqual(stack().only("AWS::Lambda::Function")["TracingConfig"], {"Mode": "PassThrough"})

    def test_outputs_say_where_mcp_is_and_how_a_client_of_this_kind_connects(self):
        for ways, kind in [
            ({}, "Signed"),
            (ANONYMOUS, "Plain"),
            (BUNDLE_TOKENS, "Bearer"),
            (ENVIRONMENT_TOKENS, "Bearer"),
            (SECRET_TOKENS, "Bearer"),
        ]:
            outputs = stack(**ways).outputs
            self.assertEqual(outputs["Endpoint"]["Value"], {"Fn::Sub": "${Url.FunctionUrl}mcp"})
            configurations = [name for name in outputs if name.startswith("ClientConfiguration")]
            self.assertEqual(configurations, [f"ClientConfiguration{kind}"])

    def test_a_client_configuration_is_json_with_the_endpoint_in_it(self):
        endpoint = "https://abc.lambda-url.eu-central-1.on.aws/mcp"
        for ways in [{}, ANONYMOUS, BUNDLE_TOKENS]:
            outputs = stack(**ways).outputs
            (output,) = [value for name, value in outputs.items() if name.startswith("ClientConfiguration")]
            text = output["Value"]["Fn::Sub"].replace("${Url.FunctionUrl}mcp", endpoint)
            server = json.loads(text)["mcpServers"]["toolcell"]
            self.assertIn(endpoint, [server.get("url"), *server.get("args", [])])
        bearer = json.loads(stack(**BUNDLE_TOKENS).outputs["ClientConfigurationBearer"]["Value"]["Fn::Sub"])
        headers = bearer["mcpServers"]["toolcell"]["headers"]
        self.assertEqual(headers, {"Authorization": "Bearer YOUR_TOKEN"})


class ThisCheck(unittest.TestCase):
    """Shows that the checks can fail: each test breaks one thing in the template."""

    def changed(self, old: str, new: str) -> str:
        text = TEMPLATE.read_text()
        self.assertIn(old, text)
        return text.replace(old, new)

    def test_a_permission_without_its_condition_would_be_seen(self):
        text = self.changed("    Condition: HasPublicUrl\n", "")
        self.assertEqual(len(stack(text).of_type("AWS::Lambda::Permission")), 2)

    def test_a_rule_that_asserts_something_else_would_be_seen(self):
        text = self.changed('- !Equals [!Ref AllowAnonymous, "true"]', '- !Equals [!Ref AllowAnonymous, "false"]')
        stack(text, **PUBLIC)
        with self.assertRaises(Refused):
            stack(text, **ANONYMOUS)

    def test_sam_writes_no_permissions_for_an_auth_type_that_is_a_parameter(self):
        text = self.changed("      CodeUri: .\n", "      CodeUri: .\n      FunctionUrlConfig: {AuthType: !Ref AuthType}\n")
        self.assertEqual(len(stack(text, **ANONYMOUS).of_type("AWS::Lambda::Permission")), 2)
        text = text.replace("{AuthType: !Ref AuthType}", "{AuthType: NONE}")
        self.assertEqual(len(stack(text, **ANONYMOUS).of_type("AWS::Lambda::Permission")), 4)


if __name__ == "__main__":
    unittest.main()
