//! Threads that work off a study: each takes the next point as soon as it is free, and what points yield is given in
//! the order of their names, so that the study hears the same whoever was faster.

use super::{Point, Study};
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex};

/// Points that may be under way, for every thread, while an earlier one is not done: what they yielded is kept.
const AHEAD: usize = 4;

/// What hears of a study whenever it was given something; false ends it.
pub type Given<'g, S> = &'g mut (dyn FnMut(&mut S) -> bool + Send);

/// A study and what its threads have of it.
struct Work<'s, S: ?Sized, R, E> {
    study: &'s mut S,
    given: Given<'s, S>,
    /// Points that were taken, and that were given back.
    named: usize,
    next: usize,
    /// What is done and waits for an earlier one.
    done: BTreeMap<usize, (Point, Result<R, E>)>,
    /// Whether every point was run and given.
    end: Option<Result<bool, E>>,
}

/// Runs all points that a study names, on so many threads; false: it was ended before. Errors: what the first point
/// that could not be run said, in the order of the points.
pub fn work_off<S: Study + ?Sized, R: Send, E: Send>(
    threads: usize,
    study: &mut S,
    given: Given<'_, S>,
    give: impl Fn(&mut S, &Point, R) + Sync,
    run: impl Fn(&Point) -> Result<R, E> + Sync,
) -> Result<bool, E> {
    let work = Work { study, given, named: 0, next: 0, done: BTreeMap::new(), end: None };
    let crew = Crew { work: Mutex::new(work), news: Condvar::new(), most: threads * AHEAD };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // A thread that cannot be had is done without.
            let _ = std::thread::Builder::new().spawn_scoped(scope, || crew.work(&give, &run));
        }
        crew.work(&give, &run);
    });
    let end = crew.work.into_inner().ok().and_then(|work| work.end);
    end.unwrap_or(Ok(false))
}

struct Crew<'s, S: ?Sized, R, E> {
    work: Mutex<Work<'s, S, R, E>>,
    news: Condvar,
    most: usize,
}

impl<S: Study + ?Sized, R, E> Crew<'_, S, R, E> {
    fn work(&self, give: &impl Fn(&mut S, &Point, R), run: &impl Fn(&Point) -> Result<R, E>) {
        let _leaving = Leaving(self);
        while let Some((index, point)) = self.take() {
            let result = run(&point);
            // A poisoned lock means another thread panicked: that panic is the news.
            let Ok(mut work) = self.work.lock() else { return };
            work.put(index, point, result, give);
            self.news.notify_all();
        }
    }

    /// The next point, once there is one; none at the end.
    fn take(&self) -> Option<(usize, Point)> {
        let mut work = self.work.lock().ok()?;
        loop {
            if work.end.is_some() {
                return None;
            }
            if work.named - work.next < self.most
                && let Some(point) = work.study.next_points(1).pop()
            {
                work.named += 1;
                return Some((work.named - 1, point));
            }
            if work.named == work.next {
                work.end = Some(Ok(true));
                self.news.notify_all();
                return None;
            }
            work = self.news.wait(work).ok()?;
        }
    }
}

impl<S: Study + ?Sized, R, E> Work<'_, S, R, E> {
    /// All that was named is given, and nothing more is wanted.
    fn is_over(&mut self) -> bool {
        self.named == self.next && self.study.next_points(1).is_empty()
    }

    fn put(&mut self, index: usize, point: Point, result: Result<R, E>, give: &impl Fn(&mut S, &Point, R)) {
        self.done.insert(index, (point, result));
        while self.end.is_none()
            && let Some((point, result)) = self.done.remove(&self.next)
        {
            self.next += 1;
            match result {
                Ok(result) => {
                    give(self.study, &point, result);
                    if !(self.given)(self.study) {
                        self.end = Some(Ok(self.is_over()));
                    }
                }
                Err(error) => self.end = Some(Err(error)),
            }
        }
    }
}

/// Whoever leaves in a panic wakes those who would wait for it.
struct Leaving<'r, 's, S: ?Sized, R, E>(&'r Crew<'s, S, R, E>);

impl<S: ?Sized, R, E> Drop for Leaving<'_, '_, S, R, E> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            if let Ok(mut work) = self.0.work.lock() {
                work.end = Some(Ok(false));
            }
            self.0.news.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Results;
    use crate::study::Answer;

    /// Counts to a number by seeds.
    #[derive(Debug)]
    struct Count {
        named: u64,
        most: u64,
        heard: Vec<u64>,
    }

    impl Study for Count {
        fn next_points(&mut self, _most: usize) -> Vec<Point> {
            if self.named == self.most {
                return Vec::new();
            }
            self.named += 1;
            vec![Point::new(Vec::new(), self.named)]
        }

        fn give(&mut self, _point: &Point, _results: Results) {}

        fn length(&self) -> u32 {
            self.most as u32
        }

        fn finish(self: Box<Self>, _cut: Option<String>) -> Option<Answer> {
            None
        }
    }

    fn count(threads: usize, wrong: Option<u64>, stop: usize) -> (Result<bool, u64>, Vec<u64>) {
        let mut study = Count { named: 0, most: 200, heard: Vec::new() };
        let slow_first = |point: &Point| {
            std::hint::black_box((0..(200 - point.seed) * 100).sum::<u64>());
            if wrong.is_some_and(|wrong| point.seed >= wrong) { Err(point.seed) } else { Ok(point.seed) }
        };
        let mut given = |study: &mut Count| study.heard.len() < stop;
        let end = work_off(threads, &mut study, &mut given, |study, _, seed| study.heard.push(seed), slow_first);
        (end, study.heard)
    }

    #[test]
    fn a_study_hears_of_its_points_in_order_whoever_ran_them() {
        for threads in [1, 2, 7] {
            assert_eq!(count(threads, None, usize::MAX), (Ok(true), (1..=200).collect()));
            assert_eq!(count(threads, Some(50), usize::MAX), (Err(50), (1..50).collect()), "the first that failed");
            assert_eq!(count(threads, None, 30), (Ok(false), (1..=30).collect()), "whoever hears may end it");
            assert_eq!(count(threads, None, 200).0, Ok(true), "there was nothing left to end");
        }
    }
}
