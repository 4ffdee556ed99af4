package io.pgnode.cli;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.model.MemberName;
import java.util.stream.Collectors;

/** Members by the names that operators type. */
final class Names {
    private Names() {}

    /**
     * @throws CliException wrong usage, when there is no such member
     */
    static Member member(ClusterView view, String name) {
        Member member = MemberName.isValid(name) ? view.members().get(new MemberName(name)) : null;
        if (member == null) {
            throw new CliException(
                    ExitCode.USAGE,
                    "\"" + name + "\" is not a member of the cluster",
                    "members are " + all(view));
        }
        return member;
    }

    private static String all(ClusterView view) {
        return view.members().keySet().stream()
                .map(MemberName::value)
                .collect(Collectors.joining(", "));
    }
}
