//! Practice: how the team works. So far: working time, which answers are measured in.
//!
//! NEVER here: a verdict from a title alone, a silent rejection, a line to sales unflagged.

pub mod calendar;
pub mod routing;
