//! A blend: a weighted sum of the standardised scores of several methods.
//!
//! `score(user, item) = sum over methods m of weight_m * (s_m(user, item) - mean_m(user)) / deviation_m(user)`, where mean
//! and deviation are those of the method's scores of all items for this user. Standardised, the scores of methods with
//! different scales can be added: "linear combination with z-scores", Wu and Crestani, *Data fusion with estimated
//! weights*, CIKM 2002. A method whose scores are all equal for a user adds nothing.

use crate::error::ClassicalError;
use crate::find;
use crate::method::{Context, Fitted, Method, Scores};
use crate::profile;
use crate::registry::{Described, setting};
use crate::saved::Saved;
use recburn_data::{ItemIx, UserIx};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The settings of a blend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Blend {
    /// The methods, at least one.
    pub members: Vec<Member>,
}

/// A method of a blend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its name, any but that of the blend.
    pub method: String,
    /// Its options; missing ones take their defaults.
    #[serde(default = "no_options")]
    pub options: Value,
    /// The weight of its scores, a finite number.
    pub weight: f64,
}

fn no_options() -> Value {
    Value::Object(serde_json::Map::new())
}

impl Member {
    /// A method with its default options.
    pub fn new(method: &str, weight: f64) -> Self {
        Self {
            method: method.to_string(),
            options: no_options(),
            weight,
        }
    }

    fn method(&self) -> Result<Box<dyn Method>, ClassicalError> {
        find(&self.method)?.from_options(self.options.clone())
    }
}

/// The members with their default options; the weights were selected on the validation part of MovieLens 100K.
impl Default for Blend {
    fn default() -> Self {
        Self {
            members: vec![
                Member::new("ease", 1.0),
                Member::new("ials", 1.0),
                Member::new("slim", 1.0),
                Member::new("pure_svd", 0.5),
                Member::new("user_knn", 0.25),
            ],
        }
    }
}

impl Described for Blend {
    const NAME: &'static str = "blend";
    const ABOUT: &'static str = "weighted sum of the standardised scores of several methods";

    fn scores(&self) -> Scores {
        Scores::Order
    }

    /// The members are fitted one after the other and all are kept.
    fn memory(&self, context: &Context<'_>) -> u64 {
        let members = self
            .members
            .iter()
            .filter_map(|member| member.method().ok());
        members.map(|method| method.memory(context)).sum()
    }

    fn check(&self) -> Result<(), ClassicalError> {
        let count = self.members.len();
        setting(count > 0, Self::NAME, "members", count, "at least one")?;
        for member in &self.members {
            let other = member.method != Self::NAME;
            let name = &member.method;
            setting(other, Self::NAME, "method", name, "another method")?;
            let weight = member.weight;
            let finite = weight.is_finite();
            setting(finite, Self::NAME, "weight", weight, "a finite number")?;
            member.method()?;
        }
        Ok(())
    }

    fn fit_checked(&self, context: &Context<'_>) -> Result<Box<dyn Fitted>, ClassicalError> {
        let fitted = self.members.iter().map(|member| {
            let model = member.method()?.fit(context)?;
            Ok::<_, ClassicalError>((member.weight as f32, model))
        });
        Ok(Box::new(Blended {
            items: context.items,
            members: fitted.collect::<Result<_, _>>()?,
        }))
    }
}

/// A fitted blend.
#[derive(Debug)]
struct Blended {
    items: usize,
    members: Vec<(f32, Box<dyn Fitted>)>,
}

/// A fitted blend as data: the number of items, and every model with its weight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedBlend {
    items: usize,
    members: Vec<(f32, Saved)>,
}

impl SavedBlend {
    pub(crate) fn fitted(self) -> Result<Box<dyn Fitted>, ClassicalError> {
        let damaged = |what: &str| ClassicalError::Damaged {
            method: Blend::NAME,
            what: what.to_string(),
        };
        let mut members = Vec::with_capacity(self.members.len());
        for (weight, saved) in self.members {
            if matches!(saved, Saved::Blend(_)) {
                return Err(damaged("a member is a blend"));
            }
            let model = saved.fitted()?;
            // Scores beyond the last item of a model are NaN.
            let last = self.items.checked_sub(1).map(|last| ItemIx(last as u32));
            let ends = [last, Some(ItemIx(self.items as u32))];
            let [inside, beyond] = ends.map(|item| item.map(|item| model.predict(UserIx(0), item)));
            if inside.is_some_and(f32::is_nan) || beyond.is_some_and(|score| !score.is_nan()) {
                return Err(damaged("its members have different numbers of items"));
            }
            members.push((weight, model));
        }
        Ok(Box::new(Blended {
            items: self.items,
            members,
        }))
    }
}

/// Adds the standardised scores of one user. Sums are in the order of the items.
fn add(weight: f32, scores: &[f32], into: &mut [f32]) {
    let count = scores.len().max(1) as f64;
    let mean = scores.iter().map(|&score| f64::from(score)).sum::<f64>() / count;
    let squares = scores
        .iter()
        .map(|&score| (f64::from(score) - mean).powi(2));
    let deviation = (squares.sum::<f64>() / count).sqrt();
    // Variation below single precision is due to rounding.
    if deviation > mean.abs() * f64::from(f32::EPSILON) {
        let (mean, scale) = (mean as f32, (f64::from(weight) / deviation) as f32);
        for (into, score) in into.iter_mut().zip(scores) {
            *into += scale * (score - mean);
        }
    }
}

impl Fitted for Blended {
    fn predict(&self, user: UserIx, item: ItemIx) -> f32 {
        let mut scores = vec![0.0; self.items];
        self.score_all(user, &mut scores);
        profile::at(&scores, item)
    }

    fn score_all(&self, user: UserIx, into: &mut [f32]) {
        profile::sized(self.items, into, |into| self.score_block(&[user], into));
    }

    fn fold_in(&self, profile: &[(ItemIx, f32)], into: &mut [f32]) -> Result<(), ClassicalError> {
        profile::check_fold_in(profile, self.items, into)?;
        into.fill(0.0);
        let mut scores = vec![0.0; self.items];
        for (weight, model) in &self.members {
            model.fold_in(profile, &mut scores)?;
            add(*weight, &scores, into);
        }
        Ok(())
    }

    fn saved(&self) -> Saved {
        let members = self.members.iter();
        Saved::Blend(SavedBlend {
            items: self.items,
            members: members
                .map(|(weight, model)| (*weight, model.saved()))
                .collect(),
        })
    }

    fn score_block(&self, users: &[UserIx], into: &mut [f32]) {
        profile::block(self.items, users, into, self, |into| {
            into.fill(0.0);
            let mut scores = vec![0.0; into.len()];
            for (weight, model) in &self.members {
                model.score_block(users, &mut scores);
                let rows = scores.chunks_exact(self.items);
                for (scores, into) in rows.zip(into.chunks_exact_mut(self.items)) {
                    add(*weight, scores, into);
                }
            }
        });
    }
}
