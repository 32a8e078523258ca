//! The mask editor by scripts and pictures, and what must hold for every hand.

use super::*;
