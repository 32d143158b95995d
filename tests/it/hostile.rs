//! Whatever a file asks for, it ends in an answer or at a limit with a name; whatever it is called, it steers nothing.
//! What is bounded is counted: steps, bytes, runs. Times would be the machine's; where nothing can be counted it is the
//! processor's time of one thread, with a bound that only what grows with the square passes.

mod dense;
mod growth;
mod links;
mod limits;
mod program;
mod shown;
