// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {CupelMirror} from "../src/CupelMirror.sol";
import {CupelMirrorEvents} from "../src/CupelMirrorEvents.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {Fixture} from "./Fixture.sol";

contract SubmitTest is Fixture {
    bytes32 internal constant ROOT = keccak256("root");

    function test_RecordsCheckpoint() public {
        CupelMirror.Header memory h = checkpoint(ROOT);
        bytes memory signatures = signBy(h, 0x7);
        vm.expectEmit(true, true, false, true, address(mirror));
        emit CupelMirrorEvents.CheckpointSubmitted(1, ROOT, 60, 1);
        vm.prank(STRANGER);
        mirror.submitCheckpoint(h, set, signatures);
        require(mirror.nonce() == 1 && mirror.root() == ROOT && mirror.nonceOf(ROOT) == 1);
        require(mirror.setHash() == hashOf(set) && mirror.threshold() == 27);
    }

    function test_RecordsOnceEachAndInOrder() public {
        settle(ROOT);
        settle("second");
        CupelMirror.Header memory h = checkpoint("third");
        bytes memory signatures = signBy(h, 0xf);
        mirror.submitCheckpoint(h, set, signatures);
        submitFails(h, signatures, abi.encodeWithSelector(CupelMirrorEvents.WrongNonce.selector, 3, 4));
    }

    function test_RefusesReplayedAndSkippedNonce() public {
        CupelMirror.Header memory first = checkpoint(ROOT);
        bytes memory signatures = signBy(first, 0x7);
        mirror.submitCheckpoint(first, set, signatures);
        first.root = "another for nonce 1";
        submitFails(first, signBy(first, 0x7), abi.encodeWithSelector(CupelMirrorEvents.WrongNonce.selector, 1, 2));
        CupelMirror.Header memory h = checkpoint("later");
        h.nonce = 3;
        submitFails(h, signBy(h, 0x7), abi.encodeWithSelector(CupelMirrorEvents.WrongNonce.selector, 3, 2));
        h.nonce = 0;
        submitFails(h, signBy(h, 0x7), abi.encodeWithSelector(CupelMirrorEvents.WrongNonce.selector, 0, 2));
    }

    function test_RefusesOtherLine() public {
        CupelMirror.Header memory h = checkpoint(ROOT);
        h.prevRoot = "fork";
        submitFails(h, signBy(h, 0xf), abi.encodeWithSelector(CupelMirrorEvents.WrongPrevRoot.selector, h.prevRoot, mirror.root()));
    }

    function test_RefusesRootOfEarlierCheckpoint() public {
        settle(ROOT);
        settle("second");
        CupelMirror.Header memory h = checkpoint(ROOT);
        submitFails(h, signBy(h, 0xf), abi.encodeWithSelector(CupelMirrorEvents.RootReused.selector, ROOT, 1));
    }

    function test_RefusesWhatIsNoCheckpoint() public {
        bytes memory err = abi.encodeWithSelector(CupelMirrorEvents.NotCheckpoint.selector, 1);
        CupelMirror.Header memory h = checkpoint(0);
        submitFails(h, signBy(h, 0xf), err);
        h = checkpoint(mirror.root());
        submitFails(h, signBy(h, 0xf), err);
        h = checkpoint(ROOT);
        h.leafCount = 0;
        submitFails(h, signBy(h, 0xf), err);
        h.leafCount = 16_385;
        submitFails(h, signBy(h, 0xf), err);
        h = checkpoint(ROOT);
        h.nextSet = "another set";
        submitFails(h, signBy(h, 0xf), err);
        h = checkpoint(ROOT);
        h.height = 0;
        submitFails(h, signBy(h, 0xf), abi.encodeWithSelector(CupelMirrorEvents.ZeroHeight.selector, 1));
        h = checkpoint(ROOT);
        h.leafCount = 16_384;
        mirror.submitCheckpoint(h, set, signBy(h, 0xf));
    }

    function test_RefusesTwoThirds() public {
        // Exactly two thirds of the power, then one unit more.
        uint256[] memory three = sortedKeys("three", 3);
        uint64[] memory powers = new uint64[](3);
        (powers[0], powers[1], powers[2]) = (100, 100, 100);
        set = makeSet(1, START, three, powers);
        keys = three;
        mirror = deploy(set);
        CupelMirror.Header memory h = checkpoint(ROOT);
        submitFails(h, signBy(h, 0x3), abi.encodeWithSelector(CupelMirrorEvents.NotEnoughPower.selector, 200, 201));
        powers[0] = 101;
        powers[2] = 99;
        set = makeSet(1, START, three, powers);
        mirror = deploy(set);
        h = checkpoint(ROOT);
        submitFails(h, signBy(h, 0x6), abi.encodeWithSelector(CupelMirrorEvents.NotEnoughPower.selector, 199, 201));
        mirror.submitCheckpoint(h, set, signBy(h, 0x3));
    }

    function test_RefusesNoSignature() public {
        CupelMirror.Header memory h = checkpoint(ROOT);
        submitFails(h, "", abi.encodeWithSelector(CupelMirrorEvents.NotEnoughPower.selector, 0, 27));
    }

    function test_RefusesForgedSignature() public {
        CupelMirror.Header memory h = checkpoint(ROOT);
        bytes32 digest = mirror.digest(h);
        uint256 thief = uint256(keccak256("thief"));
        bytes memory signatures = bytes.concat(signBy(h, 0x7), signature(3, thief, digest));
        submitFails(
            h,
            signatures,
            abi.encodeWithSelector(CupelMirrorEvents.WrongSignature.selector, 3, vm.addr(keys[3]), vm.addr(thief))
        );
        // A signature that recovers nobody.
        signatures = bytes.concat(signBy(h, 0x7), abi.encodePacked(uint8(3), bytes32(0), bytes32(0), uint8(27)));
        submitFails(h, signatures, abi.encodeWithSelector(CupelMirrorEvents.WrongSignature.selector, 3, vm.addr(keys[3]), address(0)));
    }

    function test_RefusesSignatureOfOtherChain() public {
        CupelMirror.Header memory h = checkpoint(ROOT);
        CupelMirror other = mirror;
        bytes32 otherRoot = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,bytes32 salt)"),
                keccak256("Cupel"),
                keccak256("1"),
                keccak256("cupel-2")
            )
        );
        mirror = new CupelMirror(keccak256("cupel-2"), 0, otherRoot, set, MAX_AGE, OWNER_DELAY, OWNER, GUARDIAN);
        bytes memory signatures = signBy(h, 0x1);
        require(mirror.digest(h) != other.digest(h));
        mirror = other;
        bytes32 digest = other.digest(h);
        require(keccak256(signatures) != keccak256(signature(0, keys[0], digest)));
        vm.expectRevert(
            abi.encodeWithSelector(CupelMirrorEvents.WrongSignature.selector, 0, vm.addr(keys[0]), recovered(digest, signatures))
        );
        mirror.submitCheckpoint(h, set, signatures);
    }

    function recovered(bytes32 digest, bytes memory signatures) internal pure returns (address) {
        bytes32 r;
        bytes32 s;
        assembly ("memory-safe") {
            r := mload(add(signatures, 33))
            s := mload(add(signatures, 65))
        }
        return ecrecover(digest, uint8(signatures[65]), r, s);
    }

    function test_RefusesDuplicateAndDisorder() public {
        CupelMirror.Header memory h = checkpoint(ROOT);
        bytes memory two = signBy(h, 0x3);
        submitFails(
            h,
            bytes.concat(two, signBy(h, 0x2)),
            abi.encodeWithSelector(CupelMirrorEvents.WrongSignerOrder.selector, 1, 2, 4)
        );
        submitFails(
            h,
            bytes.concat(signBy(h, 0x6), signBy(h, 0x1)),
            abi.encodeWithSelector(CupelMirrorEvents.WrongSignerOrder.selector, 0, 3, 4)
        );
        submitFails(
            h,
            bytes.concat(two, signature(4, keys[3], mirror.digest(h))),
            abi.encodeWithSelector(CupelMirrorEvents.WrongSignerOrder.selector, 4, 2, 4)
        );
    }

    function test_RefusesDuplicateBehindAnotherIndex() public {
        CupelMirror.Header memory h = checkpoint(ROOT);
        bytes memory signatures = bytes.concat(signBy(h, 0x3), signature(2, keys[1], mirror.digest(h)));
        submitFails(
            h,
            signatures,
            abi.encodeWithSelector(CupelMirrorEvents.WrongSignature.selector, 2, vm.addr(keys[2]), vm.addr(keys[1]))
        );
    }

    function test_RefusesHighS() public {
        CupelMirror.Header memory h = checkpoint(ROOT);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[0], mirror.digest(h));
        bytes memory high = abi.encodePacked(uint8(0), r, bytes32(ORDER - uint256(s)), uint8(55 - v));
        // The twin is a right signature for ecrecover.
        require(ecrecover(mirror.digest(h), 55 - v, r, bytes32(ORDER - uint256(s))) == vm.addr(keys[0]));
        submitFails(
            h,
            bytes.concat(high, signBy(h, 0x6)),
            abi.encodeWithSelector(CupelMirrorEvents.WrongSignature.selector, 0, vm.addr(keys[0]), address(0))
        );
    }

    function test_RefusesSignaturesOfOtherLength() public {
        CupelMirror.Header memory h = checkpoint(ROOT);
        bytes memory signatures = signBy(h, 0x7);
        submitFails(
            h,
            bytes.concat(signatures, hex"00"),
            abi.encodeWithSelector(CupelMirrorEvents.WrongSignaturesLength.selector, 199)
        );
        assembly ("memory-safe") {
            mstore(signatures, 197)
        }
        submitFails(h, signatures, abi.encodeWithSelector(CupelMirrorEvents.WrongSignaturesLength.selector, 197));
    }

    function test_RefusesAnotherSet() public {
        CupelMirror.Header memory h = checkpoint(ROOT);
        bytes memory signatures = signBy(h, 0xf);
        CupelMirror.AttestorSet memory other = set;
        other.id = 2;
        submitFails(h, other, signatures, abi.encodeWithSelector(CupelMirrorEvents.WrongSet.selector, hashOf(other), hashOf(set)));
        // The right signers under a header of another set.
        h.set = h.nextSet = "other";
        submitFails(h, signBy(h, 0xf), abi.encodeWithSelector(CupelMirrorEvents.WrongSet.selector, h.set, hashOf(set)));
        // A set of the thief's own, named by the header.
        uint256[] memory own = sortedKeys("thief", 1);
        keys = own;
        other = makeSet(1, START, own, equalPowers(1));
        h.set = h.nextSet = hashOf(other);
        submitFails(h, other, signBy(h, 1), abi.encodeWithSelector(CupelMirrorEvents.WrongSet.selector, hashOf(other), hashOf(set)));
        h.set = h.nextSet = hashOf(set);
        submitFails(h, other, signBy(h, 1), abi.encodeWithSelector(CupelMirrorEvents.WrongSet.selector, hashOf(other), hashOf(set)));
    }

    function test_RefusesStaleSet() public {
        CupelMirror.Header memory h = checkpoint(ROOT);
        bytes memory signatures = signBy(h, 0xf);
        uint256 until = set.time + MAX_AGE;
        vm.warp(until + 1);
        submitFails(h, signatures, abi.encodeWithSelector(CupelMirrorEvents.SetStale.selector, set.time, until));
        vm.warp(until);
        mirror.submitCheckpoint(h, set, signatures);
    }

    function test_RefusesWhilePaused() public {
        CupelMirror.Header memory h = checkpoint(ROOT);
        bytes memory signatures = signBy(h, 0xf);
        vm.prank(GUARDIAN);
        mirror.pause();
        submitFails(h, signatures, abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        vm.prank(OWNER);
        mirror.unpause();
        mirror.submitCheckpoint(h, set, signatures);
    }

    /// @dev A header is sealed if and only if its signers have more than two thirds of the power.
    function testFuzz_Quorum(uint64[4] memory powers, uint256 signers) public {
        uint64[] memory p = new uint64[](4);
        uint256 total;
        uint256 power;
        for (uint256 i; i < 4; ++i) {
            p[i] = uint64(powers[i] % (type(uint64).max >> 3)) + 1;
            total += p[i];
            if (signers & (1 << i) != 0) power += p[i];
        }
        set = makeSet(1, START, keys, p);
        mirror = deploy(set);
        CupelMirror.Header memory h = checkpoint(ROOT);
        bytes memory signatures = signBy(h, signers & 0xf);
        bool sealed_ = 3 * power > 2 * total;
        if (!sealed_) vm.expectRevert(abi.encodeWithSelector(CupelMirrorEvents.NotEnoughPower.selector, power, 2 * total / 3 + 1));
        mirror.submitCheckpoint(h, set, signatures);
        require(mirror.nonce() == (sealed_ ? 1 : 0));
    }

    /// @dev No bit of a sealed header, of its signatures or of its set can be changed.
    function testFuzz_OneBit(uint256 at, uint8 bit) public {
        CupelMirror.Header memory h = checkpoint(ROOT);
        bytes memory call = abi.encodeCall(mirror.submitCheckpoint, (h, set, signBy(h, 0xf)));
        // Only bytes that carry data: the padding of `bytes` has no meaning to the ABI.
        at = 4 + at % (call.length - 4);
        bytes memory changed = bytes.concat(call);
        changed[at] = bytes1(uint8(changed[at]) ^ uint8(1 << (bit % 8)));
        (bool ok, ) = address(mirror).call(changed);
        if (ok) require(equivalent(call, changed), "a changed call was accepted");
        else require(mirror.nonce() == 0);
    }

    /// @dev Whether two calls decode to the same arguments.
    function equivalent(bytes memory a, bytes memory b) internal view returns (bool) {
        return keccak256(this.canonical(a)) == keccak256(this.canonical(b));
    }

    function canonical(bytes calldata call) external pure returns (bytes memory) {
        (CupelMirror.Header memory h, CupelMirror.AttestorSet memory s, bytes memory signatures) = abi.decode(
            call[4:],
            (CupelMirror.Header, CupelMirror.AttestorSet, bytes)
        );
        return abi.encode(h, s, signatures);
    }
}
