//! The tables, as numbered migrations. A landed migration is never edited; a change is a new one.

mod changes;
mod faces;
mod field;
mod first;
mod hooks;
mod kinds;
mod live;
mod named;
mod people;
mod placing;
mod privacy;
mod roster;
mod rounds;
mod search;
mod sketches;
mod topics;

/// Every migration in order; the database's `user_version` is how many have run.
pub(crate) const MIGRATIONS: &[&str] = &[
    first::SQL,
    search::SQL,
    topics::SQL,
    sketches::SQL,
    people::SQL,
    privacy::SQL,
    rounds::SQL,
    field::SQL,
    kinds::SQL,
    live::SQL,
    faces::SQL,
    roster::SQL,
    placing::SQL,
    hooks::SQL,
    named::SQL,
    changes::SQL,
];
