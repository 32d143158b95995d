//! The lab's panels without a window: what they show, what they are called, which keys reach them, what they ask for.

mod bench;
mod changes;
mod inspector;
mod live_changes;
mod fixture;
mod over;
mod picture;
mod sharing;
mod theme;
mod timeline;
mod top;
mod words;
