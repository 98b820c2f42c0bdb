//! A crowd of any size: a person for every rank, made when asked for, the same in every channel.

use crate::random::Random;
use crate::world::World;

/// People by rank; the first ones write most.
pub(crate) struct Crowd {
    firsts: Vec<String>,
    lasts: Vec<String>,
    /// How many there are.
    pub(crate) size: u64,
}

/// Somebody who writes in a made thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Somebody {
    /// A number for this account, for places that number their accounts.
    pub(crate) number: u64,
    /// The login, forum name or chat name.
    pub(crate) handle: String,
    /// The full name.
    pub(crate) name: String,
    /// The address.
    pub(crate) email: String,
    /// A program.
    pub(crate) bot: bool,
    /// The company's own.
    pub(crate) staff: bool,
}

impl Crowd {
    /// A crowd with the first and last names of the invented world, mixed.
    pub(crate) fn new(world: &World, size: u64) -> Crowd {
        let names: Vec<(&str, &str)> = world
            .people
            .iter()
            .filter(|p| p.kind == "community" && p.name.is_ascii())
            .filter_map(|p| p.name.split_once(' '))
            .filter(|(_, last)| !last.contains(' '))
            .collect();
        Crowd {
            firsts: names.iter().map(|(first, _)| (*first).to_owned()).collect(),
            lasts: names.iter().map(|(_, last)| (*last).to_owned()).collect(),
            size: size.max(8),
        }
    }

    /// The person at a rank.
    pub(crate) fn person(&self, rank: u64) -> Somebody {
        let pick = |list: &[String], n: u64| {
            let index = usize::try_from(n % list.len().max(1) as u64).unwrap_or(0);
            list.get(index).cloned().unwrap_or_default()
        };
        let (first, last) =
            (pick(&self.firsts, rank), pick(&self.lasts, rank / self.firsts.len().max(1) as u64 + rank * 7));
        let handle = match rank % 3 {
            0 => format!("{first}{rank}"),
            1 => format!("{first}-{last}-{rank}"),
            _ => format!("{}{last}{rank}", &first[..1]),
        }
        .to_lowercase();
        let host = ["example.org", "example.net", "mail.example.com", "dev.example"];
        let email = format!(
            "{}.{}.{rank}@{}",
            first.to_lowercase(),
            last.to_lowercase(),
            host[usize::try_from(rank % 4).unwrap_or(0)]
        );
        let name = format!("{first} {last}");
        Somebody { number: 1_000 + rank, handle, name, email, bot: false, staff: false }
    }

    /// Somebody at random who is not yet in the conversation.
    pub(crate) fn anybody(&self, random: &mut Random, except: &[Somebody]) -> Somebody {
        for _ in 0..20 {
            let found = self.person(random.rank(self.size));
            if !except.contains(&found) {
                return found;
            }
        }
        self.person(self.size + random.below(1_000_000))
    }

    /// One of the company's own or a bot, as the world knows them.
    pub(crate) fn own(world: &World, id: &str) -> Option<Somebody> {
        let (n, person) = world.people.iter().enumerate().find(|(_, p)| p.id == id)?;
        (person.kind != "community").then(|| Somebody {
            number: n as u64 + 1,
            handle: person.handles.get("github").unwrap_or(&person.id).clone(),
            name: person.name.clone(),
            email: person.email.clone().unwrap_or_else(|| format!("{id}@bots.example.com")),
            bot: person.kind == "bot",
            staff: person.kind != "bot",
        })
    }
}
