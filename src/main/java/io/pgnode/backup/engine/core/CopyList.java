package io.pgnode.backup.engine.core;

import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which files of a data directory belong to a backup. Paths are relative to the data directory,
 * tablespaces below {@code pg_tblspc/<oid>}.
 *
 * @param majorVersion of the server
 * @param tablespaceDirectory where this version has its files in a tablespace: {@code
 *     PG_15_202209061}
 */
public record CopyList(int majorVersion, String tablespaceDirectory) {
    public static final String CONTROL_FILE = "global/pg_control";

    private static final Set<String> EMPTIED =
            Set.of(
                    "pg_wal",
                    "pg_stat_tmp",
                    "pg_replslot",
                    "pg_dynshmem",
                    "pg_notify",
                    "pg_serial",
                    "pg_snapshots",
                    "pg_subtrans");
    private static final Set<String> SKIPPED_AT_TOP =
            Set.of(
                    "postmaster.pid",
                    "postmaster.opts",
                    "postgresql.auto.conf.tmp",
                    "current_logfiles.tmp",
                    "backup_label",
                    "backup_label.old",
                    "tablespace_map",
                    "tablespace_map.old",
                    "backup_manifest",
                    "backup_manifest.tmp",
                    "recovery.signal",
                    "standby.signal");
    private static final Set<String> WITHOUT_PAGES =
            Set.of("pg_filenode.map", "PG_VERSION", "pg_control");
    private static final Pattern INIT_CACHE = Pattern.compile("pg_internal\\.init(\\.\\d+)?");
    private static final Pattern DATABASE_DIRECTORY =
            Pattern.compile("global|base/\\d+|pg_tblspc/\\d+/[^/]+/\\d+");
    private static final int SUMMARIES = 17;

    /** Whether an entry stays out, with all below it when it is a directory. */
    public boolean isSkipped(String directory, String name, boolean isDirectory) {
        if (name.startsWith("pgsql_tmp") || name.equals(".DS_Store")) {
            return true;
        }
        if (EMPTIED.contains(directory)) {
            return !(directory.equals("pg_wal")
                    && isDirectory
                    && (name.equals("archive_status")
                            || name.equals("summaries") && majorVersion >= SUMMARIES));
        }
        if (directory.equals("pg_wal/archive_status") || directory.equals("pg_wal/summaries")) {
            return true;
        }
        if (isTablespace(directory)) {
            return !name.equals(tablespaceDirectory);
        }
        if (isDirectory) {
            return false;
        }
        return directory.isEmpty() && SKIPPED_AT_TOP.contains(name)
                || INIT_CACHE.matcher(name).matches();
    }

    private static boolean isTablespace(String directory) {
        return directory.startsWith("pg_tblspc/")
                && directory.indexOf('/', "pg_tblspc/".length()) < 0;
    }

    /** Whether a directory holds the files of relations. */
    public static boolean holdsRelations(String directory) {
        return DATABASE_DIRECTORY.matcher(directory).matches();
    }

    /**
     * Which of a database directory's files stay out: those of temporary relations, and of unlogged
     * ones all but what they start with. The whole directory must have been listed.
     */
    public static Set<String> skippedRelations(Collection<String> names) {
        Set<String> unlogged = new HashSet<>();
        for (String name : names) {
            RelationName.parse(name)
                    .filter(it -> it.fork() == RelationName.Fork.INIT && !it.isTemporary())
                    .ifPresent(it -> unlogged.add(it.filenode()));
        }
        Set<String> skipped = new HashSet<>();
        for (String name : names) {
            RelationName.parse(name)
                    .filter(
                            it ->
                                    it.isTemporary()
                                            || it.fork() != RelationName.Fork.INIT
                                                    && unlogged.contains(it.filenode()))
                    .ifPresent(_ -> skipped.add(name));
        }
        return skipped;
    }

    /** The relation that a file is of, when its pages have checksums to be checked. */
    public static Optional<RelationName> pages(String path) {
        int slash = path.lastIndexOf('/');
        if (slash < 0 || !holdsRelations(path.substring(0, slash))) {
            return Optional.empty();
        }
        String name = path.substring(slash + 1);
        return WITHOUT_PAGES.contains(name) ? Optional.empty() : RelationName.parse(name);
    }
}
