//! Where time goes: for every (operation or source, activity) how many are in it now and the integral of that number.
//!
//! By Little's law the integral over a window is the time spent there, work in progress included; no request needs to
//! end first. Integrals are whole nanoseconds: exact, and independent of the order of events.

use super::counters::row;
use crate::engine::Activity;
use crate::model::{LinkId, OperationId, SourceId};
use crate::units::Time;

/// Those in one activity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cell {
    now_in: i64,
    /// Σ leave times − Σ entry times; with `now_in * t` added it is the integral up to t.
    sum: i128,
    entered: u64,
}

/// What is done: by an operation, or by the clients of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doer {
    /// Executions of an operation.
    Operation(OperationId),
    /// Clients of a source.
    Client(SourceId),
}

/// Activities that are of no link and no lock.
const PLAIN: usize = 9;

/// Cells of one doer.
#[derive(Clone, Debug, Default)]
struct Row {
    /// By `plain()`.
    plain: [Cell; PLAIN],
    /// Of a link or a lock each; few.
    others: Vec<(Activity, Cell)>,
    /// What it was ever in, in the order of the first time.
    order: Vec<Activity>,
}

/// The place of an activity that is of no link and no lock.
#[inline]
fn plain(activity: Activity) -> Option<usize> {
    match activity {
        Activity::Backlog => Some(0),
        Activity::Cpu => Some(1),
        Activity::Delay => Some(2),
        Activity::Send => Some(3),
        Activity::Receive => Some(4),
        Activity::Disk => Some(5),
        Activity::Join => Some(6),
        Activity::Spawn => Some(7),
        Activity::Hold => Some(8),
        Activity::Pool(_) | Activity::Call(_) | Activity::Retransmit(_) | Activity::Backoff(_) | Activity::Lock(_) => {
            None
        }
    }
}

impl Row {
    #[inline]
    fn cell(&mut self, activity: Activity) -> &mut Cell {
        if let Some(place) = plain(activity) {
            return &mut self.plain[place];
        }
        let known = self.others.iter().position(|other| other.0 == activity);
        let place = known.unwrap_or_else(|| self.add(activity));
        &mut self.others[place].1
    }

    #[cold]
    fn add(&mut self, activity: Activity) -> usize {
        self.others.push((activity, Cell::default()));
        self.others.len() - 1
    }

    #[cold]
    fn first_time(&mut self, activity: Activity) {
        self.order.push(activity);
    }

    fn find(&self, activity: Activity) -> Option<&Cell> {
        match plain(activity) {
            Some(place) => Some(&self.plain[place]),
            None => self.others.iter().find(|other| other.0 == activity).map(|other| &other.1),
        }
    }
}

/// All cells. Cloning it takes a snapshot; the difference of two is a window.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    operations: Vec<Row>,
    clients: Vec<Row>,
}

impl Flow {
    /// Bytes of a copy.
    pub fn footprint(&self) -> usize {
        self.rows().map(|row| size_of::<Row>() + size_of_val(&*row.others) + size_of_val(&*row.order)).sum()
    }

    /// One entered `activity` at `now`.
    #[inline]
    pub fn enter(&mut self, doer: Doer, activity: Activity, now: Time) {
        let row = self.row_of(doer);
        let cell = row.cell(activity);
        cell.now_in += 1;
        cell.sum -= i128::from(now.0);
        cell.entered += 1;
        if cell.entered == 1 {
            row.first_time(activity);
        }
    }

    /// One left `activity` at `now`.
    #[inline]
    pub fn leave(&mut self, doer: Doer, activity: Activity, now: Time) {
        let cell = self.row_of(doer).cell(activity);
        cell.now_in -= 1;
        cell.sum += i128::from(now.0);
    }

    /// Seconds spent in `activity` up to `now` by all of them together.
    pub fn seconds(&self, doer: Doer, activity: Activity, now: Time) -> f64 {
        self.find(doer, activity).map_or(0.0, |c| (c.sum + i128::from(c.now_in) * i128::from(now.0)) as f64 / 1e9)
    }

    /// How often `activity` was entered.
    pub fn entered(&self, doer: Doer, activity: Activity) -> u64 {
        self.find(doer, activity).map_or(0, |c| c.entered)
    }

    /// Activities a doer was ever in, in the order of their first time.
    pub fn activities(&self, doer: Doer) -> impl Iterator<Item = Activity> + '_ {
        self.row(doer).into_iter().flat_map(|row| row.order.iter().copied())
    }

    /// Seconds the calls of every doer spent over `link` up to `now`.
    pub fn call_seconds(&self, link: LinkId, now: Time) -> f64 {
        let cells = self.rows().filter_map(|row| row.find(Activity::Call(link)));
        cells.map(|c| (c.sum + i128::from(c.now_in) * i128::from(now.0)) as f64 / 1e9).sum()
    }

    /// How many calls of every doer left over `link`.
    pub fn calls(&self, link: LinkId) -> u64 {
        self.rows().filter_map(|row| row.find(Activity::Call(link))).map(|cell| cell.entered).sum()
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.operations.iter().chain(&self.clients)
    }

    fn row(&self, doer: Doer) -> Option<&Row> {
        match doer {
            Doer::Operation(id) => self.operations.get(id.index()),
            Doer::Client(id) => self.clients.get(id.index()),
        }
    }

    fn find(&self, doer: Doer, activity: Activity) -> Option<&Cell> {
        self.row(doer)?.find(activity)
    }

    #[inline]
    fn row_of(&mut self, doer: Doer) -> &mut Row {
        match doer {
            Doer::Operation(id) => row(&mut self.operations, id.number()),
            Doer::Client(id) => row(&mut self.clients, id.number()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OP: Doer = Doer::Operation(OperationId::new(2));

    #[test]
    fn work_in_progress_counts_up_to_now() {
        let mut f = Flow::default();
        f.enter(OP, Activity::Cpu, Time(-1_000_000_000));
        f.enter(OP, Activity::Cpu, Time(1_000_000_000));
        f.leave(OP, Activity::Cpu, Time(2_000_000_000));
        assert_eq!(f.seconds(OP, Activity::Cpu, Time(4_000_000_000)), 6.0);
        assert_eq!(f.seconds(OP, Activity::Delay, Time(4_000_000_000)), 0.0);
    }

    #[test]
    fn a_window_is_the_difference_of_two_snapshots() {
        let mut f = Flow::default();
        let link = Activity::Call(LinkId::new(0));
        f.enter(OP, link, Time(0));
        let before = f.clone();
        f.enter(OP, link, Time(3_000_000_000));
        let window = f.seconds(OP, link, Time(5_000_000_000)) - before.seconds(OP, link, Time(1_000_000_000));
        assert_eq!(window, 4.0 + 2.0);
        assert_eq!(f.call_seconds(LinkId::new(0), Time(5_000_000_000)), 7.0);
    }
}
