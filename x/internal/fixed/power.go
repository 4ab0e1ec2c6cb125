// SPDX-License-Identifier: Apache-2.0

package fixed

import (
	"math"
	"math/bits"
)

// rootsOfHalf holds 2^-(1/2), 2^-(1/4), 2^-(1/8) and so on, in units of 2^-64,
// rounded down.
var rootsOfHalf = [32]uint64{
	0xb504f333f9de6484, 0xd744fccad69d6af4, 0xeac0c6e7dd24392e, 0xf5257d152486cc2c,
	0xfa83b2db722a033a, 0xfd3e0c0cf486c174, 0xfe9e115c7b8f884b, 0xff4ecb59511ec8a5,
	0xffa756521c8daed1, 0xffd3a751c0f7e10b, 0xffe9d2b2f7db2755, 0xfff4e91bff1b8c3d,
	0xfffa747ea0040664, 0xfffd3a3b7814eb53, 0xfffe9d1cc60ddab1, 0xffff4e8e25879bfa,
	0xffffa7470363f451, 0xffffd3a37dda0313, 0xffffe9d1bdf703ae, 0xfffff4e8debe025e,
	0xfffffa746f4fa150, 0xfffffd3a37a3f8b0, 0xfffffe9d1bd1065a, 0xffffff4e8de845ad,
	0xffffffa746f41376, 0xffffffd3a37a05e3, 0xffffffe9d1bd01fb, 0xfffffff4e8de80c0,
	0xfffffffa746f4050, 0xfffffffd3a37a024, 0xfffffffe9d1bd011, 0xffffffff4e8de808,
}

// powerOfHalf returns 2^-f in units of 2^-64 for f in units of 2^-64: the product
// of the roots that the leading 32 bits of f name.
func powerOfHalf(f uint64) uint64 {
	product := uint64(math.MaxUint64)
	for i, root := range rootsOfHalf {
		if f&(1<<(63-i)) != 0 {
			product, _ = bits.Mul64(product, root)
		}
	}
	return product
}
