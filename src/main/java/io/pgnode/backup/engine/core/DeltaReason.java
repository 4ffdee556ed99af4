package io.pgnode.backup.engine.core;

import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.backup.core.WalSegment;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Why times of files cannot be trusted, so that their contents are compared. */
public final class DeltaReason {
    private DeltaReason() {}

    /**
     * @param files as they were listed
     * @param prior null for a full backup
     * @param copyStart no file was modified later when they were listed
     * @return a sentence for the log; empty when times are enough
     */
    public static Optional<String> find(
            List<ManifestFile> files, @Nullable Manifest prior, Instant copyStart, int timeline) {
        if (prior != null) {
            if (!prior.options().online()) {
                return Optional.of("the prior backup was made offline");
            }
            WalSegment stop = prior.header().archiveStop();
            if (stop != null && stop.timeline() != timeline) {
                return Optional.of(
                        "the timeline changed from " + stop.timeline() + " to " + timeline);
            }
        }
        for (ManifestFile file : files) {
            if (file.timestamp().isAfter(copyStart)) {
                return Optional.of(file.name() + " was modified in the future");
            }
            Optional<String> reason =
                    prior == null
                            ? Optional.empty()
                            : prior.find(file.name()).flatMap(before -> compare(file, before));
            if (reason.isPresent()) {
                return reason;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> compare(ManifestFile file, ManifestFile before) {
        if (file.timestamp().isBefore(before.timestamp())) {
            return Optional.of(file.name() + " has an earlier time than in the prior backup");
        }
        if (file.timestamp().equals(before.timestamp()) && file.size() != before.originalSize()) {
            return Optional.of(file.name() + " has another size at the same time");
        }
        return Optional.empty();
    }
}
