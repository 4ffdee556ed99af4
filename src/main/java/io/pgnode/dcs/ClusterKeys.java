package io.pgnode.dcs;

import io.pgnode.model.MemberName;

/** The names of one cluster's keys: Patroni's, and ours under {@code pgnode/}. */
final class ClusterKeys {
    static final String LEADER = "leader";
    static final String MEMBERS = "members/";
    static final String CONFIG = "config";
    static final String INITIALIZE = "initialize";
    static final String STATUS = "status";
    static final String OPTIME = "optime/leader";
    static final String SYNC = "sync";
    static final String FAILOVER = "failover";
    static final String HISTORY = "history";
    static final String FAILSAFE = "failsafe";
    static final String EPOCH = "pgnode/epoch";
    static final String LEADER_INFO = "pgnode/leader_info";
    static final String TIMELINE = "pgnode/timeline";
    static final String HANDOFF = "pgnode/handoff";
    static final String SUSPENSION = "pgnode/suspension";
    static final String RECOVERY = "pgnode/recovery";
    static final String WANTED_BACKUP = "pgnode/backup/wanted";

    private final String prefix;

    /**
     * @param namespace such as {@code /service}, with or without slashes around it
     */
    ClusterKeys(String namespace, String scope) {
        String inner = namespace;
        while (inner.startsWith("/")) {
            inner = inner.substring(1);
        }
        while (inner.endsWith("/")) {
            inner = inner.substring(0, inner.length() - 1);
        }
        this.prefix = (inner.isEmpty() ? "/" : "/" + inner + "/") + scope + "/";
    }

    String prefix() {
        return prefix;
    }

    String key(String name) {
        return prefix + name;
    }

    String member(MemberName name) {
        return prefix + MEMBERS + name.value();
    }

    /** The name of a key under our prefix, such as {@code members/pg-test-1}. */
    String name(String key) {
        return key.substring(prefix.length());
    }
}
