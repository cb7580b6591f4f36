//! An open file: what changes it goes past the disk first, all else is the platform's own.

use std::{
    ffi::{c_int, c_void},
    path::{Path, PathBuf},
    slice,
    sync::Arc,
};

use rusqlite::ffi::{SQLITE_OK, sqlite3_file, sqlite3_int64, sqlite3_io_methods};

use super::disk::{Disk, Verdict};

/// What SQLite's pointer to an open file points to; the real file's structure lies right behind it.
#[repr(C)]
pub(super) struct File {
    base: sqlite3_file,
    tracked: *mut Tracked,
}

struct Tracked {
    disk: Arc<Disk>,
    path: Option<PathBuf>,
    /// The first sync of a new journal also syncs its folder.
    new_journal: bool,
}

pub(super) static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    // Version 2 has shared memory, version 3 would map files past us.
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

impl File {
    /// The real file behind ours.
    pub unsafe fn real(file: *mut sqlite3_file) -> *mut sqlite3_file {
        // SAFETY: szOsFile made room for both, and our structure's size keeps the other aligned.
        unsafe { file.cast::<Self>().add(1).cast() }
    }

    pub unsafe fn put(
        file: *mut sqlite3_file,
        methods: &'static sqlite3_io_methods,
        disk: &Arc<Disk>,
        path: Option<&Path>,
        new_journal: bool,
    ) {
        let tracked = Tracked { disk: Arc::clone(disk), path: path.map(Path::to_owned), new_journal };
        // SAFETY: `file` has room for our structure.
        unsafe {
            let tracked = Box::into_raw(Box::new(tracked));
            file.cast::<Self>().write(Self { base: sqlite3_file { pMethods: methods }, tracked });
        }
    }
}

unsafe fn tracked<'a>(file: *mut sqlite3_file) -> &'a mut Tracked {
    // SAFETY: SQLite calls these methods only on files that `put` has written, one call at a time.
    unsafe { &mut *(*file.cast::<File>()).tracked }
}

/// Calls the real file's method of the same name.
macro_rules! pass {
    ($method:ident, $file:expr $(, $argument:expr)*) => {{
        // SAFETY: the real file was opened by its VFS; the arguments are passed on as SQLite gave them.
        unsafe {
            let real = File::real($file);
            ((*(*real).pMethods).$method.expect("the platform's VFS has it"))(real $(, $argument)*)
        }
    }};
}

fn length(bytes: sqlite3_int64) -> usize {
    usize::try_from(bytes).expect("SQLite's offsets are not negative")
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let result = pass!(xClose, file);
    // SAFETY: made by `put`, and SQLite closes a file once.
    unsafe { drop(Box::from_raw((*file.cast::<File>()).tracked)) };
    result
}

unsafe extern "C" fn read(file: *mut sqlite3_file, to: *mut c_void, amount: c_int, offset: sqlite3_int64) -> c_int {
    pass!(xRead, file, to, amount, offset)
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    amount: c_int,
    offset: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite's buffer holds `amount` bytes.
    let (one, bytes) = unsafe { (tracked(file), slice::from_raw_parts(from.cast::<u8>(), length(amount.into()))) };
    if let Some(path) = &one.path
        && let Verdict::Fail(code) = one.disk.write(path, length(offset), bytes)
    {
        return code;
    }
    pass!(xWrite, file, from, amount, offset)
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: see `tracked`.
    let one = unsafe { tracked(file) };
    if let Some(path) = &one.path
        && let Verdict::Fail(code) = one.disk.truncate(path, length(size))
    {
        return code;
    }
    pass!(xTruncate, file, size)
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: see `tracked`.
    let one = unsafe { tracked(file) };
    match one.path.as_ref().map_or(Verdict::Go, |path| one.disk.sync(path, one.new_journal)) {
        Verdict::Go => {
            one.new_journal = false;
            SQLITE_OK
        }
        Verdict::Fail(code) => code,
    }
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut sqlite3_int64) -> c_int {
    pass!(xFileSize, file, size)
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    pass!(xLock, file, level)
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    pass!(xUnlock, file, level)
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    pass!(xCheckReservedLock, file, out)
}

unsafe extern "C" fn file_control(file: *mut sqlite3_file, operation: c_int, argument: *mut c_void) -> c_int {
    pass!(xFileControl, file, operation, argument)
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    pass!(xSectorSize, file)
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    // Whatever this machine's disk promises beyond that, a cut may tear: only bytes beside a write stay what they are.
    pass!(xDeviceCharacteristics, file) & rusqlite::ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    pass!(xShmMap, file, page, size, extend, out)
}

unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, offset: c_int, n: c_int, flags: c_int) -> c_int {
    pass!(xShmLock, file, offset, n, flags)
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    pass!(xShmBarrier, file);
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    pass!(xShmUnmap, file, delete)
}
