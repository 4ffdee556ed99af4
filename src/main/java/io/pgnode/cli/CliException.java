package io.pgnode.cli;

import org.jspecify.annotations.Nullable;

/** Why a command ends without success: one sentence, and what the operator can do next. */
public final class CliException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode exitCode;
    private final String hint;

    /**
     * @param hint empty for none
     */
    public CliException(ExitCode exitCode, String message, String hint) {
        this(exitCode, message, hint, null);
    }

    public CliException(ExitCode exitCode, String message, String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
        this.hint = hint;
    }

    public ExitCode exitCode() {
        return exitCode;
    }

    public String hint() {
        return hint;
    }
}
