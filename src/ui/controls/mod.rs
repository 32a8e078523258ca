//! Controls that know nothing of pictures: a choice of a few, a list to choose from, a number, a bar, a dialog, icons.

pub mod bar;
pub mod check;
pub mod choice;
pub mod file;
pub mod icon;
pub mod modal;
pub mod number;
pub mod select;
