package io.pgnode.postgres.core;

import io.pgnode.model.Lsn;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the backup repository has for a replica: lines of name and value, as the restore program
 * prints them.
 *
 * @param backup its label
 * @param repository number of the one that it is in
 * @param systemId of the cluster that the backup is of
 * @param timeline of the backup
 * @param consistent where the backup is
 * @param nextSegment the first one after the backup's that the archive lacks
 * @param nextBegin the position of its first byte
 * @param dataBytes of the files
 * @param storedBytes that are read for them
 * @param walBytes to replay from the archive
 * @param outside tablespaces and links that lead out of the data directory
 * @param workers threads that copy, 1 or more
 */
public record RepositoryOffer(
        String backup,
        int repository,
        String systemId,
        int timeline,
        Lsn consistent,
        String nextSegment,
        Lsn nextBegin,
        long dataBytes,
        long storedBytes,
        long walBytes,
        int outside,
        int workers) {
    public RepositoryOffer {
        if (dataBytes < 0 || storedBytes < 0 || walBytes < 0 || workers < 1) {
            throw new IllegalArgumentException(
                    "bytes must not be negative and workers at least 1, were %d, %d, %d and %d"
                            .formatted(dataBytes, storedBytes, walBytes, workers));
        }
        if (!nextSegment.matches("[0-9A-F]{24}")) {
            throw new IllegalArgumentException(
                    "\"" + nextSegment + "\" is not the name of a WAL segment");
        }
    }

    /**
     * @throws IllegalArgumentException when a line lacks or does not say what it should
     */
    public static RepositoryOffer parse(String text) {
        Map<String, String> values = new HashMap<>();
        text.lines()
                .forEach(
                        line -> {
                            int equals = line.indexOf('=');
                            if (equals > 0) {
                                values.put(line.substring(0, equals), line.substring(equals + 1));
                            }
                        });
        return new RepositoryOffer(
                value(values, "backup"),
                Integer.parseInt(value(values, "repository")),
                value(values, "system-id"),
                Integer.parseUnsignedInt(value(values, "timeline")),
                Lsn.parse(value(values, "consistent")),
                value(values, "next-segment"),
                Lsn.parse(value(values, "next-begin")),
                Long.parseLong(value(values, "data-bytes")),
                Long.parseLong(value(values, "repository-bytes")),
                Long.parseLong(value(values, "wal-bytes")),
                Integer.parseInt(value(values, "outside")),
                Integer.parseInt(value(values, "workers")));
    }

    private static String value(Map<String, String> values, String name) {
        return Optional.ofNullable(values.get(name))
                .orElseThrow(
                        () -> new IllegalArgumentException("the restore program says no " + name));
    }
}
