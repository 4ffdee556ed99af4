package io.pgnode.cli;

import io.pgnode.cli.view.MemberRoles;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Members to act on: named ones or all, then those with a role. */
final class MemberSelection {
    /** What {@code -r} chooses. */
    enum Role {
        leader,
        primary,
        replica,
        standby,
        any;

        boolean fits(ClusterView view, Member member) {
            return switch (this) {
                case leader -> view.isLeader(member.name());
                case primary -> member.role() == MemberRole.PRIMARY;
                case replica, standby -> !view.isLeader(member.name());
                case any -> true;
            };
        }
    }

    @Parameters(
            paramLabel = "MEMBER",
            arity = "0..*",
            description = "Names of members (default: all).")
    List<String> names = List.of();

    @Option(
            names = {"-r", "--role"},
            paramLabel = "ROLE",
            defaultValue = "any",
            description = "Only members with this role: ${COMPLETION-CANDIDATES}.")
    Role role = Role.any;

    /**
     * Standbys first, the leader last: so a rolling restart moves over the cluster in the order
     * that interrupts least.
     *
     * @throws CliException when nobody is left
     */
    List<Member> select(ClusterView view) {
        List<Member> members = new ArrayList<>();
        if (names.isEmpty()) {
            members.addAll(view.members().values());
        } else {
            names.forEach(name -> members.add(Names.member(view, name)));
        }
        members.removeIf(member -> !role.fits(view, member));
        members.sort(
                Comparator.comparing((Member m) -> MemberRoles.of(view, m).isLeader())
                        .thenComparing(Member::name));
        if (members.isEmpty()) {
            throw new CliException(
                    ExitCode.REFUSED, "no member of the cluster has the role " + role, "");
        }
        return members;
    }
}
