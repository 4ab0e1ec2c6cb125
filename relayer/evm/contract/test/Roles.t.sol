// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

import {CupelMirror} from "../src/CupelMirror.sol";
import {CupelMirrorEvents} from "../src/CupelMirrorEvents.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IAccessControlDefaultAdminRules as IRules} from "@openzeppelin/contracts/access/extensions/IAccessControlDefaultAdminRules.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {Fixture} from "./Fixture.sol";

contract RolesTest is Fixture {
    uint64 internal constant DELAY = 7 days;

    function unauthorized(address who) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, who, bytes32(0));
    }

    function deployFails(bytes memory err, bytes32 salt, uint64 nonce, bytes32 root, uint64 age, uint48 delay) internal {
        vm.expectRevert(err);
        new CupelMirror(salt, nonce, root, set, age, delay, OWNER, GUARDIAN);
    }

    function test_DeploysWithConfigThatIsNotZero() public {
        require(mirror.salt() == SALT && mirror.domainSeparator() == separator() && mirror.maxSetAge() == MAX_AGE);
        require(mirror.owner() == OWNER && mirror.guardian() == GUARDIAN && mirror.defaultAdminDelay() == OWNER_DELAY);
        require(mirror.nonce() == 0 && mirror.root() == separator() && mirror.setHash() == hashOf(set));
        require(mirror.setTime() == set.time && mirror.threshold() == 27 && !mirror.paused());
        (uint64 nonce, bytes32 root, bytes32 hash, uint64 time, uint64 sealing, bool paused) = mirror.state();
        require(nonce == 0 && root == separator() && hash == hashOf(set) && time == set.time && sealing == 27 && !paused);

        bytes32 r = separator();
        deployFails(abi.encodeWithSelector(CupelMirrorEvents.ZeroConfig.selector, "salt"), 0, 0, r, MAX_AGE, OWNER_DELAY);
        deployFails(abi.encodeWithSelector(CupelMirrorEvents.ZeroConfig.selector, "maxSetAge"), SALT, 0, r, 0, OWNER_DELAY);
        deployFails(abi.encodeWithSelector(CupelMirrorEvents.ZeroConfig.selector, "ownerDelay"), SALT, 0, r, MAX_AGE, 0);
        deployFails(abi.encodeWithSelector(CupelMirrorEvents.WrongAnchor.selector, 0, 0), SALT, 0, 0, MAX_AGE, OWNER_DELAY);
        deployFails(abi.encodeWithSelector(CupelMirrorEvents.WrongAnchor.selector, 5, 0), SALT, 5, 0, MAX_AGE, OWNER_DELAY);
        deployFails(
            abi.encodeWithSelector(CupelMirrorEvents.WrongAnchor.selector, 0, bytes32("root")), SALT, 0, "root", MAX_AGE, OWNER_DELAY
        );
    }

    function test_DeploysWithTwoAccounts() public {
        vm.expectRevert(abi.encodeWithSelector(CupelMirrorEvents.ZeroConfig.selector, "guardian"));
        new CupelMirror(SALT, 0, separator(), set, MAX_AGE, OWNER_DELAY, OWNER, address(0));
        vm.expectRevert(abi.encodeWithSelector(CupelMirrorEvents.GuardianIsOwner.selector, OWNER));
        new CupelMirror(SALT, 0, separator(), set, MAX_AGE, OWNER_DELAY, OWNER, OWNER);
        vm.expectRevert(abi.encodeWithSelector(IRules.AccessControlInvalidDefaultAdmin.selector, address(0)));
        new CupelMirror(SALT, 0, separator(), set, MAX_AGE, OWNER_DELAY, address(0), GUARDIAN);
    }

    function test_DeploysWithSetThatMaySign() public {
        CupelMirror.AttestorSet memory bad = set;
        bad.members = "";
        vm.expectRevert(abi.encodeWithSelector(CupelMirrorEvents.WrongMembers.selector, 0));
        deploy(bad);
        bad = set;
        bad.time = START - MAX_AGE - 1;
        vm.expectRevert(abi.encodeWithSelector(CupelMirrorEvents.SetStale.selector, bad.time, START - 1));
        deploy(bad);
        bad.time = START + 1 hours + 1;
        vm.expectRevert(abi.encodeWithSelector(CupelMirrorEvents.WrongSetTime.selector, bad.time, 0, START + 1 hours));
        deploy(bad);
    }

    function test_StartsFromLaterAnchor() public {
        mirror = new CupelMirror(SALT, 41, "root of 41", set, MAX_AGE, OWNER_DELAY, OWNER, GUARDIAN);
        require(mirror.nonceOf("root of 41") == 0, "the anchor settles nothing");
        CupelMirror.Header memory h = checkpoint("root of 42");
        require(h.nonce == 42 && h.prevRoot == "root of 41");
        mirror.submitCheckpoint(h, set, signBy(h, 0x7));
        require(mirror.nonceOf("root of 42") == 42);
    }

    function test_OnlyGuardianPausesOnlyOwnerUnpauses() public {
        vm.expectRevert(abi.encodeWithSelector(CupelMirrorEvents.NotGuardian.selector, OWNER));
        vm.prank(OWNER);
        mirror.pause();
        vm.expectRevert(abi.encodeWithSelector(CupelMirrorEvents.NotGuardian.selector, STRANGER));
        vm.prank(STRANGER);
        mirror.pause();
        vm.prank(GUARDIAN);
        mirror.pause();
        vm.expectRevert(unauthorized(GUARDIAN));
        vm.prank(GUARDIAN);
        mirror.unpause();
        vm.prank(OWNER);
        mirror.unpause();
        require(!mirror.paused());
    }

    function test_GuardianCanDoNothingElse() public {
        vm.warp(set.time + MAX_AGE + 1);
        CupelMirror.AttestorSet memory next = nextSet();
        address[2] memory others = [GUARDIAN, STRANGER];
        for (uint256 i; i < 2; ++i) {
            address who = others[i];
            bytes memory err = unauthorized(who);
            refused(who, err, abi.encodeCall(mirror.proposeAttestors, (next, 9, "root")));
            refused(who, err, abi.encodeCall(mirror.installAttestors, (next, 9, "root")));
            refused(who, err, abi.encodeCall(mirror.grantRole, (keccak256("any"), who)));
            refused(who, err, abi.encodeCall(mirror.beginDefaultAdminTransfer, (who)));
            refused(who, err, abi.encodeCall(mirror.changeDefaultAdminDelay, (1)));
            refused(who, err, abi.encodeCall(mirror.unpause, ()));
        }
        refused(STRANGER, unauthorized(STRANGER), abi.encodeCall(mirror.cancelProposal, ()));
    }

    function refused(address who, bytes memory err, bytes memory call) internal {
        vm.prank(who);
        (bool ok, bytes memory data) = address(mirror).call(call);
        require(!ok && keccak256(data) == keccak256(err), "a stranger was let in");
    }

    function test_OwnerChangesInTwoStepsAfterDelay() public {
        vm.prank(OWNER);
        mirror.beginDefaultAdminTransfer(STRANGER);
        vm.warp(START + OWNER_DELAY);
        vm.expectRevert(abi.encodeWithSelector(IRules.AccessControlEnforcedDefaultAdminDelay.selector, START + OWNER_DELAY));
        vm.prank(STRANGER);
        mirror.acceptDefaultAdminTransfer();
        vm.warp(START + OWNER_DELAY + 1);
        vm.expectRevert(abi.encodeWithSelector(IRules.AccessControlInvalidDefaultAdmin.selector, GUARDIAN));
        vm.prank(GUARDIAN);
        mirror.acceptDefaultAdminTransfer();
        require(mirror.owner() == OWNER);
        vm.prank(STRANGER);
        mirror.acceptDefaultAdminTransfer();
        require(mirror.owner() == STRANGER);
        vm.expectRevert(unauthorized(OWNER));
        vm.prank(OWNER);
        mirror.beginDefaultAdminTransfer(OWNER);
    }

    function test_OwnerCannotWeakenTheChecks() public {
        vm.expectRevert(abi.encodeWithSelector(CupelMirrorEvents.GuardianIsOwner.selector, GUARDIAN));
        vm.prank(OWNER);
        mirror.beginDefaultAdminTransfer(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(CupelMirrorEvents.ZeroConfig.selector, "ownerDelay"));
        vm.prank(OWNER);
        mirror.changeDefaultAdminDelay(0);
        vm.expectRevert(abi.encodeWithSelector(IRules.AccessControlEnforcedDefaultAdminRules.selector));
        vm.prank(OWNER);
        mirror.grantRole(0, STRANGER);
    }

    function nextSet() internal view returns (CupelMirror.AttestorSet memory) {
        return makeSet(7, uint64(block.timestamp), sortedKeys("next", 3), equalPowers(3));
    }

    /// @dev Makes the set stale and proposes another, which stays fresh until it can be installed.
    function propose() internal returns (CupelMirror.AttestorSet memory next, uint64 eta) {
        vm.warp(set.time + MAX_AGE + 1);
        next = nextSet();
        eta = uint64(block.timestamp) + DELAY;
        vm.expectEmit(true, true, true, true, address(mirror));
        emit CupelMirrorEvents.AttestorsProposed(9, "root of 9", hashOf(next), eta);
        vm.prank(OWNER);
        mirror.proposeAttestors(next, 9, "root of 9");
    }

    function installFails(CupelMirror.AttestorSet memory next, uint64 nonce, bytes32 root, bytes memory err) internal {
        vm.expectRevert(err);
        vm.prank(OWNER);
        mirror.installAttestors(next, nonce, root);
        require(mirror.setHash() == hashOf(set) && mirror.nonce() == 0, "a refused set was installed");
    }

    function test_ProposesOnlyWhileStale() public {
        CupelMirror.AttestorSet memory next = nextSet();
        uint256 until = set.time + MAX_AGE;
        bytes memory err = abi.encodeWithSelector(CupelMirrorEvents.SetNotStale.selector, set.time, until);
        vm.warp(until);
        vm.expectRevert(err);
        vm.prank(OWNER);
        mirror.proposeAttestors(next, 9, "root of 9");
        installFails(next, 9, "root of 9", err);
        vm.warp(until + 1);
        vm.prank(OWNER);
        mirror.proposeAttestors(next, 9, "root of 9");
    }

    function test_InstallsAfterDelay() public {
        (CupelMirror.AttestorSet memory next, uint64 eta) = propose();
        vm.warp(eta - 1);
        installFails(next, 9, "root of 9", abi.encodeWithSelector(CupelMirrorEvents.TooEarly.selector, eta));
        vm.warp(eta);
        vm.prank(OWNER);
        mirror.installAttestors(next, 9, "root of 9");
        require(mirror.setHash() == hashOf(next) && mirror.nonce() == 9 && mirror.root() == "root of 9");
        require(mirror.threshold() == 21 && mirror.setTime() == next.time && mirror.nonceOf("root of 9") == 0);

        // It is spent, and the set is fresh again.
        (, , , uint64 pending) = mirror.proposal();
        require(pending == 0);
        uint256 until = next.time + MAX_AGE;
        bytes memory err = abi.encodeWithSelector(CupelMirrorEvents.SetNotStale.selector, next.time, until);
        vm.expectRevert(err);
        vm.prank(OWNER);
        mirror.installAttestors(next, 9, "root of 9");
        vm.warp(until + 1);
        CupelMirror.AttestorSet memory again = nextSet();
        vm.expectRevert(abi.encodeWithSelector(CupelMirrorEvents.NotProposed.selector, 9, bytes32("root of 9"), hashOf(again)));
        vm.prank(OWNER);
        mirror.installAttestors(again, 9, "root of 9");

        // The line goes on with the installed set.
        vm.warp(eta);
        keys = sortedKeys("next", 3);
        CupelMirror.Header memory h = checkpoint("root of 10");
        mirror.submitCheckpoint(h, next, signBy(h, 0x7));
        require(mirror.nonceOf("root of 10") == 10);
    }

    function test_InstallsWhatWasProposedAndNothingElse() public {
        (CupelMirror.AttestorSet memory next, uint64 eta) = propose();
        vm.warp(eta);
        bytes32 root = "root of 9";
        installFails(next, 8, root, abi.encodeWithSelector(CupelMirrorEvents.NotProposed.selector, 8, root, hashOf(next)));
        root = "other";
        installFails(next, 9, root, abi.encodeWithSelector(CupelMirrorEvents.NotProposed.selector, 9, root, hashOf(next)));
        CupelMirror.AttestorSet memory other = nextSet();
        installFails(other, 9, "root of 9", notProposed(9, "root of 9", other));
        vm.warp(next.time + MAX_AGE + 1);
        installFails(
            next,
            9,
            "root of 9",
            abi.encodeWithSelector(CupelMirrorEvents.SetStale.selector, next.time, next.time + MAX_AGE)
        );
    }

    function notProposed(uint64 nonce, bytes32 root, CupelMirror.AttestorSet memory s) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(CupelMirrorEvents.NotProposed.selector, nonce, root, hashOf(s));
    }

    function test_GuardianAndOwnerCancel() public {
        address[2] memory who = [GUARDIAN, OWNER];
        for (uint256 i; i < 2; ++i) {
            (CupelMirror.AttestorSet memory next, uint64 eta) = propose();
            vm.expectRevert(abi.encodeWithSelector(CupelMirrorEvents.ProposalPending.selector, hashOf(next), eta));
            vm.prank(OWNER);
            mirror.proposeAttestors(next, 9, "root of 9");
            vm.expectEmit(true, true, false, true, address(mirror));
            emit CupelMirrorEvents.ProposalCancelled(hashOf(next), who[i]);
            vm.prank(who[i]);
            mirror.cancelProposal();
            vm.warp(eta);
            installFails(next, 9, "root of 9", notProposed(9, "root of 9", next));
            vm.expectRevert(abi.encodeWithSelector(CupelMirrorEvents.NotProposed.selector, 0, 0, 0));
            vm.prank(who[i]);
            mirror.cancelProposal();
        }
    }

    function test_RefusesProposalsBehindOrBesideTheLine() public {
        settle("root of 1");
        vm.warp(set.time + MAX_AGE + 1);
        CupelMirror.AttestorSet memory next = nextSet();
        proposeFails(next, 0, separator(), abi.encodeWithSelector(CupelMirrorEvents.WrongAnchor.selector, 0, separator()));
        proposeFails(next, 1, "other", abi.encodeWithSelector(CupelMirrorEvents.WrongAnchor.selector, 1, bytes32("other")));
        proposeFails(next, 2, 0, abi.encodeWithSelector(CupelMirrorEvents.WrongAnchor.selector, 2, 0));
        next.time = set.time - 1;
        proposeFails(
            next,
            1,
            "root of 1",
            abi.encodeWithSelector(CupelMirrorEvents.WrongSetTime.selector, next.time, set.time, block.timestamp + 1 hours)
        );
        next = nextSet();
        next.members = abi.encodePacked(address(1), uint64(0));
        proposeFails(next, 1, "root of 1", abi.encodeWithSelector(CupelMirrorEvents.WrongMember.selector, 0, address(1), 0));
        next = nextSet();
        vm.prank(OWNER);
        mirror.proposeAttestors(next, 1, "root of 1");
    }

    function proposeFails(CupelMirror.AttestorSet memory next, uint64 nonce, bytes32 root, bytes memory err) internal {
        vm.expectRevert(err);
        vm.prank(OWNER);
        mirror.proposeAttestors(next, nonce, root);
    }

    function test_PauseStopsInstallButNotCancel() public {
        (CupelMirror.AttestorSet memory next, uint64 eta) = propose();
        vm.prank(GUARDIAN);
        mirror.pause();
        vm.warp(eta);
        installFails(next, 9, "root of 9", abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        vm.prank(GUARDIAN);
        mirror.cancelProposal();
        (, , , uint64 pending) = mirror.proposal();
        require(pending == 0);
    }
}
