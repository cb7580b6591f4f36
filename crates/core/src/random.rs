//! Random bytes from the operating system, fetched a page at a time: a call for each row would be a good part of what
//! preparing it costs.

use std::cell::RefCell;

const PAGE: usize = 4_096;

struct Pool {
    bytes: [u8; PAGE],
    used: usize,
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; PAGE], used: PAGE }) };
}

/// `N` random bytes, each handed out once. Panics if the operating system has none to give, since a guessable key would
/// give away every withheld field.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    POOL.with_borrow_mut(|pool| {
        if pool.used + N > PAGE {
            getrandom::fill(&mut pool.bytes).expect("the operating system gives random bytes");
            pool.used = 0;
        }
        let taken = &mut pool.bytes[pool.used..pool.used + N];
        let random = (&*taken).try_into().expect("that many bytes were taken");
        // What was given away is not kept a second time.
        taken.fill(0);
        pool.used += N;
        random
    })
}

#[cfg(test)]
mod tests {
    use super::random;
    use std::collections::HashSet;

    #[test]
    fn no_bytes_are_handed_out_twice() {
        let seen: HashSet<[u8; 16]> = (0..2_000).map(|_| random()).collect();
        assert_eq!(seen.len(), 2_000);
        assert!(!seen.contains(&[0; 16]));
    }
}
