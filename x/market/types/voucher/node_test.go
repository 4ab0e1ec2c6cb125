// SPDX-License-Identifier: Apache-2.0

package voucher_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// nodeScript makes the vectors' signatures and headers with Node alone.
const nodeScript = `
const { createPrivateKey, sign } = require('node:crypto');
const { vouchers, domain } = JSON.parse(require('node:fs').readFileSync('testdata/vectors.json'));
const u64 = (n) => { const b = Buffer.alloc(8); b.writeBigUInt64BE(BigInt(n)); return b; };
const bytes = (b) => Buffer.concat([u64(b.length), b]);
for (const v of vouchers) {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(v.seed, 'hex')]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const signed = Buffer.concat([bytes(Buffer.from(domain)), bytes(Buffer.from(v.chain_id)),
    u64(v.session), u64(v.sequence), u64(v.amount), u64(v.units), bytes(Buffer.from(v.receipts, 'hex'))]);
  const header = 'v1.' + Buffer.concat([signed, sign(null, signed, key)]).toString('base64url');
  if (header !== v.header) { console.error('session', v.session, header); process.exit(1); }
}
console.log(vouchers.length + ' vouchers');
`

// TestVectorsInNode checks that a client needs nothing but its standard library.
func TestVectorsInNode(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		require.NotEqual(t, "1", os.Getenv("CUPEL_REQUIRE_ALL"), "Node is not installed")
		t.Skip("Node is not installed")
	}
	out, err := exec.Command(node, "-e", nodeScript).CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, "3 vouchers\n", string(out))
}
