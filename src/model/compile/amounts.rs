//! Amounts and lanes: each distinct one is there once.

use super::Compiler;
use super::known::told;
use crate::model::{Amount, AmountId, Gauge, LaneId, ServiceId};
use crate::scenario::amount::{self, Expr};
use crate::units::{Bandwidth, Span};

impl Compiler<'_> {
    /// The lane of a constant duration.
    pub(super) fn lane(&mut self, span: Span) -> LaneId {
        self.known.lanes.put(span, &mut self.m.lanes, || span)
    }

    /// The place of a limit of one transfer.
    pub(super) fn pace(&mut self, bandwidth: Option<Bandwidth>) -> u32 {
        let bytes = bandwidth.map_or(f64::INFINITY, |bandwidth| bandwidth.0);
        let paces = &mut self.m.paces;
        let known = paces.iter().position(|known| *known == bytes);
        known.unwrap_or_else(|| {
            paces.push(bytes);
            paces.len() - 1
        }) as u32
    }

    /// A constant amount of time.
    pub(super) fn constant_time(&mut self, seconds: f64) -> AmountId {
        let lane = self.lane(Span((seconds * 1e9 + 0.5).clamp(0.0, 4e18) as i64));
        self.intern(Amount::Constant { value: seconds, lane: Some(lane) })
    }

    /// An amount as used by a step or link of `service` (gauges name its links).
    pub(super) fn amount(&mut self, amount: &amount::Amount, service: Option<ServiceId>) -> AmountId {
        match amount.expr() {
            Expr::Constant(seconds) if amount.dimension() == amount::Dimension::Time => self.constant_time(*seconds),
            expr => {
                let compiled = self.expression(expr, service);
                self.intern(compiled)
            }
        }
    }

    fn intern(&mut self, amount: Amount) -> AmountId {
        self.known.amounts.put(told(&amount), &mut self.m.amounts, || amount)
    }

    fn expression(&self, expr: &Expr, service: Option<ServiceId>) -> Amount {
        match expr {
            Expr::Constant(value) => Amount::Constant { value: *value, lane: None },
            Expr::Exponential { mean } => Amount::Exponential(*mean),
            Expr::Uniform { low, high } => Amount::Uniform(*low, *high),
            Expr::LogNormal { mean, cv } => {
                let variance = libm::log1p(cv * cv);
                Amount::LogNormal { mu: libm::log(*mean) - variance / 2.0, sigma: libm::sqrt(variance) }
            }
            // Narrower than any clock could tell; its shape would be no number.
            Expr::Gamma { mean, cv } if *cv < 1e-6 => Amount::Constant { value: *mean, lane: None },
            Expr::Gamma { mean, cv } => {
                let shape = 1.0 / (cv * cv);
                Amount::Gamma { shape, scale: mean / shape }
            }
            Expr::Erlang { k, mean } => Amount::Erlang { k: *k, mean: *mean },
            Expr::Pareto { mean, shape } => Amount::Pareto { scale: mean * (shape - 1.0) / shape, shape: *shape },
            Expr::Weibull { mean, shape } => {
                Amount::Weibull { scale: amount::law::weibull_scale(*mean, *shape), shape: *shape }
            }
            Expr::HyperExponential { mean, cv } => {
                let (p, first, second) = amount::law::balanced(*mean, *cv);
                Amount::HyperExponential { p, first, second }
            }
            Expr::Geometric { mean } => Amount::Geometric(*mean),
            Expr::Empirical(points) => {
                let total: f64 = points.iter().map(|(_, weight)| weight).sum();
                let mut cumulative = 0.0;
                let points = points.iter().map(|(value, weight)| {
                    cumulative += weight / total;
                    (*value, cumulative)
                });
                Amount::Empirical(points.collect())
            }
            Expr::Mixture(parts) => {
                let total: f64 = parts.iter().map(|(_, weight)| weight).sum();
                let mut cumulative = 0.0;
                let parts = parts.iter().map(|(part, weight)| {
                    cumulative += weight / total;
                    (self.expression(part, service), cumulative)
                });
                Amount::Mixture(parts.collect())
            }
            Expr::Sum(parts) => Amount::Sum(parts.iter().map(|part| self.expression(part, service)).collect()),
            Expr::Product(parts) => Amount::Product(parts.iter().map(|part| self.expression(part, service)).collect()),
            Expr::Gauge(gauge) => match gauge {
                amount::Gauge::InFlight => Amount::Gauge(Gauge::InFlight),
                amount::Gauge::Connections => Amount::Gauge(Gauge::Connections),
                amount::Gauge::Queued => Amount::Gauge(Gauge::Queued),
                amount::Gauge::Waiting(callee) => {
                    let caller = service.map_or("", |id| self.m.services[id].name.as_str());
                    match self.link_id(&format!("{caller}>{callee}")) {
                        Some(link) => Amount::Gauge(Gauge::Waiting(link)),
                        None => Amount::Constant { value: 0.0, lane: None },
                    }
                }
            },
        }
    }
}
