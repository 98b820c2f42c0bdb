//! Who may see what. Inside DevRel people have names; outside they have pseudonyms; sales sees counts and topics only.
//!
//! A role is what somebody works as, not a password: whoever can open the data folder can open it with another program.
//! It keeps names out of sight where they are not needed, and the faces that are reached from elsewhere set it themselves.

use std::fmt;

/// What somebody works as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Does DevRel: the default at the desk.
    #[default]
    Practitioner,
    /// Leads DevRel.
    Head,
    /// Works in Product.
    Product,
    /// Works in Marketing.
    Marketing,
    /// Works in Engineering.
    Engineering,
    /// Decides on admissions.
    Steward,
    /// Looks on.
    Viewer,
    /// Sells.
    Sales,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 8] = [
        Role::Practitioner,
        Role::Head,
        Role::Product,
        Role::Marketing,
        Role::Engineering,
        Role::Steward,
        Role::Viewer,
        Role::Sales,
    ];

    /// The word as written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Practitioner => "practitioner",
            Role::Head => "head",
            Role::Product => "product",
            Role::Marketing => "marketing",
            Role::Engineering => "engineering",
            Role::Steward => "steward",
            Role::Viewer => "viewer",
            Role::Sales => "sales",
        }
    }
    /// Reads the word back.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == word)
    }
    /// Sees names, and does the work.
    #[must_use]
    pub const fn is_devrel(self) -> bool {
        matches!(self, Role::Practitioner | Role::Head)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The least that somebody has to be for a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Least {
    /// Anybody: it shows nothing of the folder.
    Anybody,
    /// Sales, too, in counts and topics.
    Counts,
    /// Everybody in the company but sales; outside DevRel under pseudonyms.
    Reader,
    /// Whoever decides on admissions, and DevRel: applications name people who wrote to them alone.
    Admissions,
    /// DevRel.
    Devrel,
}

/// How an answer looks to a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// As it is.
    Whole,
    /// With pseudonyms.
    Veiled,
    /// Counts and topics.
    Counted,
}

/// Whether a role may have a thing, and how it looks then; else why not.
///
/// # Errors
/// The reason, in words.
pub fn allows(role: Role, least: Least) -> Result<Sight, &'static str> {
    match (role, least) {
        (role, _) if role.is_devrel() => Ok(Sight::Whole),
        (Role::Steward, Least::Admissions) => Ok(Sight::Whole),
        (_, Least::Admissions) => {
            Err("applications are read by those who decide on them: the role steward, and DevRel")
        }
        (Role::Sales, Least::Counts) => Ok(Sight::Counted),
        (Role::Sales, Least::Reader) => Err(
            "sales sees counts and topics, never people, quotes or threads: what people say to DevRel is no list of leads",
        ),
        (_, Least::Devrel) => Err("this is DevRel's own: it changes the folder or shows people as they are"),
        (_, Least::Anybody | Least::Counts | Least::Reader) => Ok(Sight::Veiled),
    }
}

/// A role that sees exactly what this one sees, the same for all that see alike: what was looked up for one of them is good
/// for the others.
#[must_use]
pub fn sees_as(role: Role) -> Role {
    match role {
        _ if role.is_devrel() => Role::Practitioner,
        Role::Steward | Role::Sales => role,
        _ => Role::Viewer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sees_as_another_sees_the_same() {
        for role in Role::ALL {
            for least in [Least::Anybody, Least::Counts, Least::Reader, Least::Devrel, Least::Admissions] {
                assert_eq!(allows(role, least), allows(sees_as(role), least), "{role}");
            }
        }
    }

    #[test]
    fn outside_devrel_nobody_sees_names_and_sales_sees_no_threads() {
        for role in Role::ALL {
            assert_eq!(Role::from_word(role.as_str()), Some(role));
            let whole = allows(role, Least::Reader) == Ok(Sight::Whole);
            assert_eq!(whole, role.is_devrel(), "{role}");
            assert_eq!(allows(role, Least::Devrel).is_ok(), role.is_devrel(), "{role}");
        }
        assert!(allows(Role::Sales, Least::Reader).is_err());
        assert_eq!(allows(Role::Sales, Least::Counts), Ok(Sight::Counted));
        assert_eq!(allows(Role::Product, Least::Reader), Ok(Sight::Veiled));
        for role in Role::ALL {
            let decides = role.is_devrel() || role == Role::Steward;
            assert_eq!(allows(role, Least::Admissions).is_ok(), decides, "{role}");
        }
    }
}
