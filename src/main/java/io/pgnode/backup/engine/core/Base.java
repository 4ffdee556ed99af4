package io.pgnode.backup.engine.core;

import io.pgnode.backup.core.BackupInfo;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupSummary;
import io.pgnode.backup.core.BackupType;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a backup is based on.
 *
 * @param type full when there is nothing to base another on
 * @param prior null for a full backup
 */
public record Base(BackupType type, @Nullable BackupLabel prior) {
    public static final Base NONE = new Base(BackupType.FULL, null);

    public static Base choose(BackupType wanted, BackupInfo info) {
        Optional<BackupLabel> prior =
                info.backups().stream()
                        .filter(it -> it.databaseId() == info.databases().currentId())
                        .filter(
                                it ->
                                        switch (wanted) {
                                            case FULL -> false;
                                            case DIFF -> it.type() == BackupType.FULL;
                                            case INCR -> true;
                                        })
                        .map(BackupSummary::label)
                        .max(Comparator.comparing(BackupLabel::stamp));
        return prior.map(label -> new Base(wanted, label)).orElse(NONE);
    }

    /** What the label of a backup of this base is at a time. */
    public BackupLabel label(Instant time, ZoneId zone) {
        return BackupLabel.of(type, prior, time, zone);
    }

    /**
     * How long to wait until a label made then sorts after all that are there; zero when it does
     * already.
     */
    public static Duration untilNext(Collection<BackupLabel> labels, Instant time, ZoneId zone) {
        Optional<BackupLabel> newest =
                labels.stream().max(Comparator.comparing(BackupLabel::stamp));
        if (newest.isEmpty()
                || BackupLabel.of(BackupType.FULL, null, time, zone)
                                .stamp()
                                .compareTo(newest.get().stamp())
                        > 0) {
            return Duration.ZERO;
        }
        Instant free = newest.get().time(zone).plusSeconds(1);
        Duration wait = Duration.between(time, free);
        return wait.isPositive() ? wait : Duration.ofSeconds(1);
    }
}
