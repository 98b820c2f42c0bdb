//! Practice: how the team works. Working time, which answers are measured in, who is a practitioner, and the organisation.
//!
//! NEVER here: a verdict from a title alone, a silent rejection, a line to sales unflagged.

pub mod calendar;
pub mod definition;
pub mod focus;
pub mod lean;
pub mod org;
pub mod routing;
pub mod words;
