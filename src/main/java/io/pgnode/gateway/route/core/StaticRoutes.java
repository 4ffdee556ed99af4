package io.pgnode.gateway.route.core;

import io.pgnode.model.HostPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The servers of a service, from a list of members and what their REST APIs answered. */
public final class StaticRoutes {
    private StaticRoutes() {}

    /**
     * One thing to ask a member.
     *
     * @param path with its query
     */
    public record Check(String member, String path) {}

    /**
     * What a check says now.
     *
     * @param condition DOWN as long as nothing was heard
     */
    public record Finding(Condition condition, CheckReport report) {
        static final Finding NOTHING = new Finding(Condition.DOWN, CheckReport.NONE);
    }

    /** Everything that has to be asked for these services. */
    public static List<Check> checks(List<ServiceSpec> specs, List<StaticMember> members) {
        List<Check> result = new ArrayList<>();
        for (ServiceSpec spec : specs) {
            for (StaticMember member : members) {
                for (RoleRule rule : rules(spec)) {
                    Check check = new Check(member.name(), path(rule, spec));
                    if (fits(rule, member.traits()) && !result.contains(check)) {
                        result.add(check);
                    }
                }
            }
        }
        return result;
    }

    private static List<RoleRule> rules(ServiceSpec spec) {
        List<RoleRule> rules = new ArrayList<>();
        rules.add(spec.role());
        rules.addAll(spec.backups());
        return rules;
    }

    /** Whether a member with these traits can ever serve under this rule. */
    private static boolean fits(RoleRule rule, MemberTraits traits) {
        return rule.accepts(traits, true) || rule.accepts(traits, false);
    }

    private static String path(RoleRule rule, ServiceSpec spec) {
        String path =
                switch (rule) {
                    case PRIMARY -> "/primary";
                    case REPLICA, OFFLINE -> "/replica";
                    case READ_ONLY -> "/read-only";
                };
        boolean hasLag = spec.maxLagBytes() >= 0 && rule != RoleRule.PRIMARY;
        return hasLag ? path + "?lag=" + spec.maxLagBytes() : path;
    }

    /** In the order of the members. */
    public static List<ServerView> servers(
            ServiceSpec spec, List<StaticMember> members, Map<Check, Finding> findings) {
        Function<StaticMember, Finding> asPrimary =
                member ->
                        findings.getOrDefault(
                                new Check(member.name(), "/primary"), Finding.NOTHING);
        boolean hasPrimary =
                members.stream().anyMatch(m -> asPrimary.apply(m).condition() == Condition.UP);
        return members.stream().map(member -> server(spec, member, findings, hasPrimary)).toList();
    }

    private static ServerView server(
            ServiceSpec spec,
            StaticMember member,
            Map<Check, Finding> findings,
            boolean hasPrimary) {
        RoleRule best = null;
        Finding finding = Finding.NOTHING;
        for (RoleRule rule : rules(spec)) {
            if (!fits(rule, member.traits())) {
                continue;
            }
            Finding found =
                    findings.getOrDefault(
                            new Check(member.name(), path(rule, spec)), Finding.NOTHING);
            if (rule == RoleRule.PRIMARY && found.condition() == Condition.DOUBTFUL && hasPrimary) {
                // Silence is no news, but there is at most one primary.
                found = new Finding(Condition.DOWN, found.report());
            }
            if (best == null || found.condition().compareTo(finding.condition()) < 0) {
                best = rule;
                finding = found;
            }
        }
        return view(spec, member, best, finding);
    }

    private static ServerView view(
            ServiceSpec spec, StaticMember member, @Nullable RoleRule rule, Finding finding) {
        HostPort address =
                spec.targetPort() == 0
                        ? member.postgres()
                        : new HostPort(member.postgres().host(), spec.targetPort());
        boolean isBackup = rule != null && rule != spec.role();
        CheckReport report = finding.report();
        String why =
                rule == null
                        ? "its tags keep it out"
                        : report.status().isEmpty()
                                ? "not checked yet"
                                : path(rule, spec)
                                        + ": "
                                        + report.status()
                                        + (report.code() == 0 ? "" : "/" + report.code())
                                        + (report.description().isEmpty()
                                                ? ""
                                                : " " + report.description());
        return new ServerView(
                member.name(),
                address,
                member.traits().weight(),
                isBackup,
                finding.condition(),
                why,
                report);
    }
}
