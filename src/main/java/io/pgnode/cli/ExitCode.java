package io.pgnode.cli;

/** Every exit code of every command. The table in docs/cli.md and in {@code --help} is this one. */
public enum ExitCode {
    OK(0, "done"),
    FAILED(1, "the command failed; the message says why"),
    USAGE(2, "wrong option, argument or configuration; nothing was started or changed"),
    UNAVAILABLE(3, "the cluster has no leader, or DCS or member cannot be reached"),
    REFUSED(4, "refused: the cluster's state forbids it, or nobody confirmed it"),
    INTERRUPTED(130, "stopped by Ctrl-C (SIGINT)"),
    TERMINATED(143, "stopped by SIGTERM");

    private final int code;
    private final String meaning;

    ExitCode(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    public int code() {
        return code;
    }

    public String meaning() {
        return meaning;
    }
}
