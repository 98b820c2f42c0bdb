//! Practice: how the team works. Working time, which answers are measured in, who is a practitioner, and the loop from
//! evidence to the people who asked.
//!
//! NEVER here: a verdict from a title alone, a silent rejection, a line to sales unflagged; feedback that skips a state,
//! or that closes while askers are untold without saying so.

pub mod answers;
pub mod brief;
pub mod calendar;
pub mod definition;
pub mod evidence;
pub mod feedback;
pub mod friction;
pub mod handwritten;
pub mod link;
pub mod notes;
pub mod relations;
pub mod roles;
pub mod routing;
pub mod searches;
pub mod telling;
