package io.pgnode.backup.core;

import java.util.Optional;

/**
 * Exit codes, with pgBackRest's numbers, so that scripts around it keep working. All are at most
 * 125: PostgreSQL tries the command again.
 */
public enum BackrestExit {
    /** Not an error: done. */
    OK(0),
    /** {@code archive-get}: proven not to be there. */
    NOT_FOUND(1),
    ASSERT(25),
    CHECKSUM(26),
    CONFIG(27),
    FILE_INVALID(28),
    FORMAT(29),
    COMMAND_REQUIRED(30),
    OPTION_INVALID(31),
    OPTION_INVALID_VALUE(32),
    OPTION_REQUIRED(37),
    POSTGRES_RUNNING(38),
    PROTOCOL(39),
    PATH_NOT_EMPTY(40),
    FILE_OPEN(41),
    FILE_READ(42),
    PARAM_REQUIRED(43),
    ARCHIVE_MISMATCH(44),
    ARCHIVE_DUPLICATE(45),
    VERSION_NOT_SUPPORTED(46),
    PATH_CREATE(47),
    HOST_CONNECT(49),
    LOCK_ACQUIRE(50),
    BACKUP_MISMATCH(51),
    FILE_SYNC(52),
    FILE_MISSING(55),
    DB_CONNECT(56),
    DB_QUERY(57),
    DB_MISMATCH(58),
    DB_TIMEOUT(59),
    STOPPED(62),
    TERMINATED(63),
    FILE_WRITE(64),
    LINK_DESTINATION(70),
    PATH_MISSING(73),
    BACKUP_SET_INVALID(75),
    TABLESPACE_MAP(76),
    LINK_MAP(78),
    DB_MISSING(80),
    ARCHIVE_TIMEOUT(82),
    ARCHIVE_DISABLED(87),
    CRYPTO(95),
    REPO_INVALID(103),
    COMMAND(104),
    ACCESS(105),
    CLOCK(106),
    RUNTIME(122),
    UNKNOWN(125);

    private final int code;

    BackrestExit(int code) {
        this.code = code;
    }

    /** The exit code of the process. */
    public int code() {
        return code;
    }

    /** The entry with that code, when it is one of ours. */
    public static Optional<BackrestExit> of(int code) {
        for (BackrestExit exit : values()) {
            if (exit.code == code) {
                return Optional.of(exit);
            }
        }
        return Optional.empty();
    }
}
