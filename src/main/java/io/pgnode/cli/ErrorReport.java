package io.pgnode.cli;

import io.pgnode.backup.core.BackupException;
import io.pgnode.cli.text.Style;
import io.pgnode.dcs.DcsException;
import io.pgnode.postgres.PostgresException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;

/**
 * What an operator sees of a failure, on standard error.
 *
 * @param message what, where and why, without a final stop
 * @param hint what to do next; empty for nothing
 */
public record ErrorReport(ExitCode exitCode, String message, String hint) {
    static ErrorReport of(Throwable failure) {
        return switch (failure) {
            case CliException e -> new ErrorReport(e.exitCode(), message(e), e.hint());
            case DcsException e -> dcs(e);
            case UncheckedIOException e -> new ErrorReport(ExitCode.FAILED, file(cause(e)), "");
            case IOException e -> new ErrorReport(ExitCode.FAILED, file(e), "");
            case BackupException e -> backup(e);
            case PostgresException e -> new ErrorReport(ExitCode.FAILED, message(e), e.hint());
            case SQLException e -> new ErrorReport(ExitCode.FAILED, message(e), "");
            case InterruptedException _ -> new ErrorReport(ExitCode.INTERRUPTED, "interrupted", "");
            case IllegalArgumentException e when e.getMessage() != null ->
                    new ErrorReport(ExitCode.USAGE, message(e), "");
            default ->
                    new ErrorReport(
                            ExitCode.FAILED,
                            "unexpected " + failure.getClass().getSimpleName() + detail(failure),
                            "this is a bug: run the command again with --debug and report it");
        };
    }

    /** The hint is part of the exception's text, too. */
    private static ErrorReport backup(BackupException e) {
        String text = message(e);
        int end = text.indexOf("\nHINT: ");
        ExitCode code =
                switch (e.exit()) {
                    case CONFIG, OPTION_INVALID, OPTION_INVALID_VALUE, OPTION_REQUIRED ->
                            ExitCode.USAGE;
                    case LOCK_ACQUIRE, STOPPED, POSTGRES_RUNNING, PATH_NOT_EMPTY ->
                            ExitCode.REFUSED;
                    case TERMINATED -> ExitCode.INTERRUPTED;
                    default -> ExitCode.FAILED;
                };
        String hint = e.hint();
        return new ErrorReport(
                code, end < 0 ? text : text.substring(0, end), hint == null ? "" : hint);
    }

    private static ErrorReport dcs(DcsException e) {
        String hint =
                switch (e.kind()) {
                    case UNKNOWN ->
                            "is the DCS running, and are the endpoints right (dcs.endpoints, or"
                                    + " --dcs)?";
                    case DENIED -> "check dcs.username, dcs.password and the certificates";
                    case INVALID, LEASE_NOT_FOUND, COMPACTED, CLOSED -> "";
                };
        return new ErrorReport(ExitCode.UNAVAILABLE, "DCS: " + message(e), hint);
    }

    /** Exceptions about files mostly have nothing but the file's name as their text. */
    private static String file(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file: " + e.getMessage();
            case AccessDeniedException _ -> "permission denied: " + e.getMessage();
            default -> message(e);
        };
    }

    private static IOException cause(UncheckedIOException e) {
        return e.getCause() == null ? new IOException(message(e)) : e.getCause();
    }

    private static String message(Throwable e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static String detail(Throwable e) {
        return e.getMessage() == null ? "" : ": " + e.getMessage();
    }

    /** Lines of text, each ended by a newline. */
    String text(boolean colour) {
        String head = Style.BAD.paint("pgnode: error:", colour) + " " + message + "\n";
        return hint.isEmpty()
                ? head
                : head + Style.ACCENT.paint("HINT:", colour) + " " + hint + "\n";
    }
}
