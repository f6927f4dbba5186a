//! Words for the sample's titles and genres.

/// Combined with each noun once, enough for 10,000 titles.
#[rustfmt::skip] // one word per line would take pages
pub(super) const ADJECTIVES: [&str; 100] = [
    "Amber", "Ancient", "Azure", "Bitter", "Blazing", "Borrowed", "Brave", "Bright", "Broken",
    "Burning", "Candid", "Careless", "Clever", "Cold", "Copper", "Crimson", "Crooked", "Crystal",
    "Curious", "Daring", "Deep", "Distant", "Divided", "Dusty", "Eager", "Early", "Electric",
    "Elegant", "Emerald", "Empty", "Endless", "Faithful", "Fallen", "Famous", "Fearless", "Final",
    "Forgotten", "Fragile", "Frozen", "Gentle", "Gilded", "Golden", "Grand", "Hidden", "Hollow",
    "Hungry", "Idle", "Infinite", "Invisible", "Iron", "Ivory", "Jagged", "Jealous", "Joyful",
    "Last", "Lonely", "Lost", "Lucky", "Marble", "Midnight", "Modest", "Nameless", "Narrow",
    "Northern", "Obscure", "Painted", "Paper", "Patient", "Perfect", "Phantom", "Proud", "Quiet",
    "Radiant", "Reckless", "Restless", "Roaming", "Royal", "Rusty", "Sacred", "Savage", "Scarlet",
    "Secret", "Shattered", "Silent", "Silver", "Sleeping", "Solemn", "Southern", "Stolen",
    "Stubborn", "Sudden", "Tender", "Thirsty", "Twisted", "Unseen", "Velvet", "Wandering", "Wicked",
    "Winter", "Wooden",
];

/// Things and people that a story may be named after.
#[rustfmt::skip] // one word per line would take pages
pub(super) const NOUNS: [&str; 100] = [
    "Anchor", "Archer", "Autumn", "Avenue", "Balcony", "Ballad", "Bargain", "Beacon", "Border",
    "Bridge", "Caravan", "Carnival", "Castle", "Cathedral", "Chapter", "Circus", "City", "Clock",
    "Coast", "Colony", "Comet", "Compass", "Corridor", "Courier", "Crown", "Curtain", "Dancer",
    "Daughter", "Desert", "Detective", "Diary", "Door", "Dream", "Echo", "Emperor", "Engine",
    "Expedition", "Express", "Falcon", "Farewell", "Festival", "Fortune", "Fountain", "Frontier",
    "Garden", "Ghost", "Guardian", "Harbor", "Harvest", "Heart", "Horizon", "Hotel", "Hour",
    "Hunter", "Island", "Journey", "Judge", "Kingdom", "Lagoon", "Lantern", "Letter", "Library",
    "Lighthouse", "Lullaby", "Machine", "Meadow", "Melody", "Mirror", "Mountain", "Museum",
    "Neighbor", "Oath", "Ocean", "Orchard", "Orchestra", "Outlaw", "Painter", "Palace", "Parade",
    "Passenger", "Pilot", "Planet", "Promise", "Prophet", "Railway", "Rebel", "River", "Road",
    "Sailor", "Serenade", "Shadow", "Signal", "Soldier", "Stranger", "Summer", "Theater", "Tower",
    "Traveler", "Valley", "Voyage",
];

/// The genres and their relative frequencies.
pub(super) const GENRES: [(&str, u32); 18] = [
    ("Action", 18),
    ("Adventure", 13),
    ("Animation", 6),
    ("Children", 7),
    ("Comedy", 38),
    ("Crime", 12),
    ("Documentary", 4),
    ("Drama", 44),
    ("Fantasy", 8),
    ("History", 4),
    ("Horror", 10),
    ("Musical", 3),
    ("Mystery", 6),
    ("Romance", 16),
    ("Sport", 3),
    ("Thriller", 19),
    ("War", 4),
    ("Western", 2),
];
