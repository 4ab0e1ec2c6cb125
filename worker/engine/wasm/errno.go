// SPDX-License-Identifier: Apache-2.0

package wasm

// errno is a WASI preview 1 error number.
type errno uint32

const (
	errSuccess     errno = 0
	errBadf        errno = 8
	errExist       errno = 20
	errFault       errno = 21
	errIlseq       errno = 25
	errInval       errno = 28
	errIO          errno = 29
	errIsdir       errno = 31
	errMfile       errno = 33
	errNameTooLong errno = 37
	errNoent       errno = 44
	errNospc       errno = 51
	errNotdir      errno = 54
	errNotempty    errno = 55
	errNotsup      errno = 58
	errOverflow    errno = 61
	errRofs        errno = 69
	errSpipe       errno = 70
	errXdev        errno = 75
	errNotcapable  errno = 76
)

// WASI file types.
const (
	typeUnknown   = 0
	typeDirectory = 3
	typeRegular   = 4
)
