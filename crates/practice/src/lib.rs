//! Practice: how the team works. Working time, which answers are measured in, and who is a practitioner, and
//! who helps whom.
//!
//! NEVER here: a verdict from a title alone, a silent rejection, a line to sales unflagged.

pub mod calendar;
pub mod definition;
pub mod recognition;
pub mod roles;
pub mod routing;
