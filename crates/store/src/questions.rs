//! One file per question: SQL reduces, the floors above judge. The text keeps to joins, groups and windows over
//! precomputed month and week columns, which other SQL engines share.

pub mod asks;
pub mod contributors;
pub mod deeds;
pub mod downloads;
pub mod free;
pub mod releases;
pub mod responders;
pub mod responses;
pub mod traffic;
pub mod wanted;
pub mod work;
pub mod writing;
