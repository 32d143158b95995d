//! The lab's panels without a window: what they show, what they are called, which keys reach them, what they ask for.

mod avocado;
mod bench;
mod building;
mod beside;
mod changes;
mod screen;
mod inspector;
mod live_changes;
mod fixture;
mod forms;
mod hidden;
mod over;
mod palette;
mod pace;
mod phone;
mod picture;
mod random;
mod studies;
mod sharing;
mod theme;
mod timeline;
mod top;
mod truth;
mod walking;
mod words;
