// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {CupelMirror} from "../src/CupelMirror.sol";
import {CupelMirrorEvents} from "../src/CupelMirrorEvents.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {Fixture} from "./Fixture.sol";

contract AttestorsTest is Fixture {
    function nextSet() internal view returns (CupelMirror.AttestorSet memory) {
        return makeSet(set.id + 1, START, sortedKeys("next", 3), equalPowers(3));
    }

    function test_HandsOver() public {
        settle("before");
        CupelMirror.AttestorSet memory next = nextSet();
        CupelMirror.Header memory h = setChange(next);
        bytes memory signatures = signBy(h, 0x7);
        vm.expectEmit(true, true, false, true, address(mirror));
        emit CupelMirrorEvents.AttestorsUpdated(2, hashOf(next), 60, next.id, next.time, next.members);
        vm.prank(STRANGER);
        mirror.updateAttestors(h, set, next, signatures);
        require(mirror.nonce() == 2 && mirror.root() == "before" && mirror.setHash() == hashOf(next));
        require(mirror.setTime() == START && mirror.threshold() == 21 && mirror.nonceOf("before") == 1);

        // The old set seals nothing more, the new one does.
        h = checkpoint("after");
        bytes memory old = signBy(h, 0xf);
        submitFails(h, old, abi.encodeWithSelector(CupelMirrorEvents.WrongSet.selector, hashOf(set), hashOf(next)));
        address first = vm.addr(keys[0]);
        keys = sortedKeys("next", 3);
        bytes memory err = abi.encodeWithSelector(CupelMirrorEvents.WrongSignature.selector, 0, vm.addr(keys[0]), first);
        submitFails(h, next, old, err);
        mirror.submitCheckpoint(h, next, signBy(h, 0x7));
    }

    function test_RefusesOwnSignaturesOfNextSet() public {
        CupelMirror.AttestorSet memory next = nextSet();
        CupelMirror.Header memory h = setChange(next);
        address first = vm.addr(keys[0]);
        keys = sortedKeys("next", 3);
        updateFails(
            h,
            next,
            signBy(h, 0x7),
            abi.encodeWithSelector(CupelMirrorEvents.WrongSignature.selector, 0, first, vm.addr(keys[0]))
        );
    }

    function test_RefusesTooFewSignatures() public {
        CupelMirror.AttestorSet memory next = nextSet();
        CupelMirror.Header memory h = setChange(next);
        updateFails(h, next, signBy(h, 0x3), abi.encodeWithSelector(CupelMirrorEvents.NotEnoughPower.selector, 20, 27));
    }

    function test_RefusesWhatIsNoSetChange() public {
        CupelMirror.AttestorSet memory next = nextSet();
        bytes memory err = abi.encodeWithSelector(CupelMirrorEvents.NotSetChange.selector, 1);
        CupelMirror.Header memory h = setChange(next);
        h.leafCount = 1;
        updateFails(h, next, signBy(h, 0xf), err);
        h = setChange(next);
        h.root = "new root";
        updateFails(h, next, signBy(h, 0xf), err);
        h = setChange(next);
        h.root = h.prevRoot = 0;
        updateFails(h, next, signBy(h, 0xf), err);
        h = setChange(set);
        updateFails(h, set, signBy(h, 0xf), err);
        // A set change is no checkpoint either.
        h = setChange(next);
        submitFails(h, signBy(h, 0xf), abi.encodeWithSelector(CupelMirrorEvents.NotCheckpoint.selector, 1));
    }

    function test_RefusesReplayAndOtherLine() public {
        CupelMirror.AttestorSet memory next = nextSet();
        CupelMirror.Header memory h = setChange(next);
        h.nonce = 2;
        updateFails(h, next, signBy(h, 0xf), abi.encodeWithSelector(CupelMirrorEvents.WrongNonce.selector, 2, 1));
        h = setChange(next);
        h.root = h.prevRoot = "fork";
        updateFails(h, next, signBy(h, 0xf), abi.encodeWithSelector(CupelMirrorEvents.WrongPrevRoot.selector, h.root, separator()));
        h = setChange(next);
        bytes memory signatures = signBy(h, 0xf);
        mirror.updateAttestors(h, set, next, signatures);
        updateFails(h, next, signatures, abi.encodeWithSelector(CupelMirrorEvents.WrongNonce.selector, 1, 2));
    }

    function test_RefusesMembersThatWereNotSigned() public {
        CupelMirror.AttestorSet memory next = nextSet();
        CupelMirror.AttestorSet memory other = makeSet(2, START, sortedKeys("thief", 3), equalPowers(3));
        CupelMirror.Header memory h = setChange(next);
        updateFails(
            h,
            other,
            signBy(h, 0xf),
            abi.encodeWithSelector(CupelMirrorEvents.WrongSet.selector, hashOf(other), hashOf(next))
        );
    }

    function test_RefusesIdThatDoesNotFollow() public {
        uint64[3] memory ids = [uint64(1), 3, 0];
        for (uint256 i; i < 3; ++i) {
            CupelMirror.AttestorSet memory next = nextSet();
            next.id = ids[i];
            CupelMirror.Header memory h = setChange(next);
            updateFails(h, next, signBy(h, 0xf), abi.encodeWithSelector(CupelMirrorEvents.WrongSetId.selector, ids[i], 2));
        }
    }

    function test_BoundsTimeOfNextSet() public {
        uint64 max = START + 1 hours;
        CupelMirror.AttestorSet memory next = nextSet();
        next.time = set.time - 1;
        CupelMirror.Header memory h = setChange(next);
        updateFails(
            h,
            next,
            signBy(h, 0xf),
            abi.encodeWithSelector(CupelMirrorEvents.WrongSetTime.selector, next.time, set.time, max)
        );
        next.time = max + 1;
        h = setChange(next);
        updateFails(
            h,
            next,
            signBy(h, 0xf),
            abi.encodeWithSelector(CupelMirrorEvents.WrongSetTime.selector, next.time, set.time, max)
        );
        next.time = max;
        h = setChange(next);
        mirror.updateAttestors(h, set, next, signBy(h, 0xf));
    }

    function test_RefusesStaleSetAndPause() public {
        CupelMirror.AttestorSet memory next = nextSet();
        CupelMirror.Header memory h = setChange(next);
        bytes memory signatures = signBy(h, 0xf);
        vm.prank(GUARDIAN);
        mirror.pause();
        updateFails(h, next, signatures, abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        vm.prank(OWNER);
        mirror.unpause();
        uint256 until = set.time + MAX_AGE;
        vm.warp(until + 1);
        updateFails(h, next, signatures, abi.encodeWithSelector(CupelMirrorEvents.SetStale.selector, set.time, until));
        vm.warp(until);
        mirror.updateAttestors(h, set, next, signatures);
    }

    function test_RefusesSetsThatMustNotSign() public {
        address low = address(0x1000);
        address high = address(0x2000);
        bytes memory good = abi.encodePacked(low, uint64(1), high, uint64(1));
        (, uint64 sealing) = mirror.checkSet(CupelMirror.AttestorSet(1, 1, good));
        require(sealing == 2);

        checkFails(0, 1, good, abi.encodeWithSelector(CupelMirrorEvents.WrongSetId.selector, 0, 1));
        checkFails(1, 0, good, abi.encodeWithSelector(CupelMirrorEvents.WrongSetTime.selector, 0, 1, type(uint64).max));
        checkFails(1, 1, "", abi.encodeWithSelector(CupelMirrorEvents.WrongMembers.selector, 0));
        checkFails(1, 1, new bytes(27), abi.encodeWithSelector(CupelMirrorEvents.WrongMembers.selector, 27));
        checkFails(1, 1, bytes.concat(good, hex"01"), abi.encodeWithSelector(CupelMirrorEvents.WrongMembers.selector, 57));
        checkFails(
            1,
            1,
            abi.encodePacked(address(0), uint64(1), high, uint64(1)),
            abi.encodeWithSelector(CupelMirrorEvents.WrongMember.selector, 0, address(0), 1)
        );
        checkFails(
            1,
            1,
            abi.encodePacked(low, uint64(1), high, uint64(0)),
            abi.encodeWithSelector(CupelMirrorEvents.WrongMember.selector, 1, high, 0)
        );
        checkFails(
            1,
            1,
            abi.encodePacked(high, uint64(1), low, uint64(1)),
            abi.encodeWithSelector(CupelMirrorEvents.WrongMember.selector, 1, low, 1)
        );
        checkFails(
            1,
            1,
            abi.encodePacked(low, uint64(1), low, uint64(1)),
            abi.encodeWithSelector(CupelMirrorEvents.WrongMember.selector, 1, low, 1)
        );
        uint64 half = type(uint64).max >> 1;
        checkFails(
            1,
            1,
            abi.encodePacked(low, half, high, uint64(1)),
            abi.encodeWithSelector(CupelMirrorEvents.WrongTotalPower.selector, uint256(1) << 63)
        );
        (, sealing) = mirror.checkSet(CupelMirror.AttestorSet(1, 1, abi.encodePacked(low, half - 1, high, uint64(1))));
        require(sealing == (2 * uint256(half)) / 3 + 1);
    }

    function test_BoundsNumberOfMembers() public {
        bytes memory members;
        for (uint160 i = 1; i <= 200; ++i) members = abi.encodePacked(members, address(i), uint64(1));
        mirror.checkSet(CupelMirror.AttestorSet(1, 1, members));
        members = abi.encodePacked(members, address(201), uint64(1));
        checkFails(1, 1, members, abi.encodeWithSelector(CupelMirrorEvents.WrongMembers.selector, 201 * 28));
    }

    function checkFails(uint64 id, uint64 time, bytes memory members, bytes memory err) internal {
        vm.expectRevert(err);
        mirror.checkSet(CupelMirror.AttestorSet(id, time, members));
    }

    /// @dev A set is accepted if and only if its members ascend, none is zero and the sum fits.
    function testFuzz_CheckSet(uint8[5] memory addresses, uint64[5] memory powers, uint8 count) public view {
        uint256 n = count % 6;
        bytes memory members;
        bool valid = n > 0;
        uint256 total;
        for (uint256 i; i < n; ++i) {
            members = abi.encodePacked(members, address(uint160(addresses[i])), powers[i]);
            total += powers[i];
            valid = valid && addresses[i] != 0 && powers[i] != 0 && (i == 0 || addresses[i] > addresses[i - 1]);
        }
        valid = valid && total < 1 << 63;
        try mirror.checkSet(CupelMirror.AttestorSet(1, 1, members)) returns (bytes32 hash, uint64 sealing) {
            require(valid, "an invalid set was accepted");
            require(hash == hashOf(CupelMirror.AttestorSet(1, 1, members)));
            require(3 * uint256(sealing) > 2 * total && 3 * (uint256(sealing) - 1) <= 2 * total && sealing <= total);
        } catch {
            require(!valid, "a valid set was refused");
        }
    }
}
