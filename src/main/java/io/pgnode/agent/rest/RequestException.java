package io.pgnode.agent.rest;

/** A request that cannot be served as it is: a status code with a text that says why. */
final class RequestException extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;

    RequestException(int status, String message) {
        super(message);
        this.status = status;
    }

    Answer answer() {
        String text = getMessage();
        return Answer.text(status, text == null ? "" : text);
    }
}
