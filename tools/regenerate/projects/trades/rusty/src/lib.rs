pub fn weigh() -> i32 { weight() }
