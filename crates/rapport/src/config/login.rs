//! `[login]`: people log in to the served desk with the accounts that they have already (OpenID Connect). The client's
//! secret is no part of it: it comes from the environment or from `secrets.toml`.

use std::collections::BTreeMap;

use rapport_practice::roles::Role;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who says who somebody is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Login {
    /// The provider; empty: passwords alone.
    pub(crate) issuer: String,
    /// What the provider calls this desk.
    pub(crate) client_id: String,
    /// What is asked for beside `openid`.
    pub(crate) scopes: Vec<String>,
    /// Other hosts of the provider.
    pub(crate) origins: Vec<String>,
    /// The claim that names somebody here.
    pub(crate) name_claim: String,
    /// The claim that `roles` speaks of.
    pub(crate) role_claim: String,
    /// The role where none is listed; empty: no way in.
    pub(crate) otherwise: String,
    /// A role, and the values of the claim that give it.
    pub(crate) roles: BTreeMap<String, Vec<String>>,
}

impl Default for Login {
    fn default() -> Login {
        Login {
            issuer: String::new(),
            client_id: String::new(),
            scopes: Vec::new(),
            origins: Vec::new(),
            name_claim: "sub".to_owned(),
            role_claim: "groups".to_owned(),
            otherwise: String::new(),
            roles: BTreeMap::new(),
        }
    }
}

/// Whoever has several roles gets the first of these. `viewer` is last, for it is often given to everybody.
const ORDER: [Role; 8] = [
    Role::Head,
    Role::Practitioner,
    Role::Product,
    Role::Marketing,
    Role::Engineering,
    Role::Steward,
    Role::Sales,
    Role::Viewer,
];

impl Login {
    /// What cannot be meant.
    ///
    /// # Errors
    /// In words.
    pub(crate) fn check(&self) -> Result<(), String> {
        let named = self.roles.keys().chain(Some(&self.otherwise).filter(|word| !word.is_empty()));
        for word in named {
            if Role::from_word(word).is_none() {
                let all = Role::ALL.map(Role::as_str).join(", ");
                return Err(format!("[login]: there is no role '{word}'; there are {all}"));
            }
        }
        if !self.issuer.is_empty() && self.client_id.is_empty() {
            return Err("[login]: client-id is missing: what the provider calls this desk".to_owned());
        }
        Ok(())
    }

    /// The role that somebody's claims give; none: no way in.
    pub(crate) fn role(&self, claims: &Value) -> Option<Role> {
        let has = found(claims, &self.role_claim);
        let has: Vec<&str> = match has {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let given = |role: &Role| {
            let values = self.roles.get(role.as_str());
            values.is_some_and(|values| values.iter().any(|value| has.contains(&value.as_str())))
        };
        ORDER.into_iter().find(given).or_else(|| Role::from_word(&self.otherwise))
    }

    /// What somebody is called here.
    pub(crate) fn name(&self, claims: &Value) -> Option<String> {
        Some(found(claims, &self.name_claim)?.as_str()?.trim().to_owned()).filter(|name| !name.is_empty())
    }
}

/// A claim by its name, else by its path: `realm_access.roles`.
fn found<'a>(claims: &'a Value, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| name.split('.').try_fold(claims, |at, step| at.get(step)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_role_comes_of_what_is_listed_and_of_nothing_else() {
        let mut login: Login = toml::from_str(
            "role-claim = \"realm_access.roles\"\n[roles]\nviewer = [\"staff\"]\nhead = [\"leads\"]\nsales = [\"field\"]\n",
        )
        .unwrap();
        let of = |login: &Login, roles: Value| login.role(&json!({ "realm_access": { "roles": roles } }));
        assert_eq!(of(&login, json!(["staff", "leads"])), Some(Role::Head));
        assert_eq!(of(&login, json!(["staff", "field"])), Some(Role::Sales), "sales stays sales");
        assert_eq!(of(&login, json!("staff")), Some(Role::Viewer));
        for none in [json!(["Leads"]), json!("leads staff"), json!([]), json!({"leads": true}), json!(null)] {
            assert_eq!(of(&login, none.clone()), None, "{none}");
        }
        assert_eq!(login.role(&json!({})), None);
        login.otherwise = "viewer".to_owned();
        assert_eq!(login.role(&json!({})), Some(Role::Viewer));
        login.role_claim = "https://id.example.org/roles".to_owned();
        assert_eq!(login.role(&json!({ "https://id.example.org/roles": ["leads"] })), Some(Role::Head));
    }

    #[test]
    fn what_cannot_be_meant_is_said() {
        let read = |text: &str| toml::from_str::<Login>(text).unwrap().check();
        assert!(read("[roles]\nheads = [\"x\"]").unwrap_err().contains("'heads'"));
        assert!(read("otherwise = \"guest\"").unwrap_err().contains("'guest'"));
        assert!(read("issuer = \"https://id.example.org\"").unwrap_err().contains("client-id"));
        assert_eq!(read(""), Ok(()));
    }
}
