//! Who has rated what, of the users of several parts of a model.

use crate::seen::{Role, Seen, packed};
use crate::stars::Stars;
use recburn_data::UserIx;

impl Seen {
    /// Those of all parts: `rows` has the row of every user of a part among all `users`.
    pub(crate) fn merged(parts: &[&Self], rows: &[Vec<u32>], users: usize) -> Self {
        // Each user's part, its row there, and where its held-out pairs begin there.
        let mut homes = vec![None; users];
        for (part, (seen, rows)) in parts.iter().zip(rows).enumerate() {
            let mut held_out = 0;
            for (row, &user) in (0..).zip(rows) {
                homes[user as usize] = Some((part, UserIx(row), held_out));
                let roles = seen.places(UserIx(row)).map(|place| seen.role_at(place));
                held_out += roles.filter(|role| role.is_held_out()).count();
            }
        }
        // The rows of a held-out part are those of the first part, then those of the second, and so on.
        let mut begins = [Role::Valid, Role::Test].map(|_| Vec::with_capacity(parts.len()));
        for (role, begins) in [Role::Valid, Role::Test].into_iter().zip(&mut begins) {
            let mut before = 0;
            for seen in parts {
                begins.push(before);
                before += seen.count(role) as u32;
            }
        }
        let levels = parts.iter().map(|seen| &seen.stars.levels);
        let mut levels: Vec<f32> = levels.flatten().copied().collect();
        levels.sort_unstable_by(f32::total_cmp);
        levels.dedup();
        let coded = levels.len() <= 256
            && parts
                .iter()
                .all(|seen| seen.has_ratings() || seen.items.is_empty());
        let mut whole = Self {
            offsets: vec![0],
            ..Self::default()
        };
        let (mut roles, mut codes) = (Vec::new(), Vec::new());
        for home in homes {
            if let Some((part, row, mut held_out)) = home {
                let seen = parts[part];
                for place in seen.places(row) {
                    let role = seen.role_at(place);
                    whole.items.push(seen.items[place]);
                    roles.push(role);
                    if coded {
                        let code = seen
                            .star_at(place)
                            .and_then(|star| Stars::code(&levels, star));
                        codes.push(code.unwrap_or_default());
                    }
                    if role.is_held_out() {
                        let begin = begins[usize::from(role == Role::Test)][part];
                        whole.held_out.push(seen.held_out[held_out]);
                        whole.places.push(begin + seen.places[held_out]);
                        held_out += 1;
                    }
                }
                whole.user_sums.push(seen.user_sums[row.0 as usize]);
            } else {
                whole.user_sums.push(0.0);
            }
            whole.offsets.push(whole.items.len() as u32);
        }
        whole.roles = packed(&roles);
        if coded && !codes.is_empty() {
            whole.stars = Stars { levels, codes };
        }
        // These are of all parts already.
        let (items, sums) = match parts.first() {
            Some(first) => (first.of_items.len(), first.item_sums.clone()),
            None => (0, Vec::new()),
        };
        whole.item_sums = sums;
        whole.counted(items)
    }
}
