package io.pgnode.backup.restore;

import io.pgnode.backup.restore.core.RestoreTarget;
import io.pgnode.backup.restore.core.TargetAction;
import io.pgnode.backup.restore.core.TargetTimeline;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is to be restored, and where to. {@link #of} makes the plainest one, {@link #toBuilder}
 * changes it.
 *
 * @param dataDir where the data directory comes, absolute
 * @param restoreCommand the server's {@code restore_command}
 * @param set the backup's label; null to choose by the target
 * @param delta what is there already is used where it is the same, and removed where it is not in
 *     the backup
 * @param standby the server stays one
 * @param archiveModeOff the server must not archive: a copy beside the original
 * @param settings further ones for postgresql.auto.conf
 * @param tablespaceMap where tablespaces come, by name or oid
 * @param tablespaceMapAll directory below which all others come, by their names; null to leave them
 *     where they were
 * @param linkMap where linked files and directories come, by their names in the data directory
 * @param linkAll links come back as links, to where they led; otherwise as what they led to
 * @param workers threads that copy, 1 or more
 * @param otherSystem another cluster's data directory may be overwritten
 * @param unreachable a target may be tried although the archive has not all of its WAL
 */
public record RestoreRequest(
        Path dataDir,
        String restoreCommand,
        @Nullable String set,
        RestoreTarget target,
        TargetTimeline timeline,
        TargetAction action,
        boolean delta,
        boolean standby,
        boolean archiveModeOff,
        Map<String, String> settings,
        Map<String, Path> tablespaceMap,
        @Nullable Path tablespaceMapAll,
        Map<String, Path> linkMap,
        boolean linkAll,
        int workers,
        boolean otherSystem,
        boolean unreachable) {
    private static final int MAX_WORKERS = 64;

    public RestoreRequest {
        if (!dataDir.isAbsolute()) {
            throw new IllegalArgumentException(
                    "data directory must be absolute, was \"" + dataDir + "\"");
        }
        if (workers < 1 || workers > MAX_WORKERS) {
            throw new IllegalArgumentException(
                    "workers must be 1.." + MAX_WORKERS + ", was " + workers);
        }
        dataDir = dataDir.normalize();
        settings = Map.copyOf(settings);
        tablespaceMap = Map.copyOf(tablespaceMap);
        linkMap = Map.copyOf(linkMap);
    }

    /** Of the newest backup, to the end of the archived WAL, into an empty directory. */
    public static RestoreRequest of(Path dataDir, String restoreCommand) {
        return new RestoreRequest(
                dataDir,
                restoreCommand,
                null,
                new RestoreTarget.End(),
                new TargetTimeline.Latest(),
                TargetAction.PAUSE,
                false,
                false,
                false,
                Map.of(),
                Map.of(),
                null,
                Map.of(),
                false,
                1,
                false,
                false);
    }

    public Builder toBuilder() {
        return new Builder(this);
    }

    /** A request that is being changed. One thread at a time. */
    public static final class Builder {
        private final Path dataDir;
        private final String restoreCommand;
        private @Nullable String set;
        private RestoreTarget target;
        private TargetTimeline timeline;
        private TargetAction action;
        private boolean delta;
        private boolean standby;
        private boolean archiveModeOff;
        private Map<String, String> settings;
        private Map<String, Path> tablespaceMap;
        private @Nullable Path tablespaceMapAll;
        private Map<String, Path> linkMap;
        private boolean linkAll;
        private int workers;
        private boolean otherSystem;
        private boolean unreachable;

        private Builder(RestoreRequest from) {
            this.dataDir = from.dataDir;
            this.restoreCommand = from.restoreCommand;
            this.set = from.set;
            this.target = from.target;
            this.timeline = from.timeline;
            this.action = from.action;
            this.delta = from.delta;
            this.standby = from.standby;
            this.archiveModeOff = from.archiveModeOff;
            this.settings = from.settings;
            this.tablespaceMap = from.tablespaceMap;
            this.tablespaceMapAll = from.tablespaceMapAll;
            this.linkMap = from.linkMap;
            this.linkAll = from.linkAll;
            this.workers = from.workers;
            this.otherSystem = from.otherSystem;
            this.unreachable = from.unreachable;
        }

        public RestoreRequest build() {
            return new RestoreRequest(
                    dataDir,
                    restoreCommand,
                    set,
                    target,
                    timeline,
                    action,
                    delta,
                    standby,
                    archiveModeOff,
                    settings,
                    tablespaceMap,
                    tablespaceMapAll,
                    linkMap,
                    linkAll,
                    workers,
                    otherSystem,
                    unreachable);
        }

        public Builder set(@Nullable String value) {
            this.set = value;
            return this;
        }

        public Builder target(RestoreTarget value) {
            this.target = value;
            return this;
        }

        public Builder timeline(TargetTimeline value) {
            this.timeline = value;
            return this;
        }

        public Builder action(TargetAction value) {
            this.action = value;
            return this;
        }

        public Builder delta(boolean value) {
            this.delta = value;
            return this;
        }

        public Builder standby(boolean value) {
            this.standby = value;
            return this;
        }

        public Builder archiveModeOff(boolean value) {
            this.archiveModeOff = value;
            return this;
        }

        public Builder settings(Map<String, String> value) {
            this.settings = value;
            return this;
        }

        public Builder tablespaceMap(Map<String, Path> value) {
            this.tablespaceMap = value;
            return this;
        }

        public Builder tablespaceMapAll(@Nullable Path value) {
            this.tablespaceMapAll = value;
            return this;
        }

        public Builder linkMap(Map<String, Path> value) {
            this.linkMap = value;
            return this;
        }

        public Builder linkAll(boolean value) {
            this.linkAll = value;
            return this;
        }

        public Builder workers(int value) {
            this.workers = value;
            return this;
        }

        public Builder otherSystem(boolean value) {
            this.otherSystem = value;
            return this;
        }

        public Builder unreachable(boolean value) {
            this.unreachable = value;
            return this;
        }
    }
}
