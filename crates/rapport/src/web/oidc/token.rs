//! An ID token: whether the provider signed it, and for us, now and for this very login. The curves and RSA are those of
//! `ring`, which TLS brings anyway; what is read here is the little that the code flow needs. Only signatures with public
//! keys count: neither `none` nor a shared secret.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use ring::signature::{
    self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::Value;

/// Clocks may differ by so many seconds.
const LEEWAY: f64 = 60.0;
/// Longer ones are no ID tokens.
const LONGEST: usize = 64 << 10;

/// What a token has to say.
pub(super) struct Wanted<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    /// Seconds since 1970.
    pub(super) now: f64,
}

/// Why a token does not count.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// None of the known keys signed it: there may be newer ones.
    Key,
    /// What is wrong with it.
    Token(&'static str),
}

use Wrong::Token;

fn part(text: &str) -> Result<Value, Wrong> {
    let bytes = BASE64.decode(text).map_err(|_| Token("it is no token"))?;
    serde_json::from_slice(&bytes).map_err(|_| Token("it is no token"))
}

/// The claims of a token that the provider signed for us, now and for this login.
///
/// # Errors
/// The first thing that is wrong with it.
pub(super) fn claims(token: &str, keys: &[Value], wanted: &Wanted<'_>) -> Result<Value, Wrong> {
    if token.len() > LONGEST {
        return Err(Token("it is too long"));
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(Token("it is no token"))?;
    let (head, body) = signed.split_once('.').ok_or(Token("it is no token"))?;
    let head = part(head)?;
    if head.get("crit").is_some() {
        return Err(Token("it demands something unknown"));
    }
    let way = head["alg"].as_str().unwrap_or_default();
    let signature = BASE64.decode(signature).map_err(|_| Token("it is no token"))?;
    by_one_of(keys, way, head["kid"].as_str(), signed.as_bytes(), &signature)?;
    let claims = part(body)?;
    said(&claims, wanted)?;
    Ok(claims)
}

fn by_one_of(keys: &[Value], way: &str, name: Option<&str>, signed: &[u8], sign: &[u8]) -> Result<(), Wrong> {
    let kind = match way {
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => "RSA",
        "ES256" | "ES384" => "EC",
        "EdDSA" => "OKP",
        _ => return Err(Token("it is signed in a way that does not count")),
    };
    let fits = |key: &&Value| {
        key["kty"] == kind
            && key["use"].as_str().is_none_or(|to| to == "sig")
            && key["alg"].as_str().is_none_or(|alg| alg == way)
            && name.is_none_or(|name| key["kid"] == name)
    };
    let right = keys.iter().filter(fits).any(|key| holds(key, way, signed, sign));
    if right { Ok(()) } else { Err(Wrong::Key) }
}

fn holds(key: &Value, way: &str, signed: &[u8], sign: &[u8]) -> bool {
    let bytes = |field: &str| key[field].as_str().and_then(|text| BASE64.decode(text).ok());
    let rsa = |how: &'static RsaParameters| {
        let (Some(n), Some(e)) = (bytes("n"), bytes("e")) else { return false };
        // A leading zero byte is no part of the number, and some providers send one.
        let n = n.strip_prefix(&[0]).unwrap_or(&n);
        RsaPublicKeyComponents { n, e: e.as_slice() }.verify(how, signed, sign).is_ok()
    };
    let plain = |how: &'static dyn VerificationAlgorithm, curve: &str, point: Option<Vec<u8>>| {
        let point = point.filter(|_| key["crv"] == curve);
        point.is_some_and(|point| UnparsedPublicKey::new(how, point).verify(signed, sign).is_ok())
    };
    let point = || Some([vec![4], bytes("x")?, bytes("y")?].concat());
    match way {
        "RS256" => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        "RS384" => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
        "RS512" => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
        "PS256" => rsa(&signature::RSA_PSS_2048_8192_SHA256),
        "PS384" => rsa(&signature::RSA_PSS_2048_8192_SHA384),
        "PS512" => rsa(&signature::RSA_PSS_2048_8192_SHA512),
        "ES256" => plain(&signature::ECDSA_P256_SHA256_FIXED, "P-256", point()),
        "ES384" => plain(&signature::ECDSA_P384_SHA384_FIXED, "P-384", point()),
        "EdDSA" => plain(&signature::ED25519, "Ed25519", bytes("x")),
        _ => false,
    }
}

