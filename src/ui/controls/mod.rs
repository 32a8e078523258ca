//! Controls that know nothing of pictures: a choice of a few, a number, a labelled row, icons.

pub mod choice;
pub mod icon;
pub mod number;
