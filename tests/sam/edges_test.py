"""Tests the templates of front ends in docs/edges: each lets one caller invoke the function, and sends what it reads."""

from __future__ import annotations

import unittest
from pathlib import Path
from typing import Any

from stack import TEMPLATE, parsed

FOLDER = Path(TEMPLATE).parent / "docs/edges"
TEMPLATES = {path.stem: parsed(path.read_text()) for path in sorted(FOLDER.glob("*.yaml"))}


def of_type(name: str, kind: str) -> list[dict[str, Any]]:
    """Returns the properties of a template's resources of a type."""
    resources = TEMPLATES[name]["Resources"].values()
    return [resource["Properties"] for resource in resources if resource["Type"] == kind]


class FrontEnds(unittest.TestCase):
    def test_there_is_a_template_for_each_front_end_but_the_url(self):
        self.assertEqual(list(TEMPLATES), ["agentcore", "alb", "direct", "http-api", "rest-api"])

    def test_each_lets_one_caller_invoke_the_function(self):
        for name in TEMPLATES:
            (permission,) = of_type(name, "AWS::Lambda::Permission")
            self.assertEqual(permission["Action"], "lambda:InvokeFunction")
            principal = permission["Principal"]
            if isinstance(principal, str):
                self.assertTrue(principal.endswith(".amazonaws.com"), name)
                self.assertIn("SourceArn", permission, f"{name}: any account's {principal} could invoke it")
            else:
                self.assertIn(principal["Ref"], ["GatewayRoleArn", "InvokerArn"])

    def test_apis_check_signatures_unless_said_otherwise(self):
        for name, kind in [("http-api", "AWS::ApiGatewayV2::Route"), ("rest-api", "AWS::ApiGateway::Method")]:
            self.assertEqual(TEMPLATES[name]["Parameters"]["AuthType"]["Default"], "AWS_IAM")
            (route,) = of_type(name, kind)
            self.assertEqual(route["AuthorizationType"], {"Ref": "AuthType"})

    def test_an_http_api_sends_the_format_that_is_read(self):
        (integration,) = of_type("http-api", "AWS::ApiGatewayV2::Integration")
        self.assertEqual(integration["PayloadFormatVersion"], "2.0")

    def test_a_load_balancer_loses_no_copy_of_a_header(self):
        (group,) = of_type("alb", "AWS::ElasticLoadBalancingV2::TargetGroup")
        self.assertIn({"Key": "lambda.multi_value_headers.enabled", "Value": "true"}, group["TargetGroupAttributes"])
        self.assertEqual(group["HealthCheckPath"], "/healthz")

    def test_a_load_balancer_passes_on_a_path_and_the_metadata_for_it(self):
        (rule,) = of_type("alb", "AWS::ElasticLoadBalancingV2::ListenerRule")
        host, path = rule["Conditions"]
        self.assertEqual(host["Field"], "host-header")
        condition, below, otherwise = path["Fn::If"]
        self.assertEqual((condition, otherwise), ("HasPath", {"Ref": "AWS::NoValue"}))
        patterns = [str(value) for value in below["PathPatternConfig"]["Values"]]
        self.assertEqual(len(patterns), 3)
        self.assertIn("${Path}/*", patterns[1])
        self.assertIn("/.well-known/oauth-protected-resource${Path}/mcp", patterns[2])


if __name__ == "__main__":
    unittest.main()
