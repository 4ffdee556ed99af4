package io.pgnode.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Lease arithmetic, watchdog, tags against the role, callbacks. */
final class HaCheck {
    private static final List<String> FLAGS =
            List.of("nofailover", "noloadbalance", "clonefrom", "nosync", "nostream");
    private static final List<String> NUMBERS = List.of("failover_priority", "sync_priority");

    private HaCheck() {}

    static void run(PgnodeConfig config, Findings findings) {
        HaConfig ha = config.ha();
        Timings timings = Timings.of(ha);
        timings(ha, timings, findings);
        holds(ha, findings);
        watchdog(ha.watchdog(), timings, findings);
        tags(config, findings);
        callbacks(ha.callbacks(), findings);
    }

    private static void timings(HaConfig ha, Timings timings, Findings findings) {
        ha.ttl()
                .ifPresent(
                        ttl ->
                                seconds(
                                        "ha.ttl",
                                        ttl,
                                        DynamicConfigCheck.MIN_TTL_SECONDS,
                                        findings));
        ha.loopWait().ifPresent(wait -> seconds("ha.loop-wait", wait, 1, findings));
        ha.retryTimeout().ifPresent(retry -> seconds("ha.retry-timeout", retry, 1, findings));
        boolean known =
                !findings.isBroken("ha.preset")
                        && !findings.isBroken("ha.ttl")
                        && !findings.isBroken("ha.loop-wait")
                        && !findings.isBroken("ha.retry-timeout");
        if (known && timings.ttl().compareTo(timings.shortestTtl()) < 0) {
            findings.add(
                    firstSet(findings, "ha.ttl", "ha.loop-wait", "ha.retry-timeout"),
                    "ha.ttl is "
                            + timings.ttl().toSeconds()
                            + " s, must be at least ha.loop-wait + 2 * ha.retry-timeout ("
                            + timings.loopWait().toSeconds()
                            + " + 2 * "
                            + timings.retryTimeout().toSeconds()
                            + " = "
                            + timings.shortestTtl().toSeconds()
                            + " s)",
                    "choose a preset alone, or change the three together");
        }
    }

    private static String firstSet(Findings findings, String... keys) {
        for (String key : keys) {
            if (findings.isSet(key)) {
                return key;
            }
        }
        return keys[0];
    }

    private static void seconds(String key, Duration duration, int least, Findings findings) {
        if (duration.toMillis() % 1000 != 0 || duration.toSeconds() < least) {
            findings.add(
                    key,
                    key
                            + " is "
                            + Durations.print(duration)
                            + ", must be whole seconds, at least "
                            + least
                            + " s",
                    "");
        }
    }

    private static void holds(HaConfig ha, Findings findings) {
        if (findings.isBroken("ha.hold-timeout") || findings.isBroken("ha.drain-timeout")) {
            return;
        }
        Duration shortest = ha.drainTimeout().plusSeconds(1);
        if (ha.holdTimeout().compareTo(shortest) < 0) {
            findings.add(
                    firstSet(findings, "ha.hold-timeout", "ha.drain-timeout"),
                    "ha.hold-timeout is "
                            + Durations.print(ha.holdTimeout())
                            + ", must be at least a second more than ha.drain-timeout ("
                            + Durations.print(ha.drainTimeout())
                            + ")",
                    "clients must wait for longer than others may take to end");
        }
    }

    private static void watchdog(
            HaConfig.WatchdogConfig watchdog, Timings timings, Findings findings) {
        FileCheck.absolute("ha.watchdog.device", watchdog.device(), findings);
        Duration longest = Timings.longestWatchdogMargin(timings.ttl());
        Duration margin = watchdog.safetyMargin().orElse(Duration.ZERO);
        if (!findings.isBroken("ha.ttl") && margin.compareTo(longest) > 0) {
            findings.add(
                    "ha.watchdog.safety-margin",
                    "ha.watchdog.safety-margin is "
                            + Durations.print(margin)
                            + ", must be at most three fifths of the lease ("
                            + Durations.print(longest)
                            + ")",
                    "leave it away for a margin that fits the lease");
        }
    }

    private static void tags(PgnodeConfig config, Findings findings) {
        Map<String, String> tags = config.ha().tags();
        for (String flag : FLAGS) {
            String value = tags.get(flag);
            if (value != null && !ValueTypes.of(Boolean.class).accepts(value)) {
                tag(flag, value, "true or false", findings);
            }
        }
        for (String number : NUMBERS) {
            String value = tags.get(number);
            if (value != null && !value.matches("[0-9]{1,6}")) {
                tag(number, value, "a whole number, zero or more", findings);
            }
        }
        String noFailover = tags.getOrDefault("nofailover", "");
        if (findings.isSet("role")
                && config.role() == NodeRole.PRIMARY
                && noFailover.equalsIgnoreCase("true")) {
            findings.add(
                    "ha.tags.nofailover",
                    "ha.tags.nofailover is true, but role is primary",
                    "a member that never becomes primary has role: replica");
        }
        if (config.role() == NodeRole.DELAYED && noFailover.equalsIgnoreCase("false")) {
            findings.add(
                    "ha.tags.nofailover",
                    "ha.tags.nofailover is false, but role is delayed, which is never promoted",
                    "remove the tag");
        }
        String upstream = tags.get("replicatefrom");
        if (upstream != null && upstream.equals(ownName(config))) {
            findings.add(
                    "ha.tags.replicatefrom",
                    "ha.tags.replicatefrom is " + upstream + ", this member itself",
                    "name another member, or remove the tag to stream from the leader");
        }
    }

    private static String ownName(PgnodeConfig config) {
        return config.name()
                .orElseGet(() -> config.cluster().orElse("") + "-" + config.seq().orElse(0));
    }

    private static void tag(String name, String value, String expected, Findings findings) {
        String key = "ha.tags." + name;
        findings.add(key, key + " is \"" + value + "\", must be " + expected, "");
    }

    private static void callbacks(HaConfig.Callbacks callbacks, Findings findings) {
        Map.of(
                        "on-start", callbacks.onStart(),
                        "on-stop", callbacks.onStop(),
                        "on-restart", callbacks.onRestart(),
                        "on-reload", callbacks.onReload(),
                        "on-role-change", callbacks.onRoleChange(),
                        "pre-promote", callbacks.prePromote(),
                        "before-stop", callbacks.beforeStop())
                .forEach(
                        (name, command) ->
                                command.ifPresent(
                                        given ->
                                                FileCheck.program(
                                                        "ha.callbacks." + name, given, findings)));
    }
}
