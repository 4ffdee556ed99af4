package io.pgnode.testing;

/** What an {@link S3Server} does instead of what it is asked. */
public sealed interface S3Fault {
    /** Refuses, having done nothing. */
    record Refusal(int status, String code) implements S3Fault {}

    /** Answers with this body, as what is in front of a store may do. */
    record Page(int status, String body) implements S3Fault {}

    /** Never answers, until the server is closed. */
    record Silence() implements S3Fault {}

    /** Closes the connection, having read nothing of the body and done nothing. */
    record Reset() implements S3Fault {}

    /** Does what it is asked, and closes the connection without an answer. */
    record LostAnswer() implements S3Fault {}

    /** Breaks off the answer's body after some bytes. */
    record CutAnswer(int bytes) implements S3Fault {}

    /** Stops in the answer's body after some bytes, and keeps the connection. */
    record StuckAnswer(int bytes) implements S3Fault {}

    /** Says 200, and in the body that it is an error; having done nothing. */
    record ErrorIn200(String code) implements S3Fault {}
}
