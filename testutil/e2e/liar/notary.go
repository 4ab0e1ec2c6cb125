// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"

	sevtrust "github.com/google/go-sev-guest/verify/trust"

	"github.com/cupel-network/cupel/worker/judge"
)

// rootsName is the file of the certificates of a machine's maker: the root (ARK)
// and the signing certificate (ASK) of AMD's Milan, as PEM.
const rootsName = "roots.pem"

func readRoots(path string) (judge.Roots, error) {
	rest, err := os.ReadFile(path)
	if err != nil {
		return judge.Roots{}, err
	}
	var certs []*x509.Certificate
	for block, left := pem.Decode(rest); block != nil; block, left = pem.Decode(left) {
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return judge.Roots{}, err
		}
		certs = append(certs, cert)
	}
	if len(certs) != 2 {
		return judge.Roots{}, fmt.Errorf("%s has %d certificates, want the root and the signing one", path, len(certs))
	}
	root := sevtrust.AMDRootCertsProduct("Milan")
	root.ProductCerts = &sevtrust.ProductCerts{Ark: certs[0], Ask: certs[1]}
	return judge.Roots{SEV: map[string][]*sevtrust.AMDRootCerts{"Milan": {root}}}, nil
}
