// SPDX-License-Identifier: Apache-2.0

// Command proof computes the witness of a number whose square is the statement:
// it writes its cube, which is the result, and the number itself, which only the
// prover sees. Standard input is the statement and then the number, 32 bytes
// each, big endian.
package main

import (
	"fmt"
	"io"
	"math/big"
	"os"
)

// order is that of BN254.
const order = "21888242871839275222246405745257275088548364400416034343698204186575808495617"

const size = 32

func main() {
	in, err := io.ReadAll(io.LimitReader(os.Stdin, 3*size))
	if err == nil {
		var out []byte
		if out, err = witness(in); err == nil {
			_, err = os.Stdout.Write(out)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "proof:", err)
		os.Exit(1)
	}
}

func witness(in []byte) ([]byte, error) {
	if len(in) != 2*size {
		return nil, fmt.Errorf("standard input has %d bytes, must be a statement and a number of %d each", len(in), size)
	}
	modulus, _ := new(big.Int).SetString(order, 10)
	number := new(big.Int).SetBytes(in[size:])
	if number.Cmp(modulus) >= 0 {
		return nil, fmt.Errorf("the number is not below the order")
	}
	cube := new(big.Int).Exp(number, big.NewInt(3), modulus)
	return append(cube.FillBytes(make([]byte, size)), number.FillBytes(make([]byte, size))...), nil
}
