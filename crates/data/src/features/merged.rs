//! Features of the users of several parts.

use crate::features::{Feature, FeatureValues, Features, Lists};
use recburn_schema::{Kind, Side};

impl Features {
    /// The features of the users of several parts together, and those of everything else, which all parts have: `rows` has the
    /// row of every user of a part among all users. `None` unless all parts have the same features.
    pub fn merged(parts: &[Self], rows: &[Vec<u32>]) -> Option<Self> {
        let Some(first) = parts.first() else {
            return Some(Self::default());
        };
        // The part of every user, and the row there.
        let users = rows.iter().map(Vec::len).sum();
        let mut homes = vec![(0, 0); users];
        for (part, rows) in rows.iter().enumerate() {
            for (row, &user) in rows.iter().enumerate() {
                *homes.get_mut(user as usize)? = (part, row);
            }
        }
        let of_all = first.0.iter().map(|feature| {
            let own = |part: &'_ Self| part.find(&feature.input.name).cloned();
            let own: Vec<Feature> = parts.iter().map(own).collect::<Option<_>>()?;
            match feature.input.side {
                Side::User => of_users(own, &homes),
                Side::Item | Side::Event => Some(feature.clone()),
            }
        });
        Some(Self(of_all.collect::<Option<_>>()?))
    }
}

/// A feature of users with the values of these rows of its parts.
fn of_users(mut parts: Vec<Feature>, homes: &[(usize, usize)]) -> Option<Feature> {
    // A sequence is as long as the longest one of its part.
    let longest = parts.iter().filter_map(|part| match part.input.kind {
        Kind::Sequence { length, .. } => Some(length),
        Kind::Id { .. } | Kind::Bag { .. } | Kind::Numbers { .. } => None,
    });
    if let Some(longest) = longest.max() {
        for part in &mut parts {
            if let Kind::Sequence { length, .. } = &mut part.input.kind {
                *length = longest;
            }
        }
    }
    let first = parts.first()?;
    let same = |part: &Feature| {
        part.input == first.input && part.words == first.words && part.scaling == first.scaling
    };
    if !parts.iter().all(same) {
        return None;
    }
    let values = match &first.values {
        FeatureValues::Ids(_) => {
            let id = |&(part, row): &(usize, usize)| match &parts[part].values {
                FeatureValues::Ids(ids) => ids.get(row).copied(),
                FeatureValues::Lists(_) | FeatureValues::Numbers(_) => None,
            };
            FeatureValues::Ids(homes.iter().map(id).collect::<Option<_>>()?)
        }
        FeatureValues::Numbers(_) => {
            let width = match first.input.kind {
                Kind::Numbers { width } => width,
                Kind::Id { .. } | Kind::Bag { .. } | Kind::Sequence { .. } => 1,
            };
            let mut all = Vec::with_capacity(homes.len() * width);
            for &(part, row) in homes {
                let FeatureValues::Numbers(numbers) = &parts[part].values else {
                    return None;
                };
                all.extend_from_slice(numbers.get(row * width..(row + 1) * width)?);
            }
            FeatureValues::Numbers(all)
        }
        FeatureValues::Lists(_) => {
            let mut own = Vec::new();
            for part in &parts {
                let FeatureValues::Lists(lists) = &part.values else {
                    return None;
                };
                own.push(lists);
            }
            let weighted = own.iter().any(|lists| !lists.all_weights().is_empty());
            let mut all = Lists::default();
            for &(part, row) in homes {
                let lists = own[part];
                if row >= lists.len() {
                    return None;
                }
                let ids = lists.ids(row).iter().copied();
                match (weighted, lists.weights(row)) {
                    (false, _) => all.push(ids),
                    (true, Some(weights)) => all.push_weighted(ids.zip(weights.iter().copied())),
                    (true, None) => all.push_weighted(ids.map(|id| (id, 1.0))),
                }
            }
            FeatureValues::Lists(all)
        }
    };
    Some(Feature {
        input: first.input.clone(),
        words: first.words.clone(),
        scaling: first.scaling,
        values,
    })
}
