// SPDX-License-Identifier: Apache-2.0

//go:build wasip1

package main

import "unsafe"

// The host calls as a hostile program makes them: pointers are numbers.

//go:wasmimport wasi_snapshot_preview1 path_open
func pathOpen(dirfd, dirflags, path, size, oflags uint32, rights, inheriting uint64, fdflags, out uint32) uint32

//go:wasmimport wasi_snapshot_preview1 path_symlink
func pathSymlink(target, targetSize, dirfd, path, size uint32) uint32

//go:wasmimport wasi_snapshot_preview1 path_link
func pathLink(dirfd, flags, from, fromSize, newdirfd, to, toSize uint32) uint32

//go:wasmimport wasi_snapshot_preview1 path_readlink
func pathReadlink(dirfd, path, size, buf, bufSize, out uint32) uint32

//go:wasmimport wasi_snapshot_preview1 path_rename
func pathRename(dirfd, from, fromSize, newdirfd, to, toSize uint32) uint32

//go:wasmimport wasi_snapshot_preview1 path_filestat_get
func pathFilestatGet(dirfd, flags, path, size, out uint32) uint32

//go:wasmimport wasi_snapshot_preview1 path_filestat_set_times
func pathFilestatSetTimes(dirfd, flags, path, size uint32, atime, mtime uint64, what uint32) uint32

//go:wasmimport wasi_snapshot_preview1 path_unlink_file
func pathUnlinkFile(dirfd, path, size uint32) uint32

//go:wasmimport wasi_snapshot_preview1 path_remove_directory
func pathRemoveDirectory(dirfd, path, size uint32) uint32

//go:wasmimport wasi_snapshot_preview1 path_create_directory
func pathCreateDirectory(dirfd, path, size uint32) uint32

//go:wasmimport wasi_snapshot_preview1 fd_allocate
func fdAllocate(fd uint32, offset, size uint64) uint32

//go:wasmimport wasi_snapshot_preview1 fd_close
func fdClose(fd uint32) uint32

//go:wasmimport wasi_snapshot_preview1 fd_fdstat_get
func fdFdstatGet(fd, out uint32) uint32

//go:wasmimport wasi_snapshot_preview1 fd_fdstat_set_rights
func fdFdstatSetRights(fd uint32, rights, inheriting uint64) uint32

//go:wasmimport wasi_snapshot_preview1 fd_filestat_set_size
func fdFilestatSetSize(fd uint32, size uint64) uint32

//go:wasmimport wasi_snapshot_preview1 fd_prestat_get
func fdPrestatGet(fd, out uint32) uint32

//go:wasmimport wasi_snapshot_preview1 fd_prestat_dir_name
func fdPrestatDirName(fd, out, size uint32) uint32

//go:wasmimport wasi_snapshot_preview1 fd_pread
func fdPread(fd, iovs, n uint32, offset uint64, out uint32) uint32

//go:wasmimport wasi_snapshot_preview1 fd_pwrite
func fdPwrite(fd, iovs, n uint32, offset uint64, out uint32) uint32

//go:wasmimport wasi_snapshot_preview1 fd_read
func fdRead(fd, iovs, n, out uint32) uint32

//go:wasmimport wasi_snapshot_preview1 fd_write
func fdWrite(fd, iovs, n, out uint32) uint32

//go:wasmimport wasi_snapshot_preview1 fd_readdir
func fdReaddir(fd, buf, size uint32, cookie uint64, out uint32) uint32

//go:wasmimport wasi_snapshot_preview1 fd_renumber
func fdRenumber(from, to uint32) uint32

//go:wasmimport wasi_snapshot_preview1 fd_seek
func fdSeek(fd uint32, offset int64, whence, out uint32) uint32

//go:wasmimport wasi_snapshot_preview1 poll_oneoff
func pollOneoff(in, out, n, events uint32) uint32

//go:wasmimport wasi_snapshot_preview1 random_get
func randomGet(buf, size uint32) uint32

//go:wasmimport wasi_snapshot_preview1 args_get
func argsGet(argv, buf uint32) uint32

//go:wasmimport wasi_snapshot_preview1 environ_get
func environGet(env, buf uint32) uint32

//go:wasmimport wasi_snapshot_preview1 clock_time_get
func clockTimeGet(clock uint32, precision uint64, out uint32) uint32

//go:wasmimport wasi_snapshot_preview1 proc_raise
func procRaise(signal uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_accept
func sockAccept(fd, flags, out uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_recv
func sockRecv(fd, iovs, n, flags, out, outFlags uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_send
func sockSend(fd, iovs, n, flags, out uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_shutdown
func sockShutdown(fd, how uint32) uint32

// Places in memory for the calls: globals never move.
var (
	pathA, pathB [8192]byte
	answer       [4096]byte
	vector       [1024 * 2]uint32
	buffer       [64 << 10]byte
)

const (
	root      = 3 // the descriptor of /
	create    = 1
	directory = 2
	exclusive = 4
	truncate  = 8

	readRight, writeRight = 1 << 1, 1 << 6
	allRights             = 1<<30 - 1
)

func at(p unsafe.Pointer) uint32 { return uint32(uintptr(p)) }

func out() uint32 { return at(unsafe.Pointer(&answer)) }

// put writes a path to where a call can name it.
func put(to *[8192]byte, path string) (ptr, size uint32) {
	return at(unsafe.Pointer(to)), uint32(copy(to[:], path))
}

// iov describes one buffer of so many bytes.
func iov(n uint32) uint32 {
	vector[0], vector[1] = at(unsafe.Pointer(&buffer)), n
	return at(unsafe.Pointer(&vector))
}

// open opens a path below a descriptor and returns the new one.
func open(dirfd uint32, path string, oflags uint32, rights uint64) (fd, errno uint32) {
	ptr, size := put(&pathA, path)
	errno = pathOpen(dirfd, 1, ptr, size, oflags, rights, allRights, 0, out())
	return *(*uint32)(unsafe.Pointer(&answer)), errno
}

// readFD returns what a descriptor holds.
func readFD(fd uint32) (string, uint32) {
	errno := fdRead(fd, iov(uint32(len(buffer))), 1, out())
	if errno != 0 {
		return "", errno
	}
	return string(buffer[:*(*uint32)(unsafe.Pointer(&answer))]), 0
}