fn said(claims: &Value, wanted: &Wanted<'_>) -> Result<(), Wrong> {
    if claims["iss"] != wanted.issuer {
        return Err(Token("another provider made it"));
    }
    let others = match &claims["aud"] {
        Value::String(one) if one == wanted.client => false,
        Value::Array(all) if all.iter().any(|one| one == wanted.client) => all.len() > 1,
        _ => return Err(Token("it was made for somebody else")),
    };
    match &claims["azp"] {
        Value::Null if !others => {}
        party if party == wanted.client => {}
        _ => return Err(Token("it was made for somebody else")),
    }
    let at = |claim: &str| claims[claim].as_f64();
    if at("exp").ok_or(Token("it does not say until when it counts"))? <= wanted.now - LEEWAY {
        return Err(Token("it has expired"));
    }
    let made = at("iat").ok_or(Token("it does not say when it was made"))?;
    let begins = if claims["nbf"].is_null() { made } else { at("nbf").ok_or(Token("it is no token"))? };
    if made.max(begins) > wanted.now + LEEWAY {
        return Err(Token("it is from the future: look at both clocks"));
    }
    let nonce = claims["nonce"].as_str().unwrap_or_default();
    if !super::super::guard::same(nonce.as_bytes(), wanted.nonce.as_bytes()) {
        return Err(Token("it belongs to another login"));
    }
    match claims["sub"].as_str() {
        Some(sub) if (1..=255).contains(&sub.len()) => Ok(()),
        _ => Err(Token("it says of nobody who it is")),
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair};
    use serde_json::json;

    use super::*;

    fn pair(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
    }

    fn key(seed: u8) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": "k", "x": BASE64.encode(pair(seed).public_key()) })
    }

    fn token(head: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", BASE64.encode(head.to_string()), BASE64.encode(claims.to_string()));
        format!("{signed}.{}", BASE64.encode(pair(7).sign(signed.as_bytes())))
    }

    fn good() -> Value {
        json!({ "iss": "https://id.example.org", "aud": "rapport", "sub": "u1", "nonce": "n", "iat": 900, "exp": 1200 })
    }

    fn read(token: &str, keys: &[Value]) -> Result<Value, Wrong> {
        let issuer = "https://id.example.org";
        claims(token, keys, &Wanted { issuer, client: "rapport", nonce: "n", now: 1000.0 })
    }

    #[test]
    fn a_token_counts_or_says_what_is_wrong_with_it() {
        let head = json!({ "alg": "EdDSA", "kid": "k" });
        let with = |claim: &str, value: Value| {
            let mut claims = good();
            claims[claim] = value;
            read(&token(&head, &claims), &[key(7)])
        };
        assert_eq!(read(&token(&head, &good()), &[key(7)]), Ok(good()));
        assert!(with("aud", json!(["rapport"])).is_ok());
        assert!(with("exp", json!(950)).is_ok(), "clocks differ");
        for (claim, value, wrong) in [
            ("iss", json!("https://id.example.org/"), "another provider"),
            ("aud", json!("other"), "somebody else"),
            ("aud", json!([]), "somebody else"),
            ("aud", json!(["rapport", "other"]), "somebody else"),
            ("azp", json!("other"), "somebody else"),
            ("exp", json!(940), "expired"),
            ("exp", json!("1200"), "until when"),
            ("iat", json!(null), "when it was made"),
            ("iat", json!(1100), "future"),
            ("nbf", json!(1100), "future"),
            ("nbf", json!("0"), "no token"),
            ("nonce", json!("m"), "another login"),
            ("nonce", json!(null), "another login"),
            ("sub", json!(""), "nobody"),
            ("sub", json!(7), "nobody"),
        ] {
            let Err(Token(why)) = with(claim, value.clone()) else { panic!("{claim} {value} counts") };
            assert!(why.contains(wrong), "{claim} {value}: {why}");
        }
    }

    #[test]
    fn only_the_provider_s_own_keys_sign() {
        let head = json!({ "alg": "EdDSA", "kid": "k" });
        let signed = token(&head, &good());
        assert_eq!(read(&signed, &[key(8)]), Err(Wrong::Key));
        assert_eq!(read(&signed, &[]), Err(Wrong::Key));
        let mut other = key(7);
        other["kid"] = json!("older");
        assert_eq!(read(&signed, &[other]), Err(Wrong::Key));
        let mut sealing = key(7);
        sealing["use"] = json!("enc");
        assert_eq!(read(&signed, &[sealing]), Err(Wrong::Key));
        for way in ["none", "None", "HS256", "", "RS1"] {
            let made = token(&json!({ "alg": way, "kid": "k" }), &good());
            assert_eq!(
                read(&made, &[key(7)]),
                Err(Token("it is signed in a way that does not count")),
                "{way}"
            );
            let bare = format!("{}.", made.rsplit_once('.').unwrap().0);
            assert!(read(&bare, &[key(7)]).is_err(), "{way} without a signature");
        }
        // A key of one kind is never used for another.
        assert_eq!(read(&token(&json!({ "alg": "ES256", "kid": "k" }), &good()), &[key(7)]), Err(Wrong::Key));
        assert!(read(&token(&json!({ "alg": "EdDSA", "crit": ["x"] }), &good()), &[key(7)]).is_err());
        for cut in 0..signed.len() {
            assert!(read(&signed[..cut], &[key(7)]).is_err(), "cut at {cut}");
        }
    }
}
