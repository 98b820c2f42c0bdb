"""A real OpenID Connect provider for the tests: oidc-provider-mock, which also keeps PKCE, and can be told to misbehave.

    python oidc.py     prints its port, runs until its input ends

POST /test/be?mode=MODE: as "good", or in one of the ways in which a provider (or somebody between) can be wrong.
"""

import base64
import hashlib
import json
import sys
import threading
from urllib.parse import parse_qs, urlparse

import flask
import oidc_provider_mock
import werkzeug.serving
from authlib import jose
from oidc_provider_mock import User, _app

PEOPLE = [
    User(sub="u-noor", claims={"preferred_username": "noor", "name": "Noor", "groups": ["everyone", "devrel-leads"]}),
    User(sub="u-noor2", claims={"preferred_username": "Noor", "groups": ["everyone"]}),
    User(sub="u-piet", claims={"preferred_username": "piet", "groups": "everyone"}),
    User(sub="u-odd", claims={"preferred_username": "<b>odd</b>\u202e\n", "groups": ["everyone"]}),
    User(sub="u-none", claims={"preferred_username": "nel", "groups": ["accounting"]}),
    User(sub="u-bare", claims={}),
]
mode = "good"
challenges = {}
ours = jose.RSAKey.generate_key(is_private=True)
foreign = jose.RSAKey.generate_key(is_private=True)

claims_of = _app.OpenIDCode.get_client_claims
nonce_of = _app.OpenIDCode.get_authorization_code_claims
config_of = _app.OpenIDCode.get_jwt_config


def client_claims(self, client):
    claims = claims_of(self, client)
    claims["aud"] = "another-desk" if mode == "audience" else client.get_client_id()
    if mode == "expired":
        claims["exp"] -= 7200
    if mode == "issuer":
        claims["iss"] = "http://127.0.0.1:1"
    return claims


def code_claims(self, code):
    return {**nonce_of(self, code), **({"nonce": "of-another-login"} if mode == "nonce" else {})}


def jwt_config(self, grant, client=None):
    key = foreign if mode in ("key", "rotated") else ours
    return {**config_of(self, grant, client), "key": key.as_dict(is_private=True)}


_app.OpenIDCode.get_client_claims = client_claims
_app.OpenIDCode.get_authorization_code_claims = code_claims
_app.OpenIDCode.get_jwt_config = jwt_config
app = oidc_provider_mock.app(require_client_registration=True, require_nonce=True, user_claims=PEOPLE)


@app.post("/test/be")
def be():
    global mode
    mode = flask.request.args["mode"]
    return "ok"


@app.post("/test/groups")
def groups():
    user = next(user for user in PEOPLE if user.sub == flask.request.args["sub"])
    user.claims["groups"] = flask.request.args.getlist("group")
    return "ok"


@app.before_request
def before():
    request = flask.request
    if request.path == "/jwks":
        shown = foreign if mode == "rotated" else ours
        return flask.jsonify({"keys": [shown.as_dict(is_private=False)]})
    if request.path.startswith("/.well-known/") and mode == "moved":
        return flask.redirect(f"http://localhost:{server.server_port}{request.path}")
    if request.path == "/oauth2/token" and request.method == "POST":
        challenge = challenges.pop(request.form.get("code"), "")
        digest = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge and mode != "lax":
            return flask.jsonify({"error": "invalid_grant", "error_description": "PKCE does not hold"}), 400


@app.after_request
def after(response):
    request = flask.request
    if request.path == "/oauth2/authorize" and response.location:
        code = parse_qs(urlparse(response.location).query).get("code", [""])[0]
        if request.args.get("code_challenge_method") == "S256":
            challenges[code] = request.args.get("code_challenge")
    if request.path.startswith("/.well-known/") and mode.startswith("elsewhere:"):
        about = json.loads(response.get_data())
        about[mode.split(":")[1]] = about[mode.split(":")[1]].replace("127.0.0.1", "localhost")
        response.set_data(json.dumps(about))
    return response


server = werkzeug.serving.make_server("127.0.0.1", 0, app, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
