//! The five real stories: each replays in the order it happened, and each fix buys the factor it bought.
mod avocado;
mod codingame;
mod famigo;
mod replay;
mod rungs;
mod turbogonki;
mod wooga;
