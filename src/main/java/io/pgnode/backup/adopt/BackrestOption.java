package io.pgnode.backup.adopt;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A key of pgBackRest's files without its number: {@code repo2-path} is {@code repo-path} of 2.
 *
 * @param name by today's name, whatever release it was written for
 * @param index the repository or cluster it is about, from 1; 0 when it is about none
 */
record BackrestOption(String name, int index) {
    private static final Pattern NUMBERED = Pattern.compile("(repo|pg|db)(\\d{1,3})?-(.+)");

    /** Names of earlier releases, without their numbers. */
    private static final Map<String, String> FORMER =
            Map.ofEntries(
                    Map.entry("archive-queue-max", "archive-push-queue-max"),
                    Map.entry("backup-host", "repo-host"),
                    Map.entry("backup-user", "repo-host-user"),
                    Map.entry("hardlink", "repo-hardlink"),
                    Map.entry("retention-archive", "repo-retention-archive"),
                    Map.entry("retention-archive-type", "repo-retention-archive-type"),
                    Map.entry("retention-diff", "repo-retention-diff"),
                    Map.entry("retention-full", "repo-retention-full"),
                    Map.entry("thread-max", "process-max"),
                    Map.entry("repo-s3-ca-file", "repo-storage-ca-file"),
                    Map.entry("repo-s3-ca-path", "repo-storage-ca-path"),
                    Map.entry("repo-s3-host", "repo-storage-host"),
                    Map.entry("repo-s3-port", "repo-storage-port"),
                    Map.entry("repo-s3-verify-ssl", "repo-storage-verify-tls"),
                    Map.entry("repo-s3-verify-tls", "repo-storage-verify-tls"));

    static BackrestOption parse(String key) {
        Matcher parts = NUMBERED.matcher(key);
        if (!parts.matches()) {
            String name = FORMER.getOrDefault(key, key);
            return new BackrestOption(name, name.startsWith("repo-") ? 1 : 0);
        }
        String group = parts.group(1).equals("db") ? "pg" : parts.group(1);
        if (parts.group(1).equals("db") && isFilterOfDatabases(parts.group(3))) {
            return new BackrestOption(key, 0);
        }
        String name = group + "-" + parts.group(3);
        int index = parts.group(2) == null ? 1 : Integer.parseInt(parts.group(2));
        return new BackrestOption(FORMER.getOrDefault(name, name), index);
    }

    /** {@code db-include} and its like are about databases, not about a cluster. */
    private static boolean isFilterOfDatabases(String rest) {
        return rest.equals("include") || rest.equals("exclude") || rest.equals("timeout");
    }

    boolean isOfRepository() {
        return name.startsWith("repo-");
    }

    boolean isOfCluster() {
        return name.startsWith("pg-");
    }

    /** Values that must not be shown. */
    boolean isSecret() {
        return switch (name) {
            case "repo-cipher-pass",
                    "repo-s3-key",
                    "repo-s3-key-secret",
                    "repo-s3-token",
                    "repo-s3-sse-customer-key",
                    "repo-azure-key",
                    "repo-azure-account",
                    "repo-gcs-key",
                    "repo-sftp-private-key-passphrase" ->
                    true;
            default -> false;
        };
    }

    /** Whether it may stand in a section several times, each time with one more value. */
    boolean isList() {
        return switch (name) {
            case "exclude",
                    "annotation",
                    "db-include",
                    "db-exclude",
                    "recovery-option",
                    "link-map",
                    "tablespace-map",
                    "repo-storage-tag",
                    "repo-sftp-known-host",
                    "tls-server-auth" ->
                    true;
            default -> false;
        };
    }
}
