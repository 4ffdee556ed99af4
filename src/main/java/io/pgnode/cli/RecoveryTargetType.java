package io.pgnode.cli;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Up to where WAL is replayed, by the names of pgBackRest's option {@code --type}. */
enum RecoveryTargetType {
    /** To the end of the archive. */
    DEFAULT,
    /** To where the backup is consistent. */
    IMMEDIATE,
    TIME,
    XID,
    LSN,
    NAME;

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What is wrong with the options; empty when nothing is. */
    String problem(@Nullable String target, boolean exclusive) {
        return switch (this) {
            case DEFAULT, IMMEDIATE ->
                    target != null || exclusive
                            ? "--target and --target-exclusive need a --type of time, xid, lsn or"
                                    + " name, which is "
                                    + text()
                            : "";
            case NAME ->
                    target == null
                            ? "--type=name needs a --target"
                            : exclusive ? "--target-exclusive has no meaning for a name" : "";
            case TIME, XID, LSN -> target == null ? "--type=" + text() + " needs a --target" : "";
        };
    }

    /** For a sentence. */
    String describe(@Nullable String target) {
        return switch (this) {
            case DEFAULT -> "at the end of the archived WAL";
            case IMMEDIATE -> "at the end of the backup";
            case TIME -> "at " + target;
            case XID -> "at transaction " + target;
            case LSN -> "at LSN " + target;
            case NAME -> "at the restore point " + target;
        };
    }
}
