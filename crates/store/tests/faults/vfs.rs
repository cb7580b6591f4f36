//! The VFS: opens and deletes files on a `Disk`, all else is the platform's own.

use std::{
    ffi::{CStr, CString, c_char, c_int},
    path::Path,
    ptr,
    sync::Arc,
};

use rusqlite::ffi::{
    self, SQLITE_OK, SQLITE_OPEN_MAIN_JOURNAL, SQLITE_OPEN_WAL, sqlite3_file, sqlite3_filename, sqlite3_vfs,
};

use super::{
    disk::{Disk, Verdict},
    file::{File, METHODS},
};

/// What the VFS carries along: its disk and the platform's VFS.
struct Data {
    disk: Arc<Disk>,
    real: *mut sqlite3_vfs,
}

/// Makes the disk known to SQLite under its name, for as long as the process runs.
pub(super) fn register(disk: &Arc<Disk>) {
    // SAFETY: SQLite is initialised by the first call; a null name asks for the default VFS, which lives for ever.
    let real = unsafe {
        ffi::sqlite3_initialize();
        ffi::sqlite3_vfs_find(ptr::null())
    };
    let name = CString::new(disk.name()).expect("a name without NUL").into_raw();
    let data = Box::into_raw(Box::new(Data { disk: Arc::clone(disk), real }));
    // SAFETY: the default VFS is a valid structure; a copy keeps its function pointers, which we call with `real`.
    let mut vfs = unsafe { ptr::read(real) };
    vfs.szOsFile += c_int::try_from(size_of::<File>()).expect("small");
    vfs.pNext = ptr::null_mut();
    vfs.zName = name;
    vfs.pAppData = data.cast();
    vfs.xOpen = Some(open);
    vfs.xDelete = Some(delete);
    vfs.xAccess = Some(access);
    vfs.xFullPathname = Some(full_pathname);
    // SAFETY: the structure is leaked on purpose, as SQLite keeps the pointer.
    let result = unsafe { ffi::sqlite3_vfs_register(Box::into_raw(Box::new(vfs)), 0) };
    assert_eq!(result, SQLITE_OK);
}

unsafe fn data<'a>(vfs: *mut sqlite3_vfs) -> &'a Data {
    // SAFETY: SQLite hands back the VFS that we registered, whose data is leaked.
    unsafe { &*(*vfs).pAppData.cast::<Data>() }
}

unsafe fn path<'a>(name: *const c_char) -> Option<&'a Path> {
    // SAFETY: SQLite's file names end with NUL and outlive the call; a null name is a temporary file.
    let name = unsafe { (!name.is_null()).then(|| CStr::from_ptr(name)) }?;
    Some(Path::new(name.to_str().expect("the tests' paths are UTF-8")))
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: `file` has room for our structure and the real one behind it (szOsFile); the rest is SQLite's to keep.
    unsafe {
        let Data { disk, real } = data(vfs);
        (*file).pMethods = ptr::null();
        if disk.is_off() {
            return ffi::SQLITE_IOERR;
        }
        let path = path(name);
        let existed = path.is_some_and(Path::exists);
        let result = ((**real).xOpen.expect("a VFS opens"))(*real, name, File::real(file), flags, out_flags);
        if result != SQLITE_OK {
            return result;
        }
        if let Some(path) = path {
            disk.opened(path, existed);
        }
        let new_journal = !existed && flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL) != 0;
        File::put(file, &METHODS, disk, path, new_journal);
        SQLITE_OK
    }
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: as in `open`.
    unsafe {
        let Data { disk, real } = data(vfs);
        if let Some(path) = path(name).filter(|path| path.exists())
            && let Verdict::Fail(code) = disk.delete(path, sync_folder != 0)
        {
            return code;
        }
        ((**real).xDelete.expect("a VFS deletes"))(*real, name, 0)
    }
}

unsafe extern "C" fn access(vfs: *mut sqlite3_vfs, name: *const c_char, flags: c_int, out: *mut c_int) -> c_int {
    // SAFETY: the arguments are passed on as they came, with the VFS that they are for.
    unsafe {
        let real = data(vfs).real;
        ((*real).xAccess.expect("a VFS looks"))(real, name, flags, out)
    }
}

unsafe extern "C" fn full_pathname(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    length: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: as in `access`.
    unsafe {
        let real = data(vfs).real;
        ((*real).xFullPathname.expect("a VFS names"))(real, name, length, out)
    }
}
