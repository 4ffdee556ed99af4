package io.pgnode.cli;

import io.pgnode.cluster.Member;
import java.io.IOException;
import java.time.Duration;

/** The REST API of the members, as an operator's commands use it. Thread-safe; calls block. */
interface MemberApi extends AutoCloseable {
    /**
     * @param text the answer's body
     */
    record Answer(int status, String text) {
        boolean isSuccess() {
            return status >= 200 && status < 300;
        }

        ExitCode exitCode() {
            if (isSuccess()) {
                return ExitCode.OK;
            }
            boolean denied = status == 401 || status == 403;
            return status >= 400 && status < 500 && !denied ? ExitCode.REFUSED : ExitCode.FAILED;
        }

        /** What to do about it; empty for nothing. */
        String hint() {
            return status == 401 || status == 403
                    ? "set rest.username and rest.password to those of the members"
                    : "";
        }
    }

    /** The member was not reached: it has not seen the request. */
    final class NotReached extends IOException {
        private static final long serialVersionUID = 1L;

        NotReached(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The member did not answer: it may have seen the request. */
    final class NoAnswer extends IOException {
        private static final long serialVersionUID = 1L;

        NoAnswer(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * @param path such as {@code /restart}
     * @param body JSON text; empty for none
     * @throws NotReached when the request was certainly not seen
     * @throws NoAnswer when it may have been
     */
    Answer call(Member member, String method, String path, String body, Duration timeout)
            throws IOException;

    @Override
    void close();
}
