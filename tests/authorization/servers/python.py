"""A resource server of the Python SDK: its bearer middleware, with the verifier of FastMCP, `JWTVerifier`.

KEY names a file with the one public key of the issuer; without it, the keys are fetched.
"""

import json
import os
from pathlib import Path

import uvicorn
from fastmcp.server.auth.providers.jwt import JWTVerifier
from mcp.server import MCPServer
from mcp.server.auth.settings import AuthSettings

issuer = json.loads(os.environ["ISSUERS"])[0]
resource = os.environ["RESOURCE"]
keys = {"public_key": Path(os.environ["KEY"]).read_text()} if "KEY" in os.environ else {"jwks_uri": issuer["jwks_uri"]}
algorithm = os.environ.get("ALGORITHM", "ES256")
verifier = JWTVerifier(**keys, issuer=issuer["url"], audience=resource, algorithm=algorithm)
server = MCPServer(
    "python",
    token_verifier=verifier,
    auth=AuthSettings(issuer_url=issuer["url"], resource_server_url=resource),
)
uvicorn.run(server.streamable_http_app(), host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error")
